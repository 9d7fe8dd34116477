import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, lineProblems, numberProblems, taxRates, travelProblems } from '../../lifecycles/invoice/document.ts';
import type { Actor, Role } from '../../lifecycles/roles.ts';
import type { Policies } from '../../lifecycles/spans.ts';
import { cast } from '../lifecycles/cast.ts';
import { createModel, type Model } from '../lifecycles/drive.ts';

const sun: Actor = { ...cast.operationsManager, id: 'sun' };
const totals = { lines: 2, paid: 20_000, refunded: 0, net: 16_000, toInvoice: 16_000 };
const lines: Line[] = [{ description: '软件服务费', net: 15_094, taxRate: 600, tax: 906, gross: 16_000 }];
const anInvoice = { medium: 'fullyDigital', invoiceNumber: '24312000000012345678', lines };

/** A bill in the state after its building. */
function aBill({ now = '2026-11-03T09:00:00+08:00', sums = totals, policies = {} }: { now?: string; sums?: object; policies?: Policies } = {}): Model {
  const model = createModel({
    now: Date.parse(now),
    policies: { settlementBill: policies },
    factsFor: () => ({ evidence: [], billedOrder: { order: 'o', merchant: 120, platform: 30 } }),
  });
  const input = { partyKind: 'merchant', party: 'merchant-a', period: '2026-10', currency: 'CNY' };
  accepted(model.command({ lifecycle: 'settlementBill', command: 'openBill', actor: cast.system, input }));
  const bill = model.only('settlementBill');
  model.effectResult({ instance: bill?.id ?? '', key: bill?.effects[0]?.key ?? '', result: sums });
  return model;
}
const accepted = (answer: ReturnType<Model['command']>) => expect(answer).toMatchObject({ ok: true });
const billOf = (model: Model) => {
  const bill = model.only('settlementBill');
  if (!bill) throw new Error('expected a bill');
  return bill;
};
const send = (model: Model, command: string, by: Actor | Role, input: object = {}, of = 'settlementBill', reason: string | null = 'reason') => {
  const instance = [...model.instances.values()].filter(({ lifecycle }) => lifecycle === of).at(-1);
  return model.command({ lifecycle: of, instance: instance?.id ?? '', command, actor: typeof by === 'string' ? cast[by] : by, input: { ...input }, reason });
};
/** The states that a bill goes through when everything is done that can be done. */
function wayOf(model: Model): string[] {
  const way = [String(billOf(model).value)];
  const step = (command: string, by: Actor | Role, input?: object, of?: string) => {
    if (!send(model, command, by, input, of).ok) return;
    const state = String(billOf(model).value);
    if (way.at(-1) !== state) way.push(state);
  };
  step('sendBill', 'operationsManager');
  step('confirmBill', 'merchant');
  step('countersignBill', sun);
  step('submitInvoice', 'merchant', anInvoice);
  step('receiveInvoice', 'operationsManager', {}, 'invoice');
  step('verifyInvoice', 'operationsManager', {}, 'invoice');
  step('countersignBill', sun);
  return way;
}

test('the receiver confirms only bills sent before 2024-12-24 00:00 in Beijing, to the millisecond (BIL-3)', () => {
  const sentAt = (now: string) => {
    const model = aBill({ now });
    accepted(send(model, 'sendBill', 'operationsManager'));
    return billOf(model).value;
  };
  expect([sentAt('2024-12-23T23:59:59.999+08:00'), sentAt('2024-12-24T00:00:00.000+08:00')]).toEqual(['awaitingConfirmation', 'countersigning']);
});

test('the place of the countersignature is a setting: before the invoice, or after its verification (BIL-3)', () => {
  expect(wayOf(aBill())).toEqual(['inReview', 'countersigning', 'awaitingInvoice', 'invoiceSubmitted', 'invoiceReceived', 'paying']);
  expect(wayOf(aBill({ policies: { countersignPlace: 2 } }))).toEqual([
    'inReview',
    'awaitingInvoice',
    'invoiceSubmitted',
    'invoiceReceived',
    'countersigning',
    'paying',
  ]);
  expect(wayOf(aBill({ now: '2024-12-20T09:00:00+08:00' }))).toEqual([
    'inReview',
    'awaitingConfirmation',
    'countersigning',
    'awaitingInvoice',
    'invoiceSubmitted',
    'invoiceReceived',
    'paying',
  ]);
});

test('a bill of which nothing is invoiced to the marketplace is paid without; one that sums to nothing is carried forward (BIL-2, BIL-4)', () => {
  expect(wayOf(aBill({ sums: { ...totals, toInvoice: 0 } }))).toEqual(['inReview', 'countersigning', 'paying']);
  expect(wayOf(aBill({ sums: { ...totals, net: 0, toInvoice: 0 } }))).toEqual(['inReview', 'carriedForward']);
  expect(wayOf(aBill({ sums: { ...totals, net: -1, toInvoice: -1 } }))).toEqual(['inReview', 'carriedForward']);
});

