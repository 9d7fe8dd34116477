import { describe, expect, test } from 'vitest';
import { waitsForOf } from '../../lifecycles/awaited.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { stateOf } from '../../lifecycles/registry.ts';
import type { Actor, Role } from '../../lifecycles/roles.ts';
import { cast, day, file } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { asked, lastRefund } from './refunds.ts';
import { accepted, aSupervision, said } from './stories.ts';

const qian = cast.operationsManager;
const sun: Actor = { ...qian, id: 'sun' };
/** A step: who does what, by which input. */
type Step = [who: Actor | Role, command: string, input?: Record<string, unknown>];

const onLast = (model: Model, lifecycle: string): Instance => {
  const found = [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle);
  if (!found) throw new Error(`expected a ${lifecycle}, got none`);
  return found;
};

/** Each step's answer and where the instance then is, with those who must act. */
function told(model: Model, lifecycle: string, steps: readonly Step[]): string[] {
  return steps.map(([who, command, input = {}]) => {
    const actor = typeof who === 'string' ? cast[who] : who;
    const answer = model.command({ lifecycle, instance: onLast(model, lifecycle).id, command, actor, input, reason: '已核实' });
    const instance = onLast(model, lifecycle);
    const declared = model.registry.of(lifecycle);
    return `${actor.id} ${command}: ${said(answer)} → ${stateOf(instance.value)}, ${waitsForOf(declared, instance).join('+') || 'nobody'}`;
  });
}

/** An order of 100.00 whose refund of so much is negotiated, under a limit of 50.00; the merchant has been silent. */
function escalated(amount: number): Model {
  const model = asked(aSupervision({ policies: { refund: { secondPersonAbove: 50_00 } } }), { amount });
  model.advance(3 * day);
  return model;
}
/** The same, approved by the merchant, and refused by the payment provider for good. */
function refusedPayout(amount: number): Model {
  const model = asked(aSupervision({ policies: { refund: { secondPersonAbove: 50_00 } } }), { amount });
  accepted(model, 'approveRefund', { input: { files: [file] } });
  const { id, effects } = lastRefund(model);
  model.effectGaveUp({ instance: id, key: effects[0]?.key ?? '' });
  return model;
}
const approve = { decision: 'approve' };
const bank = { reference: 'BANK-1' };

describe('an operations manager’s word on a refund above the limit takes another one (ACT-3, REF-4)', () => {
  const ways: Record<string, Step[]> = {
    'confirmed by another': [
      [qian, 'decideRefund', approve],
      [sun, 'decideRefund', approve],
      [qian, 'confirmRefundDecision'],
      ['merchant', 'confirmRefundDecision'],
      [sun, 'confirmRefundDecision'],
    ],
    'rejected, and decided anew': [
      [qian, 'decideRefund', approve],
      [sun, 'rejectRefundDecision'],
      [sun, 'confirmRefundDecision'],
      [sun, 'decideRefund', approve],
      [qian, 'confirmRefundDecision'],
    ],
    'taken back by its maker, then refused by one alone': [
      [qian, 'decideRefund', approve],
      [qian, 'rejectRefundDecision'],
      [qian, 'decideRefund', { decision: 'refuse' }],
    ],
    'overtaken by the merchant, who may still answer': [
      [qian, 'decideRefund', approve],
      ['merchant', 'approveRefund', { files: [file] }],
      [sun, 'confirmRefundDecision'],
    ],
    'overtaken by the buyer, who may still withdraw': [
      [qian, 'decideRefund', approve],
      ['buyer', 'withdrawRefund'],
    ],
  };
  test('each way, step by step', () => {
    expect(Object.fromEntries(Object.entries(ways).map(([name, steps]) => [name, told(escalated(50_01), 'refund', steps)]))).toMatchInlineSnapshot(`
      {
        "confirmed by another": [
          "qian decideRefund: ok → escalated, merchant+operationsManager",
          "sun decideRefund: DECISION_PENDING → escalated, merchant+operationsManager",
          "qian confirmRefundDecision: SECOND_PERSON → escalated, merchant+operationsManager",
          "zhao confirmRefundDecision: ROLE_NOT_ALLOWED → escalated, merchant+operationsManager",
          "sun confirmRefundDecision: ok → paying, system",
        ],
        "overtaken by the buyer, who may still withdraw": [
          "qian decideRefund: ok → escalated, merchant+operationsManager",
          "li withdrawRefund: ok → withdrawn, nobody",
        ],
        "overtaken by the merchant, who may still answer": [
          "qian decideRefund: ok → escalated, merchant+operationsManager",
          "zhao approveRefund: ok → paying, system",
          "sun confirmRefundDecision: NO_DECISION_PENDING → paying, system",
        ],
        "rejected, and decided anew": [
          "qian decideRefund: ok → escalated, merchant+operationsManager",
          "sun rejectRefundDecision: ok → escalated, merchant+operationsManager",
          "sun confirmRefundDecision: NO_DECISION_PENDING → escalated, merchant+operationsManager",
          "sun decideRefund: ok → escalated, merchant+operationsManager",
          "qian confirmRefundDecision: ok → paying, system",
        ],
        "taken back by its maker, then refused by one alone": [
          "qian decideRefund: ok → escalated, merchant+operationsManager",
          "qian rejectRefundDecision: ok → escalated, merchant+operationsManager",
          "qian decideRefund: ok → refused, nobody",
        ],
      }
    `);
  });

  test('up to the limit one is enough; what was confirmed names who decided, and reserves the money then', () => {
    expect(told(escalated(50_00), 'refund', [[qian, 'decideRefund', approve]])).toEqual(['qian decideRefund: ok → paying, system']);
    const model = escalated(50_01);
    const reserved = () => model.postings.filter(({ to }) => to === 'reserved').map(({ amount }) => amount);
    told(model, 'refund', [[qian, 'decideRefund', approve]]);
    expect([lastRefund(model).context.pendingDecision, reserved()]).toMatchObject([{ by: 'qian', command: 'decideRefund', opinion: '已核实' }, []]);
    told(model, 'refund', [[sun, 'confirmRefundDecision']]);
    expect([lastRefund(model).context, reserved()]).toMatchObject([
      { pendingDecision: null, review: { approved: true, by: 'qian', role: 'operationsManager', opinion: '已核实' } },
      [50_01],
    ]);
  });

  test('the managers are told that it awaits one of them, the parties only when it counts', () => {
    const model = escalated(50_01);
    const heard = (event: string) => model.messages.filter((message) => message.event === event).flatMap(({ to }) => to);
    told(model, 'refund', [[qian, 'decideRefund', approve]]);
    expect(heard('decideRefund')).toEqual(['operationsManager']);
    told(model, 'refund', [[sun, 'confirmRefundDecision']]);
    expect(heard('confirmRefundDecision')).toEqual(['buyer', 'merchant']);
  });
});

