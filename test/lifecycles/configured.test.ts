import { expect, test } from 'vitest';
import { evidenceIn } from '../../lifecycles/evidence.ts';
import { brokenRules, resolved } from '../../lifecycles/policies.ts';
import { messageOf } from '../../lifecycles/problem.ts';
import { lifecycles } from '../../lifecycles/registry.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { days } from '../../lifecycles/spans.ts';
import { cast, day, file } from './cast.ts';
import { accepted, aService, aSupervision, daysIn, said, send } from './stories.ts';

test('whoever takes files takes as many in a step as the policy says, ten by default (SUP-9)', () => {
  const takesFiles = lifecycles.filter(({ commands, opening }) =>
    [...Object.values(commands), ...(opening ? [opening.command] : [])].some(({ input }) =>
      samplesOf(input).some((sample) => evidenceIn(sample as never).length > 0),
    ),
  );
  expect(takesFiles.map(({ name, policies }) => [name, policies.filesPerStep?.default])).toEqual(takesFiles.map(({ name }) => [name, 10]));
  expect(takesFiles.map(({ name }) => name)).toEqual(expect.arrayContaining(['supervision', 'refund', 'invoiceWaiver']));

  const model = aSupervision({ policies: { supervision: { filesPerStep: 2 } } });
  const upload = (count: number) => send(model, 'uploadAcceptance', { input: { files: Array(count).fill(file) } });
  const answer = upload(3);
  expect(answer.ok ? null : messageOf(answer.problem)).toMatchInlineSnapshot(`
    {
      "en": "The input is not valid: files: Expected at most 2 files in one step, got 3; put some of them together (SUP-9). Correct it and send it again.",
      "zh": "输入有误：files: 一步最多 2 个文件，收到的是 3 个；请合并后重新提交（SUP-9）。请更正后重试。",
    }
  `);
  expect(said(upload(2))).toBe('ok');
});

test('the reminders of an expiry come when the policies say, and tell what is left (ORD-5)', () => {
  const policies = { serviceInstance: { firstReminder: days(20), secondReminder: days(10), lastReminder: days(2), releaseAfter: days(3) } };
  const model = aService({ period: { unit: 'month', count: 1 }, policies });
  const from = model.messages.length;
  model.advance(60 * day);
  expect(model.messages.slice(from).map(({ at, event, text }) => `day ${daysIn(at)}: ${event}: ${text.zh} ${text.en}`)).toMatchInlineSnapshot(`
    [
      "day 11: expiresIn30Days: 服务即将到期，请及时续费。将于 20 天后到期。 The period of your service is nearly over; renew it in time. It expires in 20 days.",
      "day 21: expiresIn7Days: 服务即将到期，请及时续费。将于 10 天后到期。 The period of your service is nearly over; renew it in time. It expires in 10 days.",
      "day 29: expiresTomorrow: 服务即将到期，请及时续费。将于 2 天后到期。 The period of your service is nearly over; renew it in time. It expires in 2 days.",
      "day 31: expired: 服务已到期冻结。 The service has expired and is suspended.",
      "day 34: releaseDue: 服务已释放。 The service is released.",
    ]
  `);
});

test('the warnings of a package come at the parts that the policies say (MET-1)', () => {
  const model = aService({ policies: { serviceInstance: { warnAt: 50, warnAgainAt: 60 } } });
  const service = model.only('serviceInstance');
  if (!service) throw new Error('expected a service');
  model.instances.set(service.id, { ...service, context: { ...service.context, units: 100_0000 } });
  const warned = ['49', '1', '9', '1', '35'].map((usage, no) => {
    const input = { meteringId: `${no}`, usage, from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' };
    expect(model.command({ lifecycle: 'serviceInstance', instance: service.id, command: 'recordUsage', actor: cast.system, input }).ok).toBe(true);
    return model.only('serviceInstance')?.context.warnedAt;
  });
  expect(warned).toEqual([null, 50, null, 60, null]);
});

test('policies that would remind in another order, warn backwards or keep what expired beyond 15 days contradict the rules (ORD-5, MET-1)', () => {
  const broken = (values: Record<string, unknown>) => brokenRules(serviceInstance, resolved(serviceInstance, [values])).map(({ label }) => label.en);
  expect([{}, { firstReminder: days(7) }, { lastReminder: days(8) }, { warnAgainAt: 80 }, { releaseAfter: days(16) }].map(broken)).toMatchInlineSnapshot(`
    [
      [],
      [
        "each reminder comes nearer to the expiry than the one before",
      ],
      [
        "each reminder comes nearer to the expiry than the one before",
      ],
      [
        "the second warning comes after the first",
      ],
      [
        "what has stopped is kept for at most 15 days",
      ],
    ]
  `);
});

/** Numbers that are the marketplace's own and no default of ours: an export's days, the minutes of a seal and of a provisioning. */
const fixed = ['billExport', 'statementLetter', 'enterprise'];

test('no text of a lifecycle names a length of time that operators may set otherwise', () => {
  const named = /\d+ ?(个工作日|天|小时|分钟|working days|days?|hours?|minutes?)|\bwithin (a|one|three|five) /;
  const texts = lifecycles.flatMap(({ name, states, commands, opening, deadlines, effects, notices }) => {
    const told = [states, commands, opening?.command ?? {}, deadlines, effects, notices];
    return textsIn(told).map((text) => `${name}: ${text}`);
  });
  expect(texts.length).toBeGreaterThan(1_000);
  expect(texts.filter((text) => named.test(text) && !fixed.some((name) => text.startsWith(name)))).toEqual([]);
});

/** Every zh and en beneath a declaration. */
function textsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || '_zod' in value) return [];
  return Object.entries(value).flatMap(([key, part]) => (typeof part === 'string' ? (key === 'zh' || key === 'en' ? [part] : []) : textsIn(part)));
}

test('a refund’s sentence names the time that the policy gives (REF-1a)', () => {
  const model = aService({ policies: { refund: { withoutReasonWithin: days(3) } } });
  model.advance(4 * day);
  const answer = send(model, 'requestRefund', { input: { order: model.only('order')?.id, because: '不再需要' } });
  expect(answer.ok ? null : messageOf(answer.problem).en).toMatch(/^The 3 days in which order/);
  const sooner = aService({ policies: { refund: { withoutReasonWithin: days(3) } } });
  sooner.advance(2 * day);
  accepted(sooner, 'requestRefund');
});
