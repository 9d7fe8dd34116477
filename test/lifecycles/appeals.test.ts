import { describe, expect, test } from 'vitest';
import { waitsForOf } from '../../lifecycles/awaited.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { isFinal, isFrozen, stateOf, statesOf } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { cast, day, file, hour } from './cast.ts';
import type { Model } from './drive.ts';
import { accepted, aPendingDecision, aSupervision, aTermination, said, send, straightWay, supervisionOf } from './stories.ts';

const scenarios = ['none', 'baseCloud'];
const parties = ['buyer', 'merchant'] as const;

/** Every node of every way, with and without review: on the straight way, after a return, and while a refund is paid. */
const nodes = wayNames.flatMap((way) =>
  scenarios.flatMap((scenario) => {
    const passed = straightWay({ way, scenario });
    const returned = passed
      .filter(({ state }) => ['awaitingAcceptance', 'awaitingCompletion'].includes(state))
      .map(({ model }) => {
        const back = model.fork();
        accepted(back, 'returnDelivery');
        return { state: `${stateOf(supervisionOf(back).value)} again`, model: back };
      });
    const terminating = { state: 'terminating', model: aTermination({ way, scenario, state: passed[0]?.state ?? '' }) };
    return [...passed, ...returned, terminating]
      .filter(({ model }) => !isFinal(supervision, supervisionOf(model).value))
      .map(({ state, model }) => ({ node: `${way}, ${scenario}: ${state}`, model }));
  }),
);

const progress = (model: Model) => stateOf(supervisionOf(model).value);
const frozen = (model: Model) => isFrozen(supervisionOf(model).value);
/** What is left of every deadline of progress, in milliseconds. */
const left = (model: Model) => {
  const { deadlines } = supervisionOf(model);
  return Object.fromEntries(
    deadlines
      .filter(({ name }) => !/^(decision|evidence)/.test(name))
      .map(({ name, dueAt, remainingMs }) => [name, dueAt === null ? remainingMs : dueAt - model.now]),
  );
};
const effectsOf = (model: Model) => supervisionOf(model).effects.map(({ key }) => key);

/** Appealed by one party or both an hour later, and looked at again two days after. */
function appealed(model: Model, by: readonly Role[]) {
  const one = model.fork();
  one.advance(10 * 60_000);
  const before = { state: progress(one), left: left(one), effects: effectsOf(one) };
  for (const role of by) accepted(one, 'fileAppeal', { role });
  expect(frozen(one)).toBe(true);
  expect(left(one)).toEqual(before.left);
  one.advance(2 * day);
  expect(left(one)).toEqual(before.left);
  return { one, before };
}

test('the nodes are all that the machine has: 100 % of its states', () => {
  const known = new Set(nodes.map(({ model }) => progress(model)));
  expect(statesOf(supervision).filter((state) => !known.has(state))).toEqual(['finished', 'terminated']);
  expect(nodes.length).toBeGreaterThan(80);
});