describe('a payment made another way above the limit takes another manager (ACT-3, REF-5)', () => {
  const ways: Record<string, Step[]> = {
    'confirmed by another': [
      [qian, 'recordPayout', bank],
      [qian, 'abandonRefund'],
      [qian, 'confirmRefundDecision'],
      [sun, 'confirmRefundDecision'],
    ],
    'rejected, and called off': [
      [qian, 'recordPayout', bank],
      [sun, 'rejectRefundDecision'],
      [sun, 'abandonRefund'],
    ],
  };
  test('each way, step by step', () => {
    expect(Object.fromEntries(Object.entries(ways).map(([name, steps]) => [name, told(refusedPayout(50_01), 'refund', steps)]))).toMatchInlineSnapshot(`
      {
        "confirmed by another": [
          "qian recordPayout: ok → paying, operationsManager",
          "qian abandonRefund: DECISION_PENDING → paying, operationsManager",
          "qian confirmRefundDecision: SECOND_PERSON → paying, operationsManager",
          "sun confirmRefundDecision: ok → synchronising, system",
        ],
        "rejected, and called off": [
          "qian recordPayout: ok → paying, operationsManager",
          "sun rejectRefundDecision: ok → paying, system",
          "sun abandonRefund: ok → abandoned, nobody",
        ],
      }
    `);
    expect(told(refusedPayout(50_00), 'refund', [[qian, 'recordPayout', bank]])).toEqual(['qian recordPayout: ok → synchronising, system']);
  });

  test('while one awaits confirmation the provider is not asked again; once it is rejected the provider’s word counts, and one payment is recorded', () => {
    const model = refusedPayout(50_01);
    const effect = lastRefund(model).effects[0]?.key ?? '';
    const [recorded, refused, rejected, retried, late] = told(model, 'refund', [
      [qian, 'recordPayout', bank],
      [sun, 'retryEffect', { effect }],
      [sun, 'rejectRefundDecision'],
      [sun, 'retryEffect', { effect }],
      [qian, 'recordPayout', bank],
    ]);
    expect([recorded, refused, rejected, retried, late]).toEqual([
      'qian recordPayout: ok → paying, operationsManager',
      'sun retryEffect: DECISION_PENDING → paying, operationsManager',
      'sun rejectRefundDecision: ok → paying, system',
      'sun retryEffect: ok → paying, system',
      'qian recordPayout: PAYOUT_NOT_REFUSED → paying, system',
    ]);
    model.effectResult({ instance: lastRefund(model).id, key: effect, result: { receipt: 'PO-1' } });
    expect(lastRefund(model).context).toMatchObject({ receipt: 'PO-1', pendingDecision: null });
    expect(told(model, 'refund', [[sun, 'confirmRefundDecision']])).toEqual(['sun confirmRefundDecision: WRONG_STATE → synchronising, system']);
  });
});

