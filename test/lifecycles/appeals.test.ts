import { describe, expect, test } from 'vitest';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { statesOf } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { appealed, effectsOf, frozen, left, nodes, parties } from './appeals.ts';
import { file } from './cast.ts';
import { accepted, aSupervision, aTermination, progressOf, said, send, supervisionOf } from './stories.ts';

test('the nodes are all that the machine has: 100 % of its states', () => {
  const known = new Set(nodes.map(({ model }) => progressOf(model)));
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
      expect([node, progressOf(one), left(one), effectsOf(one)]).toEqual([node, before.state, before.left, before.effects]);
      expect([node, said(send(one, 'decideAppeal'))]).toEqual([node, 'NO_APPEAL_STANDS']);
      expect([node, said(send(one, 'submitEvidence', { role: 'buyer' }))]).toEqual([node, 'WRONG_STATE']);
    }
  });

  test('and dismissed: the same, and both cases are closed (SUP-6)', () => {
    for (const { node, model } of nodes) {
      const { one, before } = appealed(model, roles);
      accepted(one, 'decideAppeal');
      expect([node, frozen(one), progressOf(one), left(one), effectsOf(one)]).toEqual([node, false, before.state, before.left, before.effects]);
      expect(supervisionOf(one).context.appeals).toEqual({ buyer: null, merchant: null });
    }
  });

  test('and decided otherwise: redelivered, completed, terminated (SUP-6)', () => {
    for (const { node, model } of nodes) {
      const { one, before } = appealed(model, roles);
      const decided = (input: Record<string, unknown>) => {
        const next = one.fork();
        const code = said(send(next, 'decideAppeal', { input }));
        return code === 'ok' ? progressOf(next) : code;
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

test('whatever is told of a case is of the topic of appeals and refunds, to whose receivers it goes (ACT-3)', () => {
  const ofCase = Object.entries(supervision.notices as Lifecycle['notices']).filter(([event]) => /Appeal|[eE]vidence|Decision|^decision/.test(event));
  expect(ofCase.map(([event]) => event).sort()).toEqual([
    ...['confirmDecision', 'decideAppeal', 'decisionDue', 'decisionReminder', 'evidenceDue', 'fileAppeal', 'rejectDecision'],
    ...['requestEvidence', 'submitEvidence', 'withdrawAppeal'],
  ]);
  for (const [event, notices] of ofCase) expect([event, ...notices.map(({ topic }) => topic)]).toEqual([event, ...notices.map(() => 'disputes')]);
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

test('an activation that is reported while frozen is recorded once and counts when the freeze ends (SUP-5)', () => {
  const model = aSupervision({ way: 'licenseOnlineCode', state: 'awaitingActivation', appeals: ['buyer'] });
  accepted(model, 'recordActivation');
  expect([progressOf(model), supervisionOf(model).recorded.length]).toEqual(['awaitingActivation', 1]);
  expect(said(send(model, 'recordActivation'))).toBe('RECORDED_ALREADY');
  accepted(model, 'withdrawAppeal', { role: 'buyer' });
  expect([progressOf(model), supervisionOf(model).recorded.length]).toEqual(['awaitingProof', 0]);
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
