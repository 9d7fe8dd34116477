import { afterAll, beforeAll, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { billingAt } from '../../lifecycles/settlement/periods.ts';
import { codeOf, done, put } from '../exit/merchants.ts';
import { setPolicies } from '../faults/orders.ts';
import { aDatabase, buyer, type Database, machine, manager, numberOf } from '../world.ts';
import { billed, month } from './charges.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
  await database.pool.query(`update products set offers = '{"unitPrice": 250}' where id = 'saas-instant'`);
  await setPolicies(database, { secondPersonAbove: 10_00 }, 'settlementBill');
});
afterAll(() => database.drop());

const second = { ...manager, id: 'manager.sun' };
/** Bills of the running month are due: what was recorded in it is on them. */
const nextBilling = billingAt(month(0), 3, shanghai);
const linesOf = async (order: string) =>
  (await database.pool.query("select kind, net from bill_lines where order_id = $1 and kind = 'difference' order by recorded_at", [order])).rows;
const moved = async (bill: string) =>
  (await database.pool.query('select from_account, to_account, amount from ledger where instance_id = $1 order by revision', [bill])).rows;

/** An order of 250.00 used in a month that is billed, and its bill in review. */
async function aBilledOrder() {
  const { instance: account } = await done(put(database, buyer, 'buyerAccount', 'openBuyerAccount', null));
  await done(put(database, machine, 'buyerAccount', 'topUpAccount', account, { input: { amount: 1_000_00, reference: 'BANK-1' } }));
  const { instance: order } = await done(put(database, buyer, 'order', 'placeOrder', null, { input: { product: 'saas-instant', kind: 'onDemand' } }));
  await done(put(database, machine, 'order', 'recordOpening', order));
  const { rows: services } = await database.pool.query("select id from instances where refs ->> 'order' = $1 and lifecycle = 'serviceInstance'", [order]);
  const [from, until] = [month(2).from, month(2).from + 3_600_000].map((at) => new Date(at).toISOString());
  await done(put(database, machine, 'serviceInstance', 'recordUsage', services[0].id, { input: { meteringId: 'r1', usage: '100', from, until } }));
  expect(await billed(database)).toBe(1);
  const { rows } = await database.pool.query('select bill_id as bill from bill_lines where order_id = $1', [order]);
  await database.pool.query(`update instances set state = 'inReview', value = '"inReview"' where id = $1`, [rows[0].bill]);
  return { order, bill: rows[0].bill as string, orderNumber: await numberOf(database, order) };
}

test('a difference above the limit counts only once a second person has confirmed it, however many do at once, and is on the next bill once (ACT-3, BIL-3)', async () => {
  const { order, bill, orderNumber } = await aBilledOrder();
  const record = (amount: number) =>
    put(database, manager, 'settlementBill', 'recordDifference', bill, { input: { orderNumber, amount, ticket: 'TK-2026-1' }, reason: '少计一笔' });
  const decide = (command: 'confirmDifference' | 'rejectDifference', by = second) => put(database, by, 'settlementBill', command, bill);

  await done(record(20_00));
  expect(await Promise.all([record(1), decide('confirmDifference', manager)].map(codeOf))).toEqual(['DECISION_PENDING', 'SECOND_PERSON']);
  expect([await moved(bill), await billed(database, nextBilling)]).toEqual([[], 0]);
  const answers = await Promise.all([1, 2, 3, 4].map(() => codeOf(decide('confirmDifference'))));
  expect(answers.sort()).toEqual(['NO_DECISION_PENDING', 'NO_DECISION_PENDING', 'NO_DECISION_PENDING', 'done']);
  const posting = { from_account: 'platform', to_account: 'merchant', amount: 20_00 };
  expect([await moved(bill), await linesOf(order)]).toEqual([[posting], []]);
  // one that is rejected leaves nothing to bill
  await done(record(-30_00));
  await done(decide('rejectDifference'));
  expect(await moved(bill)).toEqual([posting]);
  expect([await billed(database, nextBilling), await billed(database, nextBilling)]).toEqual([1, 0]);
  expect(await linesOf(order)).toEqual([{ kind: 'difference', net: 20_00 }]);
});