describe('a difference above the limit takes another manager (ACT-3, BIL-3)', () => {
  const shares = { order: 'o', merchant: 120_00, platform: 80_00 };
  /** A bill in review; what the order's sides have of it may be moved meanwhile. */
  function aBill(now = shares): { model: Model; sides: typeof shares } {
    const sides = { ...now };
    const policies = { settlementBill: { secondPersonAbove: 50_00 } };
    const model = createModel({ now: Date.parse('2026-11-03T09:00:00+08:00'), policies, factsFor: () => ({ evidence: [], billedOrder: { ...sides } }) });
    const input = { partyKind: 'merchant', party: 'merchant-a', period: '2026-10', currency: 'CNY' };
    model.command({ lifecycle: 'settlementBill', command: 'openBill', actor: cast.system, input });
    const bill = onLast(model, 'settlementBill');
    const result = { lines: 2, paid: 200_00, refunded: 0, net: 120_00, toInvoice: 0 };
    model.effectResult({ instance: bill.id, key: bill.effects[0]?.key ?? '', result });
    return { model, sides };
  }
  const difference = (amount: number) => ({ orderNumber: 'OR-2026-000001', amount, ticket: 'TK-1' });
  const moved = (model: Model) => model.postings.map(({ from, to, amount }) => `${from} → ${to} ${amount}`);

  test('each way, step by step, and what moves', () => {
    const ways: Record<string, Step[]> = {
      'up to the limit': [[qian, 'recordDifference', difference(50_00)]],
      'above it, confirmed by another': [
        [qian, 'recordDifference', difference(50_01)],
        [sun, 'recordDifference', difference(1)],
        [qian, 'confirmDifference'],
        [sun, 'confirmDifference'],
        [sun, 'confirmDifference'],
      ],
      'above it, the other way': [
        [qian, 'recordDifference', difference(-50_01)],
        [sun, 'confirmDifference'],
      ],
      'above it, rejected': [
        [qian, 'recordDifference', difference(50_01)],
        [sun, 'rejectDifference'],
        [sun, 'confirmDifference'],
      ],
      'sent and paid meanwhile, it still awaits a manager': [
        [qian, 'recordDifference', difference(50_01)],
        [qian, 'sendBill'],
        [sun, 'countersignBill'],
        [sun, 'confirmDifference'],
      ],
    };
    const all = Object.entries(ways).map(([name, steps]) => {
      const { model } = aBill();
      return [name, [...told(model, 'settlementBill', steps), ...moved(model)]];
    });
    expect(Object.fromEntries(all)).toMatchInlineSnapshot(`
      {
        "above it, confirmed by another": [
          "qian recordDifference: ok → inReview, operationsManager",
          "sun recordDifference: DECISION_PENDING → inReview, operationsManager",
          "qian confirmDifference: SECOND_PERSON → inReview, operationsManager",
          "sun confirmDifference: ok → inReview, operationsManager",
          "sun confirmDifference: NO_DECISION_PENDING → inReview, operationsManager",
          "platform → merchant 5001",
        ],
        "above it, rejected": [
          "qian recordDifference: ok → inReview, operationsManager",
          "sun rejectDifference: ok → inReview, operationsManager",
          "sun confirmDifference: NO_DECISION_PENDING → inReview, operationsManager",
        ],
        "above it, the other way": [
          "qian recordDifference: ok → inReview, operationsManager",
          "sun confirmDifference: ok → inReview, operationsManager",
          "merchant → platform 5001",
        ],
        "sent and paid meanwhile, it still awaits a manager": [
          "qian recordDifference: ok → inReview, operationsManager",
          "qian sendBill: ok → countersigning, operationsManager",
          "sun countersignBill: ok → paying, system+operationsManager",
          "sun confirmDifference: ok → paying, system",
          "platform → merchant 5001",
        ],
        "up to the limit": [
          "qian recordDifference: ok → inReview, operationsManager",
          "platform → merchant 5000",
        ],
      }
    `);
  });

  test('its order’s shares are looked at again when it is confirmed', () => {
    const { model, sides } = aBill();
    told(model, 'settlementBill', [[qian, 'recordDifference', difference(50_01)]]);
    sides.platform = 50_00;
    expect(told(model, 'settlementBill', [[sun, 'confirmDifference']])).toEqual(['sun confirmDifference: DIFFERENCE_OVER_SHARE → inReview, operationsManager']);
    sides.platform = 50_01;
    expect(told(model, 'settlementBill', [[sun, 'confirmDifference']])).toEqual(['sun confirmDifference: ok → inReview, operationsManager']);
    expect(onLast(model, 'settlementBill').context.net).toBe(120_00);
  });
});
