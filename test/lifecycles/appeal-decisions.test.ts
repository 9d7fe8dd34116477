import { expect, test } from 'vitest';
import type { Instance } from '../../lifecycles/instance.ts';
import { isFrozen } from '../../lifecycles/registry.ts';
import { cast, hour } from './cast.ts';
import type { Model } from './drive.ts';
import { accepted, aPendingDecision, aSupervision, aTermination, progressOf, said, send, supervisionOf } from './stories.ts';

test('a termination above the limit is paid only once another operations manager has confirmed it (ACT-3, SUP-6)', () => {
  const model = aPendingDecision({ state: 'awaitingAcceptance' });
  const manager = cast.operationsManager;
  const pending = { by: manager.id, refundAmount: 50_00, opinion: '未按约交付' };
  expect(supervisionOf(model)).toMatchObject({
    value: { progress: 'awaitingAcceptance', freeze: 'frozen' },
    context: { pendingDecision: pending, lastDecision: null, refund: null },
    effects: [],
  });
  const { id } = supervisionOf(model);
  const as = (person: string, command: string, input = {}) =>
    said(model.fork().command({ lifecycle: 'supervision', instance: id, command, actor: { ...manager, id: person }, input, reason: 'because' }));
  expect({
    'its maker confirms': as(manager.id, 'confirmDecision'),
    'its maker takes it back': as(manager.id, 'rejectDecision'),
    'a person of the case confirms': as(cast.merchant.id, 'confirmDecision'),
    'a person of the case rejects': as(cast.buyer.id, 'rejectDecision'),
    'another decides beside it': as('sun', 'decideAppeal', { decision: 'dismiss' }),
    'another asks for evidence': as('sun', 'requestEvidence', { from: 'buyer' }),
    'another rejects': as('sun', 'rejectDecision'),
    'another confirms': as('sun', 'confirmDecision'),
  }).toMatchInlineSnapshot(`
    {
      "a person of the case confirms": "OWN_CASE",
      "a person of the case rejects": "OWN_CASE",
      "another asks for evidence": "DECISION_PENDING",
      "another confirms": "ok",
      "another decides beside it": "DECISION_PENDING",
      "another rejects": "ok",
      "its maker confirms": "SECOND_PERSON",
      "its maker takes it back": "ok",
    }
  `);
  accepted(model, 'confirmDecision');
  expect(supervisionOf(model)).toMatchObject({
    value: { progress: 'terminating', freeze: 'running' },
    context: { pendingDecision: null, appeals: { buyer: null }, refund: { amount: 50_00 }, lastDecision: { decision: 'terminate', opinion: '未按约交付' } },
  });
  expect(model.only('order')?.value).toBe('refunding');
});

test('a rejected decision leaves the case as it was, with the time that is left; at the limit one person is enough (ACT-3)', () => {
  const model = aPendingDecision({ state: 'synchronising' });
  const due = () => supervisionOf(model).deadlines.find(({ name }) => name === 'decisionDue')?.dueAt;
  const before = due();
  model.advance(hour);
  accepted(model, 'rejectDecision', { reason: '金额有误' });
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'synchronising', freeze: 'frozen' }, context: { pendingDecision: null, refund: null } });
  expect(due()).toBe(before);
  expect(said(send(model, 'confirmDecision'))).toBe('NO_DECISION_PENDING');
  accepted(model, 'decideAppeal', { input: { decision: 'terminate', refundAmount: 49_99 } });
  expect(progressOf(model)).toBe('terminating');
  expect(said(send(model, 'rejectDecision'))).toBe('WRONG_STATE');
});

test('a record from before there were second persons and one time for evidence is decided like any other', () => {
  const model = aSupervision({ appeals: ['buyer'] });
  const { pendingDecision: _, evidenceOverAt: __, ...context } = supervisionOf(model).context;
  model.put({ ...supervisionOf(model), context });
  for (const command of ['requestEvidence', 'decideAppeal']) expect([command, said(send(model.fork(), command))]).toEqual([command, 'ok']);
  expect(said(send(model, 'confirmDecision'))).toBe('NO_DECISION_PENDING');
});

test('an appeal that is withdrawn takes the decision that awaited a second person with it (ACT-3, SUP-5)', () => {
  const model = aPendingDecision();
  accepted(model, 'fileAppeal', { role: 'merchant' });
  accepted(model, 'withdrawAppeal', { role: 'buyer' });
  expect([isFrozen(supervisionOf(model).value), said(send(model.fork(), 'confirmDecision'))]).toEqual([true, 'ok']);
  accepted(model, 'withdrawAppeal', { role: 'merchant' });
  expect(supervisionOf(model)).toMatchObject({ value: { freeze: 'running' }, context: { pendingDecision: null } });
  expect(said(send(model, 'confirmDecision'))).toBe('NO_DECISION_PENDING');
});

test('the parties hear of a decision when it counts; the managers that one awaits them (NOT-1, ACT-3)', () => {
  const model = aPendingDecision();
  const heard = () => model.messages.filter(({ event }) => /Decision$|decideAppeal/.test(event)).map(({ event, to, topic }) => [event, to, topic]);
  expect(heard()).toEqual([['decideAppeal', ['operationsManager'], 'disputes']]);
  accepted(model, 'confirmDecision');
  expect(heard().slice(1)).toEqual([['confirmDecision', ['buyer', 'merchant'], 'disputes']]);
});

