import { expect, test } from 'vitest';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { messageOf } from '../../lifecycles/problem.ts';
import { createRegistry, isSettled, lifecycles } from '../../lifecycles/registry.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { cast, day, file, hour, minute, startOfTime } from './cast.ts';
import { accepted, aPaidOrder, aSupervision, freezeOf, progressOf, said, send, supervisionOf, synchronised } from './stories.ts';

const deadline = (model: ReturnType<typeof aSupervision>, name: string) => supervisionOf(model).deadlines.find((one) => one.name === name);

test('SUP-2: the scenario is set at purchase and carried into supervision unchanged', () => {
  const model = aSupervision({ scenario: 'baseCloud', state: 'finished' });
  expect(supervisionOf(model).context.scenario).toBe('baseCloud');
  expect(model.log.filter(({ changes }) => 'scenario' in changes)).toHaveLength(2);
});

test('SUP-3: every round of delivery is kept, with why it came back', () => {
  const model = aSupervision();
  for (const reason of ['登录不了', '缺少培训']) {
    accepted(model, 'uploadAcceptance');
    accepted(model, 'returnDelivery', { reason });
  }
  accepted(model, 'uploadAcceptance');
  expect(supervisionOf(model).context).toMatchObject({ round: 3, returnedBecause: null });
  expect(model.log.filter(({ type }) => type === 'returnDelivery').map(({ reason }) => reason)).toEqual(['登录不了', '缺少培训']);
  expect(said(send(model, 'returnDelivery', { reason: null }))).toBe('INVALID');
});

test('SUP-4: the synchronisation is first tried 30 minutes after acceptance, and the order is 处理中 until it succeeds', () => {
  const model = aSupervision({ state: 'accepted' });
  expect(model.advance(30 * minute - 1)).toEqual([]);
  expect(model.advance(1)).toEqual(['completionSyncDue']);
  expect([progressOf(model), model.only('order')?.value]).toEqual(['synchronising', 'processing']);
  synchronised(model);
  expect([progressOf(model), model.only('order')?.value]).toEqual(['finished', 'completed']);
});

test('SUP-4: past the window it is an incident, and the synchronisation goes on being wanted', () => {
  const model = aSupervision({ state: 'accepted' });
  model.advance(3 * hour);
  expect(supervisionOf(model)).toMatchObject({
    incidents: [{ name: 'completionWindowPassed', openedAt: startOfTime + 3 * hour }],
    effects: [{ status: 'open' }],
  });
  synchronised(model);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'finished' }, incidents: [] });
});

