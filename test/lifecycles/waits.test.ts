import { expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { days, hours, type Span, workingDays } from '../../lifecycles/spans.ts';
import { reminderOf } from '../../lifecycles/supervision/waits.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { day, file, hour, startOfTime } from './cast.ts';
import { table } from './matrix.ts';
import { accepted, aPaidOrder, aSupervision, aTermination, daysIn, said, send, straightWay, supervisionOf, synchronised } from './stories.ts';

test('every wait has its deadlines, and what they come to: days from a Monday at 10:00, and whom they tell (SUP-7, TIM-1)', () => {
  const passed = wayNames.flatMap((way) => straightWay({ way, scenario: 'baseCloud' }));
  const all = new Map(passed.filter(({ state }) => !['accepted', 'synchronising', 'finished'].includes(state)).map(({ state, model }) => [state, model]));
  all.set('terminating', aTermination({ state: 'awaitingAcceptance' }));
  const rows = [...all].flatMap(([state, model]) =>
    supervisionOf(model).deadlines.map(({ name, dueAt }) => {
      const told = supervision.notices[name as keyof typeof supervision.notices].flatMap(({ to }) => to).join(', ');
      const incident = (supervision.deadlines as Record<string, { incident?: true }>)[name]?.incident ? 'incident' : '–';
      return [state, name, String(daysIn(dueAt)), incident, told];
    }),
  );
  expect(table([['', '', 'days', '', 'tells'], ...rows])).toMatchInlineSnapshot(`
    "
                                                days                            tells
    awaitingDelivery      deliveryReminder      20                    –         merchant
    awaitingDelivery      deliveryOverdue       21                    incident  operationsManager, merchant
    awaitingReview        reviewReminder        2                     –         reviewer
    awaitingReview        reviewOverdue         3                     incident  operationsManager, reviewer
    awaitingAcceptance    acceptanceReminder    13                    –         buyer
    awaitingAcceptance    acceptanceOverdue     14                    incident  operationsManager, buyer
    awaitingRequirement   requirementReminder   13                    –         buyer
    awaitingRequirement   requirementOverdue    14                    incident  operationsManager, buyer
    awaitingConfirmation  confirmationReminder  2                     –         merchant
    awaitingConfirmation  confirmationOverdue   3                     incident  operationsManager, merchant
    issuingCode           codeOverdue           0.041666666666666664  incident  operationsManager
    awaitingClaim         claimReminder         13                    –         buyer
    awaitingClaim         claimOverdue          14                    incident  operationsManager, buyer
    awaitingActivation    activationReminder    2                     –         merchant
    awaitingActivation    activationOverdue     3                     incident  operationsManager, merchant
    awaitingProof         proofReminder         6                     –         merchant
    awaitingProof         proofOverdue          7                     incident  operationsManager, merchant
    awaitingSystemCode    systemCodeReminder    13                    –         buyer
    awaitingSystemCode    systemCodeOverdue     14                    incident  operationsManager, buyer
    awaitingCompletion    acceptanceReminder    13                    –         buyer
    awaitingCompletion    acceptanceOverdue     14                    incident  operationsManager, buyer
    "
  `);
});

test('an overdue wait is an incident until its state is left, and nothing else happens by itself (SUP-7)', () => {
  const model = aSupervision();
  expect(model.advance(30 * day)).toEqual(['deliveryReminder', 'deliveryOverdue']);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'awaitingDelivery' }, incidents: [{ name: 'deliveryOverdue', code: 'DEADLINE_PASSED' }] });
  accepted(model, 'uploadAcceptance');
  expect(supervisionOf(model).incidents).toEqual([]);
});

test('a redelivery has the whole time to deliver again (SUP-3, SUP-7)', () => {
  const model = aSupervision({ state: 'awaitingAcceptance' });
  model.advance(7 * day);
  accepted(model, 'returnDelivery');
  // Monday 2026-03-09, 15 working days on
  expect(supervisionOf(model).deadlines.find(({ name }) => name === 'deliveryOverdue')?.dueAt).toBe(startOfTime + 28 * day);
});

