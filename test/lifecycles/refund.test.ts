import { describe, expect, test } from 'vitest';
import { messageOf } from '../../lifecycles/problem.ts';
import { cast, day, factsOfTheModel, file, hour } from './cast.ts';
import type { Model, ModelOptions } from './drive.ts';
import { asked, lastRefund, refundState, worked } from './refunds.ts';
import { accepted, anOrder, aPaidOrder, aService, aSupervision, aTermination, progressOf, said, send, supervisionOf } from './stories.ts';

const later = (model: Model, ms: number): Model => {
  const moved = model.fork();
  moved.moveTo(model.now + ms);
  return moved;
};
const request = (model: Model, input: Record<string, unknown> = {}) =>
  send(model.fork(), 'requestRefund', { input: { order: model.only('order')?.id, because: '不再需要', ...input } });
const anImage = () => aPaidOrder({ product: 'image' });
const withFacts = (facts: Record<string, unknown>): ModelOptions => ({ factsFor: (names, ask) => ({ ...factsOfTheModel(names, ask), ...facts }) });
const settled = (model: Model): Model => {
  while (worked(model));
  return model;
};

describe('when a refund may be asked for, and what stands in its way (REF-1, REF-1a, REF-2)', () => {
  const moments: Record<string, () => Model> = {
    'not paid': () => anOrder(),
    'supervised, awaiting delivery': () => aSupervision(),
    'supervised, delivered': () => aSupervision({ state: 'awaitingAcceptance' }),
    'supervised for a year': () => later(aSupervision({ state: 'awaitingAcceptance' }), 400 * day),
    'supervised, frozen by an appeal': () => aSupervision({ appeals: ['merchant'] }),
    'a code that is not claimed': () => aSupervision({ way: 'licenseOnlineCode', state: 'awaitingClaim' }),
    'a code that is claimed': () => aSupervision({ way: 'licenseOnlineCode', state: 'awaitingActivation' }),
    accepted: () => aSupervision({ state: 'accepted' }),
    'supervision finished': () => aSupervision({ state: 'finished' }),
    'refund under way': () => asked(aSupervision()),
    'refund decided': () => aTermination({ state: 'awaitingAcceptance' }),
    refunded: () => settled(aTermination({ state: 'awaitingAcceptance' })),
    'SaaS, being opened': () => aPaidOrder({ product: 'saas-automatic' }),
    'SaaS, just open': () => aService(),
    'SaaS, a millisecond before 5 days': () => later(aService(), 5 * day - 1),
    'SaaS, after 5 days': () => later(aService(), 5 * day),
    'SaaS, past its validity': () => later(aService(), 40 * day),
    'image, just paid': anImage,
    'image, after 5 days': () => later(anImage(), 5 * day),
    'data asset': () => aPaidOrder({ product: 'data-asset' }),
    'ten refunds this year': () => aService(withFacts({ refundsThisYear: { used: 10, until: Date.parse('2027-01-01T00:00:00+08:00') } })),
    'nine refunds this year': () => aService(withFacts({ refundsThisYear: { used: 9, until: 0 } })),
    'an invoice is issued': () =>
      aSupervision(withFacts({ invoices: [{ id: 'i', number: 'IV-1', state: 'sent', issuedAt: Date.parse('2026-03-01T00:00:00Z') }] })),
    'an invoice was returned': () =>
      aSupervision(withFacts({ invoices: [{ id: 'i', number: 'IV-1', state: 'returned', issuedAt: Date.parse('2026-03-01T00:00:00Z') }] })),
  };

  test('each moment of each product: allowed, or by which code not', () => {
    const answers = Object.entries(moments).map(([name, model]) => [name, said(request(model()))]);
    expect(Object.fromEntries(answers)).toMatchInlineSnapshot(`
      {
        "SaaS, a millisecond before 5 days": "ok",
        "SaaS, after 5 days": "NO_GUARANTEE_PERIOD",
        "SaaS, being opened": "ORDER_NOT_OPENED",
        "SaaS, just open": "ok",
        "SaaS, past its validity": "ORDER_EXPIRED",
        "a code that is claimed": "LICENCE_CODE_CLAIMED",
        "a code that is not claimed": "ok",
        "accepted": "REFUND_AFTER_ACCEPTANCE",
        "an invoice is issued": "INVOICE_ISSUED",
        "an invoice was returned": "ok",
        "data asset": "NO_REFUND_OF_TYPE",
        "image, after 5 days": "NO_GUARANTEE_PERIOD",
        "image, just paid": "ok",
        "nine refunds this year": "ok",
        "not paid": "ORDER_NOT_PAID",
        "refund decided": "REFUND_UNDER_WAY",
        "refund under way": "REFUND_UNDER_WAY",
        "refunded": "ORDER_REFUNDED",
        "supervised for a year": "ok",
        "supervised, awaiting delivery": "ok",
        "supervised, delivered": "ok",
        "supervised, frozen by an appeal": "REFUND_FROZEN",
        "supervision finished": "SUPERVISION_FINISHED",
        "ten refunds this year": "REFUND_LIMIT",
      }
    `);
  });

  test('every refusal says in both languages what decided it and since when, with nothing left blank', () => {
    for (const [name, model] of Object.entries(moments)) {
      const answer = request(model());
      if (answer.ok) continue;
      const { zh, en } = messageOf(answer.problem);
      expect(zh, name).toMatch(/\p{Script=Han}/u);
      expect(`${zh} ${en}`, name).not.toMatch(/[{}–]|undefined|null|1970|\[object/);
    }
  });

  test('how much: up to what was paid where it is negotiated, in full or not at all where it is not', () => {
    const [negotiated, free] = [aSupervision(), aService()];
    expect({
      'one 分': said(request(negotiated, { amount: 1 })),
      'all of it': said(request(negotiated, { amount: 100_00 })),
      'one 分 more': said(request(negotiated, { amount: 100_01 })),
      nothing: said(request(negotiated, { amount: 0 })),
      'without a reason, in full': said(request(free, { amount: 100_00 })),
      'without a reason, in part': said(request(free, { amount: 99_99 })),
      'with a file of someone else': said(request(negotiated, { files: ['22222222-2222-4222-8222-222222222222'] })),
      'of no order': said(request(negotiated, { order: supervisionOf(negotiated).id })),
      'of another buyer’s order': said(
        negotiated.fork().command({
          lifecycle: 'refund',
          command: 'requestRefund',
          actor: { ...cast.buyer, party: 'buyer-b' },
          input: { order: negotiated.only('order')?.id, because: 'x' },
        }),
      ),
    }).toMatchInlineSnapshot(`
      {
        "all of it": "ok",
        "nothing": "INVALID",
        "of another buyer’s order": "NOT_FOUND",
        "of no order": "NOT_AN_ORDER",
        "one 分": "ok",
        "one 分 more": "REFUND_OVER_LEFT",
        "with a file of someone else": "INVALID",
        "without a reason, in full": "ok",
        "without a reason, in part": "REFUND_IN_FULL",
      }
    `);
  });
});

describe('negotiated, answered, withdrawn, silent (REF-3, REF-4)', () => {
  test('while it is negotiated the delivery’s people are refused and its clocks keep what was left', () => {
    const model = aSupervision({ state: 'awaitingAcceptance' });
    model.advance(3 * hour);
    const before = supervisionOf(model).deadlines.map(({ name, dueAt }) => [name, (dueAt ?? 0) - model.now]);
    const refunding = asked(model);
    for (const name of ['acceptDelivery', 'returnDelivery']) expect(said(send(refunding.fork(), name))).toBe('REFUND_PENDING');
    expect(said(send(asked(aSupervision()), 'uploadAcceptance'))).toBe('REFUND_PENDING');
    refunding.advance(2 * day);
    expect(supervisionOf(refunding).deadlines.map(({ name, remainingMs }) => [name, remainingMs])).toEqual(before);
    accepted(refunding, 'withdrawRefund');
    expect(supervisionOf(refunding).deadlines.map(({ name, dueAt }) => [name, (dueAt ?? 0) - refunding.now])).toEqual(before);
    expect([refundState(refunding), refunding.only('order')?.value, said(send(refunding, 'acceptDelivery'))]).toEqual(['withdrawn', 'processing', 'ok']);
  });

  test('refused: back to the former state, and the buyer may ask again', () => {
    const model = asked(aSupervision());
    accepted(model, 'refuseRefund', { reason: '服务已按约开通' });
    expect([refundState(model), model.only('order')?.value, progressOf(model)]).toEqual(['refused', 'processing', 'awaitingDelivery']);
    expect(lastRefund(model).context.review).toMatchObject({ approved: false, by: cast.merchant.id, opinion: '服务已按约开通' });
    expect(said(request(model))).toBe('ok');
    expect(said(send(model, 'withdrawRefund'))).toBe('ENDED');
  });

  test('approved: takes the proof of the agreement for SaaS, and ends order and supervision when it is paid', () => {
    const model = asked(aSupervision(), { amount: 30_00 });
    expect(said(send(model.fork(), 'approveRefund', { input: {} }))).toBe('PROOF_REQUIRED');
    expect(said(send(asked(aSupervision({ way: 'humanService' })), 'approveRefund', { input: {} }))).toBe('ok');
    accepted(model, 'approveRefund', { input: { files: [file] }, reason: '已与客户沟通' });
    expect([refundState(model), model.only('order')?.value]).toEqual(['paying', 'refunding']);
    expect(said(send(model.fork(), 'refuseRefund'))).toBe('WRONG_STATE');
    worked(model);
    expect([refundState(model), model.only('order')?.value, progressOf(model)]).toEqual(['synchronising', 'refunded', 'terminated']);
    worked(model);
    expect(lastRefund(model)).toMatchObject({ value: { progress: 'refunded' }, context: { receipt: 'PO-1', statusReceipt: 'RF-1' } });
  });

  test('a silent merchant is reminded a working day before, then an operations manager may decide in its place; it still may answer', () => {
    const model = asked(aSupervision());
    expect(said(send(model.fork(), 'decideRefund'))).toBe('WRONG_STATE');
    // Monday 10:00 and 3 working days
    expect(model.advance(2 * day)).toEqual(['reviewReminder']);
    expect(model.advance(day)).toEqual(['reviewOverdue']);
    expect(refundState(model)).toBe('escalated');
    const heard = model.messages.filter(({ event }) => event === 'reviewOverdue').map(({ to }) => to);
    expect(heard).toEqual([['operationsManager', 'merchant']]);
    const states = ['approveRefund', 'refuseRefund', 'withdrawRefund', 'decideRefund'].map((name) => {
      const answered = model.fork();
      accepted(answered, name);
      return refundState(answered);
    });
    expect(states).toEqual(['paying', 'refused', 'withdrawn', 'paying']);
    accepted(model, 'decideRefund', { input: { decision: 'refuse' } });
    expect(lastRefund(model)).toMatchObject({ value: { progress: 'refused' }, context: { review: { role: 'operationsManager' } } });
  });

  test('not synchronised within 3 hours of the approval: an incident until it is, and never silence (REF-2)', () => {
    const model = asked(aSupervision());
    accepted(model, 'approveRefund');
    expect(model.advance(3 * hour - 1)).toEqual([]);
    expect(model.advance(1)).toEqual(['refundOverdue']);
    expect(lastRefund(model).incidents).toMatchObject([{ name: 'refundOverdue' }]);
    settled(model);
    expect(lastRefund(model).incidents).toEqual([]);
  });
});

describe('beside an appeal (SUP-5, SUP-6)', () => {
  test('an appeal freezes a negotiated refund with its clock; the decision to dismiss lets it go on', () => {
    const model = asked(aSupervision());
    model.advance(hour);
    accepted(model, 'fileAppeal');
    expect(said(send(model.fork(), 'approveRefund'))).toBe('FROZEN_BY_APPEAL');
    model.advance(day);
    accepted(model, 'decideAppeal', { input: { decision: 'dismiss' } });
    expect(refundState(model)).toBe('negotiating');
    expect(model.advance(2 * day - hour - 1)).toEqual([]);
    expect(model.advance(1)).toEqual(['reviewReminder']);
  });

  test('every other decision settles the case in its place', () => {
    const ends = [{ decision: 'complete' }, { decision: 'redeliver' }, { decision: 'terminate', refundAmount: 40_00 }].map((input) => {
      const model = asked(aSupervision({ state: 'awaitingAcceptance' }), { amount: 70_00 });
      accepted(model, 'fileAppeal', { role: 'merchant' });
      accepted(model, 'decideAppeal', { input });
      const refunds = [...model.instances.values()].filter(({ lifecycle }) => lifecycle === 'refund');
      return [
        input.decision,
        progressOf(model),
        model.only('order')?.value,
        refunds.map(({ value, context }) => [(value as { progress: string }).progress, context.amount]),
      ];
    });
    expect(ends).toEqual([
      ['complete', 'accepted', 'processing', [['superseded', 70_00]]],
      ['redeliver', 'awaitingDelivery', 'processing', [['superseded', 70_00]]],
      [
        'terminate',
        'terminating',
        'refunding',
        [
          ['superseded', 70_00],
          ['paying', 40_00],
        ],
      ],
    ]);
  });

  test('an appeal while it is paid parks the payment; what was paid meanwhile counts when the freeze ends, and nothing else may be decided', () => {
    const model = asked(aSupervision());
    accepted(model, 'approveRefund');
    accepted(model, 'fileAppeal');
    expect(lastRefund(model).effects).toMatchObject([{ name: 'payRefund', status: 'parked' }]);
    worked(model);
    expect([refundState(model), model.only('order')?.value]).toEqual(['paying', 'refunding']);
    expect(said(send(model.fork(), 'decideAppeal', { input: { decision: 'terminate', refundAmount: 1 } }))).toBe('REFUND_ORDERED');
    accepted(model, 'withdrawAppeal');
    expect([refundState(model), model.only('order')?.value, progressOf(model)]).toEqual(['synchronising', 'refunded', 'terminated']);
  });

  test('a termination waits for an issued invoice to be returned (SUP-6)', () => {
    const model = aSupervision({
      appeals: ['buyer'],
      ...withFacts({ invoices: [{ id: 'i', number: 'IV-1', state: 'issued', issuedAt: Date.parse('2026-03-01T00:00:00Z') }] }),
    });
    expect(said(send(model, 'decideAppeal', { input: { decision: 'terminate', refundAmount: 1 } }))).toBe('INVOICE_ISSUED');
    expect(said(send(model, 'decideAppeal', { input: { decision: 'dismiss' } }))).toBe('ok');
  });
});

describe('a payment that the provider refuses for good (REF-5)', () => {
  const refusedPayout = (model: Model): Model => {
    const { id, effects } = lastRefund(model);
    model.effectGaveUp({ instance: id, key: effects[0]?.key ?? '', exit: 'failed' });
    return model;
  };

  test('is an incident; until it is refused nothing else may pay, then it is tried again, paid another way, or called off', () => {
    const model = asked(aSupervision());
    accepted(model, 'approveRefund');
    for (const name of ['recordPayout', 'abandonRefund']) expect(said(send(model.fork(), name))).toBe('PAYOUT_NOT_REFUSED');
    refusedPayout(model);
    expect(lastRefund(model).incidents).toMatchObject([{ name: 'payRefund' }]);
    const paid = model.fork();
    accepted(paid, 'recordPayout', { input: { reference: 'BANK-77' } });
    expect([refundState(paid), paid.only('order')?.value, lastRefund(paid).context.receipt]).toEqual(['synchronising', 'refunded', 'BANK-77']);
    expect(lastRefund(paid).effects.map(({ name }) => name)).toEqual(['synchroniseRefund']);
    accepted(model, 'abandonRefund');
    expect([refundState(model), model.only('order')?.value, progressOf(model), said(request(model))]).toEqual([
      'abandoned',
      'processing',
      'awaitingDelivery',
      'ok',
    ]);
  });

  test('what is owed by a rule or a decision cannot be called off', () => {
    for (const model of [asked(aService()), aTermination({ state: 'awaitingAcceptance' })])
      expect(said(send(refusedPayout(model), 'abandonRefund'))).toBe('PAYOUT_OWED');
  });
});

test('five days without a reason: paid at once, without the merchant, and its service is released (REF-1a, REF-5)', () => {
  const model = asked(aService());
  expect([refundState(model), model.only('order')?.value, model.only('serviceInstance')?.value]).toEqual(['paying', 'refunding', 'released']);
  settled(model);
  expect([refundState(model), model.only('order')?.value]).toEqual(['refunded', 'refunded']);
});