test('who sent a bill does not countersign it; nobody else than its receiver invoices it (ACT-3, BIL-3)', () => {
  const model = aBill();
  accepted(send(model, 'sendBill', 'operationsManager'));
  expect(send(model, 'countersignBill', 'operationsManager')).toMatchObject({ problem: { code: 'COUNTERSIGN_BY_ANOTHER' } });
  accepted(send(model, 'countersignBill', sun));
  expect(send(model, 'submitInvoice', { id: 'x', role: 'merchant', party: 'merchant-b' }, anInvoice)).toMatchObject({ problem: { kind: 'NotFound' } });
  expect(send(model, 'submitInvoice', 'operationsManager', anInvoice)).toMatchObject({ problem: { code: 'ROLE_NOT_ALLOWED' } });
});

test('review is due in 3 working days with a reminder before; the invoice in a month; each passing is seen by an operator (BIL-3)', () => {
  const model = aBill();
  const due = (name: string) => {
    const at = billOf(model).deadlines.find((deadline) => deadline.name === name)?.dueAt;
    return at ? new Date(at + 8 * 3_600_000).toISOString().slice(0, 16) : null;
  };
  expect([due('reviewReminder'), due('reviewOverdue')]).toEqual(['2026-11-05T09:00', '2026-11-06T09:00']);
  accepted(send(model, 'sendBill', 'operationsManager'));
  accepted(send(model, 'countersignBill', sun));
  expect([due('invoiceReminder'), due('invoiceOverdue')]).toEqual(['2026-11-26T09:00', '2026-12-03T09:00']);
  model.advance(31 * 86_400_000);
  expect(billOf(model).incidents).toMatchObject([{ name: 'invoiceOverdue', code: 'DEADLINE_PASSED' }]);
});

test('a difference moves money between the shares of its order; the bill stays as it is, even when it is paid (BIL-3, BIL-8)', () => {
  const model = aBill({ sums: { ...totals, toInvoice: 0 } });
  accepted(send(model, 'sendBill', 'operationsManager'));
  const before = { ...billOf(model).context };
  accepted(send(model, 'recordDifference', 'operationsManager', { orderNumber: 'OR-2026-000001', amount: -120, ticket: 'TK-1' }));
  expect(send(model, 'recordDifference', 'operationsManager', { orderNumber: 'OR-2026-000001', amount: 0, ticket: 'TK-1' })).toMatchObject({
    problem: { code: 'INVALID', fields: [{ path: 'amount' }] },
  });
  // it makes no money: at most what the other side has of the order
  for (const amount of [31, -121])
    expect(send(model, 'recordDifference', 'operationsManager', { orderNumber: 'OR-2026-000001', amount, ticket: 'TK-1' })).toMatchObject({
      problem: { code: 'INVALID', fields: [{ path: 'amount' }] },
    });
  expect(billOf(model).context).toEqual(before);
});

test('an invoice whose lines, tax or number do not agree is refused, whatever they are (BIL-5, BIL-8)', () => {
  const sound = fc
    .record({ net: fc.integer({ min: 0, max: 10 ** 11 }), taxRate: fc.constantFrom(...taxRates) })
    .map(({ net, taxRate }) => ({ net, taxRate, tax: Math.round((net * taxRate) / 10_000) }))
    .map((amounts) => ({ description: 'x', ...amounts, gross: amounts.net + amounts.tax }));
  const total = (all: readonly Line[]) => all.reduce((sum, { gross }) => sum + gross, 0);
  fc.assert(
    fc.property(fc.array(sound, { minLength: 1, maxLength: 20 }), fc.integer({ min: 2, max: 10 ** 6 }), fc.nat(19), (all, wrong, place) => {
      expect(lineProblems(all, total(all))).toEqual([]);
      expect(lineProblems(all, total(all) + wrong)).toHaveLength(1);
      const at = place % all.length;
      const changed = all.map((line, index) => (index === at ? { ...line, tax: line.tax + wrong, gross: line.gross + wrong } : line));
      expect(lineProblems(changed, total(changed)).map(({ path }) => path)).toEqual([`lines.${at}.tax`]);
    }),
    { numRuns: 2_000 },
  );
  expect(lineProblems([{ description: 'x', net: 100, taxRate: 1_700, tax: 17, gross: 117 }], 117)).toMatchObject([{ path: 'lines.0.taxRate' }]);
});

test('each medium has a number of its form; only paper travels by courier, and it is tracked (BIL-5)', () => {
  expect(numberProblems('fullyDigital', { invoiceNumber: '24312000000012345678' })).toEqual([]);
  expect(numberProblems('fullyDigital', { invoiceCode: '044001900111', invoiceNumber: '12345678' }).map(({ path }) => path)).toEqual([
    'invoiceNumber',
    'invoiceCode',
  ]);
  expect(numberProblems('electronic', { invoiceNumber: '12345678' }).map(({ path }) => path)).toEqual(['invoiceCode']);
  expect(travelProblems('paper', {}).map(({ path }) => path)).toEqual(['courier', 'trackingNumber']);
  expect(travelProblems('electronic', { courier: 'SF' }).map(({ path }) => path)).toEqual(['courier']);
});