test('SUP-5: an appeal may come at any node until supervision finishes, also between acceptance and synchronisation', () => {
  for (const state of ['awaitingDelivery', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising'] as const) {
    const model = aSupervision({ scenario: 'baseCloud', state });
    accepted(model, 'fileAppeal', { role: 'merchant' });
    expect([progressOf(model), freezeOf(model)]).toEqual([state, 'frozen']);
  }
  expect(said(send(aSupervision({ state: 'finished' }), 'fileAppeal'))).toBe('ENDED');
});

test('SUP-5: a freeze of any length leaves every deadline the remainder that it had, to the millisecond', () => {
  const model = aSupervision({ state: 'accepted' });
  model.advance(12 * minute + 345);
  accepted(model, 'fileAppeal');
  expect(deadline(model, 'completionSyncDue')).toMatchObject({ dueAt: null, remainingMs: 18 * minute - 345 });
  model.advance(17 * day + 1);
  accepted(model, 'withdrawAppeal');
  expect(model.advance(18 * minute - 346)).toEqual([]);
  expect(model.advance(1)).toEqual(['completionSyncDue']);
});

test('SUP-5: one appeal per party, one decision closes both', () => {
  const model = aSupervision({ appeals: ['buyer', 'merchant'] });
  expect([said(send(model, 'fileAppeal', { role: 'buyer' })), said(send(model, 'fileAppeal', { role: 'merchant' }))]).toEqual([
    'APPEAL_STANDS',
    'APPEAL_STANDS',
  ]);
  accepted(model, 'decideAppeal');
  expect(supervisionOf(model).context).toMatchObject({ appeals: { buyer: null, merchant: null }, lastDecision: { decision: 'dismiss' } });
  expect(freezeOf(model)).toBe('running');
});

test('SUP-5: withdrawing one appeal leaves the freeze while the other stands', () => {
  const model = aSupervision({ appeals: ['buyer', 'merchant'] });
  accepted(model, 'withdrawAppeal', { role: 'buyer' });
  expect(freezeOf(model)).toBe('frozen');
  accepted(model, 'withdrawAppeal', { role: 'merchant' });
  expect(freezeOf(model)).toBe('running');
});

test('SUP-5: the synchronisation is parked by a freeze and wanted anew at once when it ends', () => {
  const model = aSupervision({ state: 'synchronising', appeals: ['buyer'] });
  expect(supervisionOf(model).effects).toMatchObject([{ status: 'parked', generation: 1 }]);
  accepted(model, 'decideAppeal');
  expect(supervisionOf(model).effects).toMatchObject([{ status: 'open', generation: 2 }]);
});

test('SUP-5: facts that came while frozen are applied in the order they came, those that come too late are kept in the log', () => {
  const model = aSupervision({ state: 'synchronising', appeals: ['buyer'] });
  const facts = ['R-1', 'R-2'].map((receipt) => ({ event: 'orderSynchronised', input: { receipt }, at: model.now }));
  model.put({ ...supervisionOf(model), recorded: facts });
  accepted(model, 'withdrawAppeal', { role: 'buyer' });
  expect(supervisionOf(model).context.receipt).toBe('R-1');
  expect(model.log.filter(({ type }) => type === 'orderSynchronised').map(({ input, applied }) => [input.receipt, applied])).toEqual([
    ['R-1', true],
    ['R-2', false],
  ]);
});

test('PRD-5: an effect that gave up is an incident until it is tried again by hand', () => {
  const model = aSupervision({ state: 'synchronising' });
  const { id, effects } = supervisionOf(model);
  model.effectGaveUp({ instance: id, key: effects[0]?.key ?? '' });
  expect(supervisionOf(model)).toMatchObject({ effects: [{ status: 'failed' }], incidents: [{ name: 'synchroniseOrder', code: 'GAVE_UP' }] });
  const retry = { lifecycle: 'supervision', instance: id, command: 'retryEffect', input: { effect: effects[0]?.key }, reason: 'repaired' };
  expect(said(model.command({ ...retry, actor: cast.merchant }))).toBe('ROLE_NOT_ALLOWED');
  expect(said(model.command({ ...retry, actor: cast.operationsManager }))).toBe('ok');
  expect(supervisionOf(model)).toMatchObject({ effects: [{ status: 'open', generation: 2 }], incidents: [] });
});

test('PRD-5: an effect that gave up and whose result comes after all leaves no incident behind', () => {
  const model = aSupervision({ state: 'synchronising' });
  model.effectGaveUp({ instance: supervisionOf(model).id, key: supervisionOf(model).effects[0]?.key ?? '' });
  synchronised(model);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'finished' }, incidents: [], effects: [] });
});

test('PRD-5: what a final instance still owed the world and gave up can be tried again by hand, and ends without a word to the machine', () => {
  const finishing: Lifecycle = {
    ...supervision,
    effects: { ...supervision.effects, synchroniseOrder: { ...supervision.effects.synchroniseOrder, onLeave: 'finish' } },
  };
  const registry = createRegistry(lifecycles.map((one) => (one.name === 'supervision' ? finishing : one)));
  const model = aSupervision({ registry, state: 'synchronising', appeals: ['buyer'] });
  accepted(model, 'decideAppeal', { input: { decision: 'terminate', refundAmount: 1 } });
  const { id, effects } = supervisionOf(model);
  const [owed] = effects.map(({ key }) => key);
  const refund = model.only('refund') as Instance;
  model.effectResult({ instance: refund.id, key: refund.effects[0]?.key ?? '', result: { receipt: 'PO-1' } });
  model.effectGaveUp({ instance: id, key: owed ?? '' });
  expect([progressOf(model), isSettled(finishing, supervisionOf(model))]).toEqual(['terminated', true]);
  expect(model.allowed({ instance: id, actor: cast.operationsManager })).toEqual(['retryEffect']);
  const retry = { lifecycle: 'supervision', instance: id, command: 'retryEffect', actor: cast.operationsManager, reason: 'repaired' };
  expect(said(model.command({ ...retry, input: { effect: owed } }))).toBe('ok');
  expect([supervisionOf(model).incidents, isSettled(finishing, supervisionOf(model))]).toEqual([[], false]);
  model.effectResult({ instance: id, key: owed ?? '', result: { receipt: 'R-1' } });
  expect([progressOf(model), supervisionOf(model).effects, supervisionOf(model).context.receipt]).toEqual(['terminated', [], null]);
  expect(said(model.command({ ...retry, input: { effect: owed } }))).toBe('ENDED');
});

test('SUP-6: the manager decides within 3 working days, and is overdue without the freeze ending', () => {
  // Monday 2026-03-02 10:00 + 3 working days
  const model = aSupervision({ appeals: ['buyer'] });
  expect(deadline(model, 'decisionDue')?.dueAt).toBe(Date.parse('2026-03-05T10:00:00+08:00'));
  expect(model.advance(4 * day)).toEqual(['decisionReminder', 'decisionDue']);
  expect(supervisionOf(model)).toMatchObject({ value: { freeze: 'frozen' }, incidents: [{ name: 'decisionDue' }] });
  accepted(model, 'decideAppeal');
  expect(supervisionOf(model).incidents).toEqual([]);
});