test('nobody decides a case of his own, nor asks for evidence in it (ACT-3)', () => {
  const model = aSupervision({ state: 'awaitingReview', scenario: 'baseCloud' });
  accepted(model, 'fileAppeal', { role: 'buyer' });
  const { id } = supervisionOf(model);
  const as = (person: string, command: string, input: Record<string, unknown>) =>
    said(
      model.fork().command({
        lifecycle: 'supervision',
        instance: id,
        command,
        actor: { ...cast.operationsManager, id: person },
        input,
        reason: 'because',
      }),
    );
  for (const person of [cast.buyer.id, cast.merchant.id]) {
    expect(as(person, 'decideAppeal', { decision: 'complete' })).toBe('OWN_CASE');
    expect(as(person, 'requestEvidence', { from: 'buyer' })).toBe('OWN_CASE');
  }
  expect(as(cast.operationsManager.id, 'decideAppeal', { decision: 'complete' })).toBe('ok');
});

test('whoever acted in it does not decide it, however long ago and whatever it was (ACT-3)', () => {
  const model = aSupervision({ way: 'licenseOnlineCode', scenario: 'baseCloud', state: 'awaitingReview' });
  accepted(model, 'passReview');
  accepted(model, 'fileAppeal', { role: 'merchant' });
  const { id } = supervisionOf(model);
  const as = (person: string) =>
    said(
      model.fork().command({
        lifecycle: 'supervision',
        instance: id,
        command: 'decideAppeal',
        actor: { ...cast.operationsManager, id: person },
        input: { decision: 'dismiss' },
        reason: '核实',
      }),
    );
  for (const person of [cast.reviewer.id, cast.buyer.id, cast.merchant.id]) expect([person, as(person)]).toEqual([person, 'OWN_CASE']);
  expect(as(cast.operationsManager.id)).toBe('ok');
});

test('a termination runs a refund of its own; the order is 退款中, then 已退款 (SUP-6, REF-5)', () => {
  for (const refundAmount of [1, 100_00]) {
    const model = aTermination({ state: 'awaitingAcceptance', refundAmount });
    expect(model.only('order')).toMatchObject({ value: 'refunding', context: { refund: { amount: refundAmount } } });
    const { id, effects } = model.only('refund') as Instance;
    expect(effects).toMatchObject([{ name: 'payRefund', params: { amount: refundAmount, currency: 'CNY' } }]);
    const key = effects[0]?.key ?? '';
    for (let tries = 0; tries < 2; tries++) model.effectResult({ instance: id, key, result: { receipt: 'PO-1' } });
    expect(supervisionOf(model)).toMatchObject({ value: { progress: 'terminated' }, context: { refund: { amount: refundAmount, receipt: 'PO-1' } } });
    expect(model.only('order')).toMatchObject({ value: 'refunded', context: { refundAmount, refundReceipt: 'PO-1' } });
    expect(said(send(model, 'fileAppeal'))).toBe('ENDED');
    expect(model.only('serviceInstance')).toBeUndefined();
  }
});

test('a termination that pays back nothing ends order and supervision at once (SUP-6)', () => {
  const model = aTermination({ state: 'awaitingAcceptance', refundAmount: 0 });
  expect([progressOf(model), model.only('order')?.value, model.only('refund')?.effects.map(({ name }) => name)]).toEqual([
    'terminated',
    'refunded',
    ['synchroniseRefund'],
  ]);
});

test('a redelivery takes the acceptance back: nothing is synchronised, and the round says who sent it back (SUP-3, SUP-6)', () => {
  const model = aSupervision({ state: 'synchronising', appeals: ['buyer'] });
  accepted(model, 'decideAppeal', { input: { decision: 'redeliver' }, reason: '授权无效' });
  expect(supervisionOf(model)).toMatchObject({
    value: { progress: 'awaitingDelivery' },
    effects: [],
    context: {
      acceptedAt: null,
      acceptedBy: null,
      returnedBecause: '授权无效',
      rounds: [{ no: 1, returned: { from: 'operationsManager', because: '授权无效' } }],
    },
  });
});

test('a code that is active is not delivered again but its proof is, also when its activation was reported while frozen (SUP-5, SUP-6)', () => {
  const code = { way: 'licenseOnlineCode', appeals: ['buyer'] } as const;
  const redelivered = (model: Model) => {
    accepted(model, 'decideAppeal', { input: { decision: 'redeliver' } });
    return [progressOf(model), typeof supervisionOf(model).context.activatedAt];
  };
  for (const state of ['awaitingProof', 'accepted'])
    expect([state, redelivered(aSupervision({ ...code, state }))]).toEqual([state, ['awaitingProof', 'number']]);
  const reported = aSupervision({ ...code, state: 'awaitingActivation' });
  accepted(reported, 'recordActivation');
  expect(redelivered(reported)).toEqual(['awaitingProof', 'number']);
  const notYet = aSupervision({ ...code, state: 'awaitingActivation' });
  expect(redelivered(notYet)).toEqual(['awaitingDelivery', 'object']);
  // the code was claimed, so it may be activated whatever becomes of its delivery
  accepted(notYet.fork(), 'recordActivation');
  accepted(notYet, 'deliverCode');
  accepted(notYet, 'recordActivation');
  expect(progressOf(notYet)).toBe('awaitingProof');
  expect(said(send(aSupervision({ way: 'licenseOnlineCode', state: 'awaitingClaim' }), 'recordActivation'))).toBe('CODE_NOT_CLAIMED');
});

test('a decision to deliver again leaves the round as the buyer returned it (SUP-3, SUP-6)', () => {
  const model = aSupervision({ state: 'awaitingAcceptance' });
  accepted(model, 'returnDelivery', { reason: '缺少报告' });
  accepted(model, 'fileAppeal', { role: 'merchant' });
  accepted(model, 'decideAppeal', { input: { decision: 'redeliver' }, reason: '请补充报告' });
  expect(supervisionOf(model).context).toMatchObject({
    returnedBecause: '请补充报告',
    rounds: [{ no: 1, returned: { from: 'buyer', because: '缺少报告' } }],
  });
});
