import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDatabase, buyer, type Database, machine, manager, otherMerchant } from '../world.ts';
import { aMerchant, codeOf, done, lifeOf, put, stateOf } from './merchants.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

const order = (product: string) => put(database, buyer, 'order', 'placeOrder', null, { input: { product } });
const contextOf = async (id: string) => (await database.pool.query('select context from instances where id = $1', [id])).rows[0].context;
const call = (n: number, at: string) => ({ call: `call-${n}`, number: `PC-2026-00000${n}`, activity: 'newInstance', at: Date.parse(at) });
const fail = (life: string, n: number, at: string) => done(put(database, machine, 'product', 'recordExhaustedCall', life, { input: call(n, at) }));

test('the seed begins the life of every merchant and product, and a second run begins none twice', async () => {
  const { beginLives } = await import('../../db/lives.ts');
  await beginLives(database.pool);
  const { rows } = await database.pool.query('select lifecycle, state, count(*)::int from instances group by 1, 2 order by 1, 2');
  expect(rows).toEqual([
    { lifecycle: 'merchant', state: 'active', count: 2 },
    { lifecycle: 'product', state: 'listed', count: 11 },
  ]);
  const owed = await database.pool.query('select count(*)::int from instances where wake_seq > woken_seq');
  expect(owed.rows).toEqual([{ count: 0 }]);
});

test('ORD-6: hiding and showing are at once, by its merchant or an operator; a hidden product can still be bought', async () => {
  const { life, person, product } = await aMerchant(database, 'hider');
  await done(put(database, person, 'product', 'hideProduct', life));
  expect((await contextOf(life)).hidden).toBe(true);
  await done(order(product));
  expect(await codeOf(put(database, person, 'product', 'hideProduct', life))).toBe('PRODUCT_HIDDEN_ALREADY');
  expect(await codeOf(put(database, otherMerchant, 'product', 'showProduct', life))).toBe('NOT_FOUND');
  await done(put(database, manager, 'product', 'showProduct', life));
  expect((await contextOf(life)).hidden).toBe(false);
});

test('what is delisted cannot be bought until it is relisted', async () => {
  const { life, person, product } = await aMerchant(database, 'delister');
  await done(put(database, person, 'product', 'delistProduct', life));
  expect(await codeOf(order(product))).toBe('PRODUCT_NOT_ON_SALE');
  await done(put(database, person, 'product', 'relistProduct', life));
  expect(await codeOf(order(product))).toBe('done');
});

test('PRD-6: the sixth exhausted call of one Beijing month delists, with figures and calls; five do not, nor six over two months', async () => {
  const { life, person, product } = await aMerchant(database, 'failing');
  // the first is of 31 January in Beijing, though of the same UTC month as none of the others
  await fail(life, 0, '2026-01-31T15:59:59Z');
  for (const n of [1, 2, 3, 4, 5]) await fail(life, n, `2026-01-31T16:00:0${n}Z`);
  // taking it off sale and back oneself makes none of them undone
  await done(put(database, person, 'product', 'delistProduct', life));
  await done(put(database, person, 'product', 'relistProduct', life));
  // told twice, counted once
  await fail(life, 5, '2026-01-31T16:00:05Z');
  expect(await stateOf(database, life)).toBe('listed');
  await fail(life, 6, '2026-02-28T15:59:59Z');
  expect(await stateOf(database, life)).toBe('delisted');
  const { offSale } = await contextOf(life);
  expect(offSale).toMatchObject({ cause: 'calls', month: '2026-02', calls: [1, 2, 3, 4, 5, 6].map((n) => ({ call: `call-${n}` })) });
  const { rows } = await database.pool.query("select to_role, text from outbox where instance_id = $1 and event = 'recordExhaustedCall'", [life]);
  expect(rows.map(({ to_role }) => to_role).sort()).toEqual(['merchant', 'operationsManager']);
  expect(rows[0].text.en).toBe(
    `Its interface failed too often: the product is delisted. 6 in 2026-02: ${[1, 2, 3, 4, 5, 6].map((n) => `PC-2026-00000${n} newInstance`).join(', ')}.`,
  );
  expect(await codeOf(order(product))).toBe('PRODUCT_NOT_ON_SALE');
  expect(await codeOf(put(database, person, 'product', 'relistProduct', life))).toBe('DEBUGGING_NEEDED');
  await done(put(database, machine, 'product', 'recordDebugging', life, { input: { at: Date.now() - 1 } }));
  expect(await codeOf(put(database, person, 'product', 'relistProduct', life))).toBe('done');
  expect((await contextOf(life)).failedCalls).toEqual([]);
});