describe.each<{ by: string; roles: Role[] }>([
  { by: 'the buyer', roles: ['buyer'] },
  { by: 'the merchant', roles: ['merchant'] },
  { by: 'both', roles: ['buyer', 'merchant'] },
])('appealed by $by', ({ roles }) => {
  test('and withdrawn: it goes on where it was, with what it had left (SUP-5)', () => {
    for (const { node, model } of nodes) {
      const { one, before } = appealed(model, roles);
      for (const [index, role] of roles.entries()) {
        accepted(one, 'withdrawAppeal', { role });
        expect([node, frozen(one)]).toEqual([node, index < roles.length - 1]);
      }
      expect([node, progress(one), left(one), effectsOf(one)]).toEqual([node, before.state, before.left, before.effects]);
      expect([node, said(send(one, 'decideAppeal'))]).toEqual([node, 'NO_APPEAL_STANDS']);
      expect([node, said(send(one, 'submitEvidence', { role: 'buyer' }))]).toEqual([node, 'WRONG_STATE']);
    }
  });

  test('and dismissed: the same, and both cases are closed (SUP-6)', () => {
    for (const { node, model } of nodes) {
      const { one, before } = appealed(model, roles);
      accepted(one, 'decideAppeal');
      expect([node, frozen(one), progress(one), left(one), effectsOf(one)]).toEqual([node, false, before.state, before.left, before.effects]);
      expect(supervisionOf(one).context.appeals).toEqual({ buyer: null, merchant: null });
    }
  });

  test('and decided otherwise: redelivered, completed, terminated (SUP-6)', () => {
    for (const { node, model } of nodes) {
      const { one, before } = appealed(model, roles);
      const decided = (input: Record<string, unknown>) => {
        const next = one.fork();
        const code = said(send(next, 'decideAppeal', { input }));
        return code === 'ok' ? progress(next) : code;
      };
      const isRefunding = before.state === 'terminating';
      const isAccepted = ['accepted', 'synchronising'].includes(before.state);
      const { rounds, activatedAt } = supervisionOf(one).context as { rounds: unknown[]; activatedAt: number | null };
      const isActive = activatedAt !== null;
      expect({
        node,
        redeliver: decided({ decision: 'redeliver' }),
        complete: decided({ decision: 'complete' }),
        terminate: decided({ decision: 'terminate', refundAmount: 1 }),
        tooMuch: decided({ decision: 'terminate', refundAmount: 100_01 }),
        noAmount: decided({ decision: 'terminate' }),
        strayAmount: decided({ decision: 'complete', refundAmount: 1 }),
      }).toEqual({
        node,
        redeliver: isRefunding ? 'REFUND_ORDERED' : rounds.length > 0 ? (isActive ? 'awaitingProof' : 'awaitingDelivery') : 'NOTHING_DELIVERED',
        complete: isRefunding ? 'REFUND_ORDERED' : isAccepted ? before.state : 'accepted',
        terminate: isRefunding ? 'REFUND_ORDERED' : 'terminating',
        tooMuch: isRefunding ? 'REFUND_ORDERED' : 'REFUND_OVER_PAID',
        noAmount: 'INVALID',
        strayAmount: 'INVALID',
      });
    }
  });
});

test('while evidence is awaited the time to decide stands still, and everything else with it (SUP-6)', () => {
  for (const { node, model } of nodes)
    for (const from of parties) {
      const { one } = appealed(model, ['buyer']);
      const due = () => supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue');
      const leftToDecide = (due()?.dueAt ?? 0) - one.now;
      accepted(one, 'requestEvidence', { input: { from } });
      one.advance(day + hour);
      expect([node, due()]).toMatchObject([node, { dueAt: null, remainingMs: leftToDecide }]);
      const other = from === 'buyer' ? 'merchant' : 'buyer';
      expect([node, said(send(one, 'submitEvidence', { role: other }))]).toEqual([node, 'NO_EVIDENCE_ASKED_OF_YOU']);
      accepted(one, 'submitEvidence', { role: from });
      expect([node, due()?.dueAt]).toEqual([node, one.now + leftToDecide]);
      expect(frozen(one)).toBe(true);
    }
});

test('a case has one time for evidence, three days in all: it runs while evidence is awaited, whoever asks how often (SUP-6)', () => {
  const { one } = appealed(aSupervision(), ['merchant']);
  const ask = (from: string) => said(send(one, 'requestEvidence', { input: { from } }));
  expect(ask('merchant')).toBe('ok');
  expect(ask('merchant')).toBe('EVIDENCE_REQUESTED');
  one.advance(2 * day);
  accepted(one, 'submitEvidence', { role: 'merchant' });
  // between two requests the time to decide runs, that for evidence does not
  one.advance(hour);
  expect(ask('buyer')).toBe('ok');
  expect(one.advance(day - 1)).toEqual([]);
  expect(one.advance(1)).toEqual(['evidenceDue']);
  expect(said(send(one, 'submitEvidence', { role: 'buyer' }))).toBe('WRONG_STATE');
  expect([ask('buyer'), ask('merchant')]).toEqual(['EVIDENCE_TIME_OVER', 'EVIDENCE_TIME_OVER']);
  expect(one.advance(10 * day)).toEqual(['decisionDue']);
  expect(ask('buyer')).toBe('EVIDENCE_TIME_OVER');
});