test('SUP-6: without an appeal there is nothing to decide, least of all an acceptance on the buyer’s behalf', () => {
  for (const decision of ['dismiss', 'complete'])
    expect(said(send(aSupervision({ state: 'awaitingAcceptance' }), 'decideAppeal', { input: { decision } }))).toBe('NO_APPEAL_STANDS');
});

test('SUP-6: complete accepts on the buyer’s behalf, and its clocks run from the decision', () => {
  const model = aSupervision({ appeals: ['merchant'] });
  model.advance(2 * hour);
  accepted(model, 'decideAppeal', { input: { decision: 'complete' }, reason: '已交付' });
  expect(supervisionOf(model).context).toMatchObject({ acceptedBy: 'operationsManager', acceptedAt: startOfTime + 2 * hour });
  expect(deadline(model, 'completionSyncDue')?.dueAt).toBe(startOfTime + 2 * hour + 30 * minute);
});

test('SUP-6: complete after the buyer’s own acceptance leaves that acceptance and its clocks as they were', () => {
  const model = aSupervision({ state: 'accepted' });
  model.advance(10 * minute);
  accepted(model, 'fileAppeal');
  model.advance(day);
  accepted(model, 'decideAppeal', { input: { decision: 'complete' } });
  expect(supervisionOf(model).context).toMatchObject({ acceptedBy: 'buyer', acceptedAt: startOfTime });
  expect(deadline(model, 'completionSyncDue')?.dueAt).toBe(model.now + 20 * minute);
});

test('ORD-5: the period starts at the opening that the merchant filled in, else at acceptance', () => {
  const opened = aSupervision();
  opened.advance(3 * hour);
  accepted(opened, 'uploadAcceptance', { input: { files: [file], openedAt: new Date(startOfTime + hour).toISOString() } });
  opened.advance(day);
  accepted(opened, 'acceptDelivery');
  opened.advance(hour);
  synchronised(opened);
  expect(opened.only('serviceInstance')?.context.validFrom).toBe(startOfTime + hour);
  expect(aSupervision({ state: 'finished' }).only('serviceInstance')?.context.validFrom).toBe(startOfTime);
});

test('ORD-5: an order under unfinished supervision never expires', () => {
  const model = aSupervision({ state: 'awaitingAcceptance' });
  expect(model.advance(4_000 * day)).toEqual(['acceptanceReminder', 'acceptanceOverdue']);
  expect([model.only('order')?.value, model.only('serviceInstance')]).toEqual(['processing', undefined]);
});

test('ACT-2: the log names who did it; what came from outside is the system’s, also when a decision lets it in', () => {
  const model = aSupervision({ state: 'synchronising', appeals: ['buyer'] });
  synchronised(model);
  accepted(model, 'decideAppeal');
  expect(model.log.filter(({ type }) => type === 'orderSynchronised').map(({ actor, applied }) => [actor.role, applied])).toEqual([
    ['system', false],
    ['system', true],
  ]);
});

test('TIM-2: a deadline that was missed fires as soon as it can, once', () => {
  const model = aSupervision({ state: 'accepted' });
  model.moveTo(model.now + day);
  expect(model.advance(0)).toEqual(['completionSyncDue', 'completionWindowPassed']);
  expect(model.advance(day)).toEqual([]);
});

test('every refusal says in both languages what was expected and what came, with nothing left blank', () => {
  const problems = [
    send(aPaidOrder(), 'recordPayment'),
    send(aPaidOrder(), 'recordOpening'),
    send(aSupervision(), 'acceptDelivery'),
    send(aSupervision(), 'acceptDelivery', { role: 'merchant' }),
    send(aSupervision({ appeals: ['buyer'] }), 'uploadAcceptance'),
    send(aSupervision({ appeals: ['buyer'] }), 'fileAppeal'),
    send(aSupervision({ state: 'finished' }), 'acceptDelivery'),
    send(aSupervision(), 'decideAppeal'),
  ].flatMap((answer) => (answer.ok ? [] : [messageOf(answer.problem)]));
  expect(problems).toHaveLength(8);
  for (const { zh, en } of problems) {
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(`${zh} ${en}`).not.toMatch(/[{}–]|undefined|\[object/);
  }
});

test('what a walk over the rules sends is what their schemas take', () => {
  const taking = lifecycles.flatMap(({ opening, commands, effects }) => [
    ...(opening ? [[opening.name, opening.command.input] as const] : []),
    ...Object.entries(commands).map(([name, { input }]) => [name, input] as const),
    ...Object.entries(effects).map(([name, { result }]) => [name, result] as const),
  ]);
  for (const [name, schema] of taking)
    for (const sample of samplesOf(schema)) expect(schema.safeParse(sample).error?.issues, `${name} ${JSON.stringify(sample)}`).toBeUndefined();
});