test('a reminder comes a working day before its wait ends, whatever the two are measured in; not at all when that is at once', () => {
  const at = (within: Span, before: Span, now = startOfTime) =>
    daysIn(reminderOf(within, { now, calendar: shanghai, policies: { remindBefore: before } })?.at ?? null);
  expect({
    '5 working days, 1 before': at(workingDays(5), workingDays(1)),
    '5 working days, 12 hours before': at(workingDays(5), hours(12)),
    '7 days, 1 working day before a Monday': at(days(7), workingDays(1)),
    '6 days, 1 working day before a Sunday': at(days(6), workingDays(1)),
    '1 working day, 1 before': at(workingDays(1), workingDays(1)),
    '3 hours, 1 working day before': at(hours(3), workingDays(1)),
  }).toMatchInlineSnapshot(`
    {
      "1 working day, 1 before": null,
      "3 hours, 1 working day before": null,
      "5 working days, 1 before": 6,
      "5 working days, 12 hours before": 6.5,
      "6 days, 1 working day before a Sunday": 3,
      "7 days, 1 working day before a Monday": 6,
    }
  `);
});

test('the buyer reminds the merchant once in 24 hours, when it is the merchant’s turn (SUP-7)', () => {
  const model = aSupervision();
  accepted(model, 'remindMerchant');
  expect(model.messages.at(-1)).toMatchObject({ event: 'remindMerchant', to: ['merchant'] });
  model.advance(24 * hour - 1);
  const answer = send(model, 'remindMerchant');
  expect(answer).toMatchObject({ ok: false, problem: { code: 'REMINDED_RECENTLY', possibleAt: startOfTime + 24 * hour } });
  model.advance(1);
  accepted(model, 'remindMerchant');
  expect(said(send(model, 'remindMerchant', { role: 'merchant' }))).toBe('ROLE_NOT_ALLOWED');
  expect(said(send(aSupervision({ state: 'awaitingAcceptance' }), 'remindMerchant'))).toBe('WRONG_STATE');
});

test('nothing is accepted on a silent buyer’s behalf without a policy (SUP-7)', () => {
  const model = aSupervision({ state: 'awaitingAcceptance' });
  model.advance(400 * day);
  expect(supervisionOf(model).value).toMatchObject({ progress: 'awaitingAcceptance' });
});

test('an actual opening lies between payment and the upload, in every way (ORD-5)', () => {
  const instant = (ms: number) => new Date(ms).toISOString();
  const handIns = wayNames.flatMap((way) => {
    const name = {
      saas: 'uploadAcceptance',
      humanService: 'uploadImplementation',
      licenseOnlineCode: 'uploadProof',
      licenseOnline: 'deliverLicence',
      licenseOffline: 'confirmOfflineDelivery',
      softwarePackage: 'reportDeployment',
    }[way];
    const state = way === 'licenseOnlineCode' ? 'awaitingProof' : 'awaitingDelivery';
    return [{ way, name, model: aSupervision({ way, state }) }];
  });
  for (const { way, name, model } of handIns) {
    model.advance(hour);
    const at = (ms: number) => said(send(model.fork(), name, { input: { files: [file], sow: [file], openedAt: instant(ms) } }));
    expect([way, at(startOfTime - 1), at(startOfTime), at(startOfTime + hour), at(startOfTime + hour + 1)]).toEqual([way, 'INVALID', 'ok', 'ok', 'INVALID']);
  }
  const unsupervised = aPaidOrder({ product: 'saas-automatic' });
  expect(said(send(unsupervised, 'recordOpening', { input: { openedAt: instant(startOfTime - 1) } }))).toBe('INVALID');
});

test('every way ends in 已完成, and its period begins at the opening, else at the acceptance (ORD-5, SUP-4)', () => {
  for (const way of wayNames)
    for (const scenario of ['none', 'empowermentCloud']) {
      const passed = straightWay({ way, scenario });
      const model = passed.at(-1)?.model ?? aSupervision();
      expect([way, model.only('order')?.value, supervisionOf(model).value]).toMatchObject([way, 'completed', { progress: 'finished' }]);
      expect(model.only('serviceInstance')?.context.validFrom).toBe(supervisionOf(model).context.acceptedAt);
      expect(synchronised(model)).toBe(false);
    }
});

test('way and scenario are those of the purchase and never change (SUP-2)', () => {
  for (const way of wayNames) {
    const model = straightWay({ way, scenario: 'baseCloud' }).at(-1)?.model ?? aSupervision();
    const own = model.log.filter(({ instance }) => instance === supervisionOf(model).id);
    for (const field of ['way', 'scenario']) expect(own.filter(({ changes }) => field in changes).map(({ revision }) => revision)).toEqual([1]);
    expect(model.only('order')?.context.way).toBe(way);
  }
});