test('at whatever node: asking for evidence again and again never buys more than the time for it (SUP-6)', () => {
  for (const { node, model } of nodes) {
    const one = model.fork();
    accepted(one, 'fileAppeal', { role: 'buyer' });
    const due = supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue')?.dueAt ?? 0;
    let stood = 0;
    for (let asked = 0; said(send(one, 'requestEvidence', { input: { from: 'merchant' } })) === 'ok'; asked++) {
      if (asked > 10) throw new Error(`${node}: expected an end of requests`);
      const before = one.now;
      if (one.advance(20 * hour).includes('evidenceDue')) stood += 3 * day - 3 * 20 * hour;
      else {
        stood += one.now - before;
        accepted(one, 'submitEvidence', { role: 'merchant' });
      }
    }
    expect([node, stood]).toEqual([node, 3 * day]);
    expect([node, supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue')?.dueAt]).toEqual([node, due + 3 * day]);
  }
});

test('the next case has its whole time for evidence again (SUP-6)', () => {
  for (const end of ['withdrawAppeal', 'decideAppeal']) {
    const { one } = appealed(aSupervision(), ['buyer']);
    accepted(one, 'requestEvidence', { input: { from: 'buyer' } });
    one.advance(3 * day);
    expect(supervisionOf(one).context.evidenceOverAt).toBe(one.now);
    accepted(one, end);
    expect(supervisionOf(one).context.evidenceOverAt).toBeNull();
    accepted(one, 'fileAppeal', { role: 'merchant' });
    accepted(one, 'requestEvidence', { input: { from: 'buyer' } });
    expect(one.advance(3 * day - 1)).toEqual([]);
    expect(one.advance(1)).toEqual(['evidenceDue']);
  }
});

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
  expect(progress(model)).toBe('terminating');
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
  expect([frozen(model), said(send(model.fork(), 'confirmDecision'))]).toEqual([true, 'ok']);
  accepted(model, 'withdrawAppeal', { role: 'merchant' });
  expect(supervisionOf(model)).toMatchObject({ value: { freeze: 'running' }, context: { pendingDecision: null } });
  expect(said(send(model, 'confirmDecision'))).toBe('NO_DECISION_PENDING');
});

test('whatever is told of a case is of the topic of appeals and refunds, to whose receivers it goes (ACT-3)', () => {
  const ofCase = Object.entries(supervision.notices as Lifecycle['notices']).filter(([event]) => /Appeal|[eE]vidence|Decision|^decision/.test(event));
  expect(ofCase.map(([event]) => event).sort()).toEqual([
    ...['confirmDecision', 'decideAppeal', 'decisionDue', 'decisionReminder', 'evidenceDue', 'fileAppeal', 'rejectDecision'],
    ...['requestEvidence', 'submitEvidence', 'withdrawAppeal'],
  ]);
  for (const [event, notices] of ofCase) expect([event, ...notices.map(({ topic }) => topic)]).toEqual([event, ...notices.map(() => 'disputes')]);
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
  expect([progress(model), model.only('order')?.value, model.only('refund')?.effects.map(({ name }) => name)]).toEqual([
    'terminated',
    'refunded',
    ['synchroniseRefund'],
  ]);
});