test('PRD-6: five Beijing days of failed dial tests in a row freeze and hide; a day that passed begins anew; an operator reverses it', async () => {
  const { life, person, product } = await aMerchant(database, 'undialled');
  const dial = (day: string, passed = false) =>
    done(put(database, machine, 'product', 'recordDialTest', life, { input: { passed, at: Date.parse(`${day}T10:00:00+08:00`) } }));
  for (const day of ['2026-03-27', '2026-03-28', '2026-03-28', '2026-03-29', '2026-03-30']) await dial(day);
  await dial('2026-03-30', true);
  for (const day of ['2026-03-31', '2026-04-01', '2026-04-02', '2026-04-03']) await dial(day);
  expect(await stateOf(database, life)).toBe('listed');
  await dial('2026-04-04');
  expect(await stateOf(database, life)).toBe('suspended');
  expect(await contextOf(life)).toMatchObject({
    hidden: true,
    offSale: { cause: 'dialTests', days: ['2026-03-31', '2026-04-01', '2026-04-02', '2026-04-03', '2026-04-04'] },
  });
  expect(await codeOf(order(product))).toBe('PRODUCT_NOT_ON_SALE');
  expect(await codeOf(put(database, person, 'product', 'restoreProduct', life))).toBe('ROLE_NOT_ALLOWED');
  await done(put(database, manager, 'product', 'restoreProduct', life));
  expect(await contextOf(life)).toMatchObject({ hidden: false, offSale: null, failedDays: [] });
});

test('CAT-1: retirement is asked for by the merchant and decided by the operations manager; a retired product is gone for good', async () => {
  const { life, person, product } = await aMerchant(database, 'retiring');
  const ask = () => put(database, person, 'productRetirement', 'requestRetirement', null, { input: { product: life } });
  const first = await done(ask());
  const second = await done(ask());
  expect(await codeOf(order(product))).toBe('done');
  await done(put(database, manager, 'productRetirement', 'approveRetirement', first.instance));
  expect(await stateOf(database, life)).toBe('retired');
  expect(await stateOf(database, second.instance)).toBe('overtaken');
  expect(await codeOf(ask())).toBe('PRODUCT_RETIRED');
  expect(await codeOf(order(product))).toBe('PRODUCT_NOT_ON_SALE');
});

test('a product has one life, and only of the merchant whose product it is', async () => {
  const { product, merchant } = await aMerchant(database, 'twice');
  const list = (of: string) => put(database, manager, 'product', 'listProduct', null, { input: { merchant: of, product } });
  expect(await codeOf(list(merchant))).toBe('PRODUCT_LISTED_ALREADY');
  expect(await codeOf(list(await lifeOf(database, 'merchant', 'merchant-a')))).toBe('PRODUCT_UNKNOWN');
  expect(await codeOf(put(database, manager, 'merchant', 'onboardMerchant', null, { input: { account: 'twice' } }))).toBe('ONBOARDED_ALREADY');
  expect(await codeOf(put(database, manager, 'merchant', 'onboardMerchant', null, { input: { account: 'buyer-a' } }))).toBe('ACCOUNT_UNKNOWN');
});
