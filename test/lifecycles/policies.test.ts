import { expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { findingsOf } from '../../lifecycles/findings.ts';
import { order } from '../../lifecycles/order.ts';
import { brokenRules, resolved, textOf } from '../../lifecycles/policies.ts';
import { createRegistry } from '../../lifecycles/registry.ts';
import { days, endOf, hours, isShorter, minutes, type Span, workingDays } from '../../lifecycles/spans.ts';
import { supervision } from '../../lifecycles/supervision.ts';

const registry = createRegistry();

test('one span is shorter than another only when it ends first from every day of the known years (TIM-1)', () => {
  const spans: Span[] = [minutes(30), hours(24), days(3), days(9), days(30), ...[1, 3, 5, 10, 15].map(workingDays)];
  const starts = Array.from({ length: 3 * 365 }, (_, n) => Date.parse('2024-01-01T15:00:00+08:00') + n * 86_400_000);
  const wrong = spans.flatMap((one) =>
    spans
      .filter((other) => isShorter(one, other) && starts.some((from) => endOf(one, from, shanghai) >= endOf(other, from, shanghai)))
      .map((other) => [one, other]),
  );
  expect(wrong).toEqual([]);
  expect([isShorter(minutes(30), hours(3)), isShorter(workingDays(1), workingDays(3)), isShorter(hours(23), workingDays(1))]).toEqual([true, true, true]);
  expect([isShorter(hours(3), hours(3)), isShorter(workingDays(1), days(3)), isShorter(workingDays(3), days(30))]).toEqual([false, false, true]);
});

test('policies that contradict each other are seen, in working days and in days', () => {
  const broken = (values: Record<string, Span | number>) => brokenRules(supervision, resolved(supervision, [values])).map(({ policies }) => policies.join(' '));
  expect(broken({})).toEqual([]);
  expect(broken({ reviewWithin: workingDays(1), remindBefore: days(5) })).toContain('remindBefore reviewWithin');
  expect(broken({ codeEvery: hours(2) })).toEqual(['codeEvery codeWithin']);
  expect([broken({ autoAcceptAfter: 1 }), broken({ autoAcceptAfter: 2 })]).toEqual([['remindBefore autoAcceptAfter'], []]);
});

test('the first sound value of the layers is in force, one that cannot be is passed over', () => {
  const inForce = (...layers: (Record<string, unknown> | undefined)[]) => resolved(order, layers).payWithin;
  expect(inForce()).toEqual(order.policies.payWithin.default);
  expect(inForce({ payWithin: minutes(5) }, { payWithin: hours(1) })).toEqual(minutes(5));
  expect(inForce(undefined, { payWithin: hours(1) })).toEqual(hours(1));
  for (const junk of [
    0,
    3,
    '1 h',
    null,
    [],
    {},
    { ms: '1' },
    { ms: 0 },
    { ms: -1 },
    { ms: 1e15 },
    { ms: 1.5 },
    { workingDays: 1e9 },
    { ms: 1, workingDays: 1 },
  ])
    expect(inForce({ payWithin: junk }, { payWithin: hours(1) })).toEqual(hours(1));
});

test('a value is said as people say it', () => {
  const said = [hours(24), hours(36), minutes(90), { ms: 1_500 }, workingDays(1), workingDays(15), 3].map((value) => textOf(value));
  expect(said.map(({ zh, en }) => `${zh} | ${en}`)).toEqual([
    '1 天 | 1 day',
    '36 小时 | 36 hours',
    '90 分钟 | 90 minutes',
    '1500 毫秒 | 1500 milliseconds',
    '1 个工作日 | 1 working day',
    '15 个工作日 | 15 working days',
    '3 | 3',
  ]);
});

test('policies that are declared badly are found before anything runs', () => {
  const label = { zh: '支付早于开通', en: 'paying takes less than opening' };
  const found = (broken: Partial<Lifecycle>) =>
    findingsOf({ lifecycle: { ...order, ...broken } as Lifecycle, registry, calendar: shanghai }).map(({ what }) => what);
  expect(found({ policyRules: [{ policies: ['payWithin', 'patience'], label, holds: () => true }] })).toEqual([
    'a policy rule speaks of "patience", which is no policy',
  ]);
  expect(found({ policyRules: [{ policies: ['payWithin', 'openWithin'], label, holds: () => false }] })).toEqual([
    'the policies’ defaults contradict each other: expected that paying takes less than opening',
  ]);
  const payWithin = { ...order.policies.payWithin, default: { ms: 0 } };
  expect(found({ policies: { ...order.policies, payWithin } })).toEqual(['policy payWithin has a default that it could not be set to']);
});