test('an appeal during the refund freezes it, and can only let it go on (SUP-5)', () => {
  const model = aTermination({ state: 'awaitingAcceptance' });
  accepted(model, 'fileAppeal', { role: 'merchant' });
  expect(model.only('refund')?.effects).toMatchObject([{ name: 'payRefund', status: 'parked' }]);
  expect(said(send(model, 'decideAppeal', { input: { decision: 'complete' } }))).toBe('REFUND_ORDERED');
  accepted(model, 'decideAppeal');
  expect(model.only('refund')?.effects).toMatchObject([{ status: 'open', generation: 2 }]);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'terminating' }, context: { refund: { amount: 50_00 } } });
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
    return [progress(model), typeof supervisionOf(model).context.activatedAt];
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
  expect(progress(notYet)).toBe('awaitingProof');
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

test('who must act is whoever was asked for evidence, until when it is due; then again the manager (SUP-11)', () => {
  const model = aSupervision({ appeals: ['buyer'] });
  const told = () => {
    const { event, text, about } = model.messages.at(-1) ?? {};
    const due = supervisionOf(model).deadlines.find(({ dueAt }) => dueAt === about?.due)?.name;
    return [event, about?.state.en, about?.waitsFor.join(), due, waitsForOf(supervision, supervisionOf(model)).join(), text?.en];
  };
  accepted(model, 'requestEvidence', { input: { from: 'merchant' } });
  const first = told();
  accepted(model, 'requestEvidence', { input: { from: 'buyer' } });
  const both = told();
  accepted(model, 'submitEvidence', { role: 'merchant' });
  const one = told();
  accepted(model, 'submitEvidence', { role: 'buyer' });
  expect([first, both, one, told()]).toEqual([
    [
      'requestEvidence',
      'Evidence awaited',
      'merchant',
      'evidenceDue',
      'merchant',
      'The operations manager asks for evidence. It is for the merchant to hand it in.',
    ],
    [
      'requestEvidence',
      'Evidence awaited',
      'buyer,merchant',
      'evidenceDue',
      'buyer,merchant',
      'The operations manager asks for evidence. It is for the buyer, merchant to hand it in.',
    ],
    ['submitEvidence', 'Evidence awaited', 'buyer', 'evidenceDue', 'buyer', 'Evidence was handed in.'],
    ['submitEvidence', 'Frozen by an appeal', 'operationsManager', 'decisionDue', 'operationsManager', 'Evidence was handed in.'],
  ]);
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

test('an activation that is reported while frozen is recorded once and counts when the freeze ends (SUP-5)', () => {
  const model = aSupervision({ way: 'licenseOnlineCode', state: 'awaitingActivation', appeals: ['buyer'] });
  accepted(model, 'recordActivation');
  expect([progress(model), supervisionOf(model).recorded.length]).toEqual(['awaitingActivation', 1]);
  expect(said(send(model, 'recordActivation'))).toBe('RECORDED_ALREADY');
  accepted(model, 'withdrawAppeal', { role: 'buyer' });
  expect([progress(model), supervisionOf(model).recorded.length]).toEqual(['awaitingProof', 0]);
});

test('the fullest record stays small: texts are shortened, the log has them whole (SUP-3, SUP-9)', () => {
  const model = aSupervision({ way: 'humanService', state: 'awaitingDelivery' });
  const long = '证'.repeat(2_000);
  const files = Array(5).fill(file);
  for (let round = 0; round < 15; round++) {
    accepted(model, 'uploadImplementation', { input: { sow: files, files, comment: long } });
    accepted(model, 'returnDelivery', { reason: long });
  }
  for (const role of parties) accepted(model, 'fileAppeal', { role, reason: long, input: { files: Array(10).fill(file) } });
  for (const from of parties) accepted(model, 'requestEvidence', { input: { from }, reason: long });
  const { context } = supervisionOf(model);
  expect([context.round, (context.rounds as unknown[]).length]).toEqual([15, 10]);
  expect(new TextEncoder().encode(JSON.stringify(context)).length).toBeLessThan(24 * 1_024);
  expect(model.log.findLast(({ type }) => type === 'returnDelivery')?.reason).toBe(long);
});
