import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLines } from '../../db/bills.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { aBill, charges, month } from '../settlement/charges.ts';
import { eventually } from '../worker.ts';
import { aDatabase, aFile, aPaidOrder, buyer, type Database, machine, manager, merchant as merchantA, numberOf } from '../world.ts';
import { aMerchant, codeOf, done, put, stateOf } from './merchants.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

type Merchant = Awaited<ReturnType<typeof aMerchant>>;
const order = (product: string) => put(database, buyer, 'order', 'placeOrder', null, { input: { product } });
const apply = ({ person, merchant }: Merchant) => put(database, person, 'merchantExit', 'applyForExit', null, { input: { merchant } });
const ofExit = (command: string, exit: string, by: Actor = manager) => put(database, by, 'merchantExit', command, exit);
const problemOf = async (answer: ReturnType<typeof put>) => {
  const got = await answer;
  return got.ok ? null : { code: got.problem.code, count: got.problem.details.count, numbers: got.problem.details.numbers };
};

test('EXT-2: with products on sale the review delists them; frozen, cleared out, succeeded (003), and never again', async () => {
  const leaving = await aMerchant(database, 'leaving');
  const exit = (await done(apply(leaving))).instance;
  expect(await codeOf(apply(leaving))).toBe('EXIT_UNDER_WAY');
  await done(ofExit('approveExit', exit));
  expect([await stateOf(database, exit), await stateOf(database, leaving.life)]).toEqual(['delisting', 'delisted']);
  await done(ofExit('freezeForExit', exit));
  expect([await stateOf(database, exit), await stateOf(database, leaving.merchant)]).toEqual(['clearing', 'suspended']);
  expect(await codeOf(put(database, manager, 'merchant', 'unfreezeMerchant', leaving.merchant))).toBe('FROZEN_BY_EXIT');
  await done(ofExit('clearOut', exit));
  expect([await stateOf(database, exit), await stateOf(database, leaving.merchant), await stateOf(database, leaving.life)]).toEqual([
    'succeeded',
    'cleared',
    'retired',
  ]);
  expect(database.registry.of('merchantExit').states.succeeded?.zh).toBe('商家退出成功（003）');
  expect(await codeOf(apply(leaving))).toBe('EXIT_UNDER_WAY');
  expect(await codeOf(put(database, manager, 'merchant', 'onboardMerchant', null, { input: { account: 'leaving' } }))).toBe('ONBOARDED_ALREADY');
  const { rows } = await database.pool.query('select event, to_role from outbox where instance_id = $1 order by id', [exit]);
  expect(rows.map(({ event, to_role }) => `${event} ${to_role}`)).toEqual([
    'applyForExit operationsManager',
    'applyForExit merchant',
    'approveExit merchant',
    'freezeForExit merchant',
    'clearOut merchant',
    'clearOut operationsManager',
  ]);
});

test('EXT-2: with nothing on sale it is frozen without delisting; nothing comes on sale meanwhile', async () => {
  const leaving = await aMerchant(database, 'idle');
  await done(put(database, leaving.person, 'product', 'delistProduct', leaving.life));
  const exit = (await done(apply(leaving))).instance;
  await done(ofExit('approveExit', exit));
  expect(await stateOf(database, exit)).toBe('readyToFreeze');
  expect(await codeOf(put(database, leaving.person, 'product', 'relistProduct', leaving.life))).toBe('MERCHANT_EXITING');
  await done(ofExit('freezeForExit', exit));
});

test('EXT-2: refused or withdrawn, the merchant carries on and what the exit delisted is on sale again', async () => {
  const staying = await aMerchant(database, 'staying');
  const refused = (await done(apply(staying))).instance;
  await done(ofExit('approveExit', refused));
  expect(await codeOf(order(staying.product))).toBe('PRODUCT_NOT_ON_SALE');
  await done(ofExit('refuseExit', refused));
  expect([await stateOf(database, refused), await stateOf(database, staying.life)]).toEqual(['refused', 'listed']);
  const withdrawn = (await done(apply(staying))).instance;
  await done(ofExit('withdrawExit', withdrawn, staying.person));
  expect(await codeOf(order(staying.product))).toBe('done');
});

test('EXT-1: a running order stops the application, and one that came in between stops the freeze; each is named', async () => {
  const busy = await aMerchant(database, 'busy');
  const first = (await done(order(busy.product))).instance;
  expect(await problemOf(apply(busy))).toEqual({ code: 'EXIT_ORDERS_RUNNING', count: 1, numbers: await numberOf(database, first) });
  await done(put(database, buyer, 'order', 'cancelOrder', first));
  const exit = (await done(apply(busy))).instance;
  const between = (await done(order(busy.product))).instance;
  await done(ofExit('approveExit', exit));
  expect(await problemOf(ofExit('freezeForExit', exit))).toEqual({ code: 'EXIT_ORDERS_RUNNING', count: 1, numbers: await numberOf(database, between) });
  expect(await stateOf(database, busy.merchant)).toBe('active');
  await done(put(database, buyer, 'order', 'cancelOrder', between));
  expect(await codeOf(ofExit('freezeForExit', exit))).toBe('done');
});

test('EXT-1: a paid order is to be settled, and needs an invoice, or the proof that its customer needs none; a rejected proof does not count', async () => {
  const selling = await aMerchant(database, 'selling');
  const paid = (await done(order(selling.product))).instance;
  await done(put(database, machine, 'order', 'recordPayment', paid, { input: { amount: 100_00, means: 'balance', reference: 'PAY-1' } }));
  const numbers = await numberOf(database, paid);
  // its merchant's share is on no bill yet
  expect(await problemOf(apply(selling))).toEqual({ code: 'EXIT_UNSETTLED', count: 1, numbers });
  await database.pool.query('delete from unbilled_charges where order_id = $1', [paid]);
  expect(await problemOf(apply(selling))).toEqual({ code: 'EXIT_UNINVOICED', count: 1, numbers });
  const files = [await aFile(database.pool, selling.person)];
  const waiver = await done(put(database, selling.person, 'invoiceWaiver', 'proveNoInvoiceNeeded', null, { input: { order: paid, files } }));
  const exit = (await done(apply(selling))).instance;
  await done(ofExit('approveExit', exit));
  await done(put(database, manager, 'invoiceWaiver', 'rejectWaiver', waiver.instance));
  expect(await problemOf(ofExit('freezeForExit', exit))).toEqual({ code: 'EXIT_UNINVOICED', count: 1, numbers });
});

test('EXT-1: what a bill carried forward below nothing is unsettled until a later bill has taken it', async () => {
  const owing = await aMerchant(database, 'owing');
  const sold = (await done(order(owing.product))).instance;
  await done(put(database, machine, 'order', 'recordPayment', sold, { input: { amount: 100_00, means: 'balance', reference: 'PAY-1' } }));
  const opened = (period: string) => aBill(database, { party: 'owing', period });
  await database.pool.query('update unbilled_charges set net = -net, effective_at = $2 where order_id = $1', [sold, new Date(month(2).until - 1)]);
  const bill = await opened(month(2).label);
  const totals = await buildLines(database.pool, bill);
  const rest = (id: string, state: string, context: object) =>
    database.pool.query('update instances set state = $2, value = to_jsonb($2::text), final = true, context = context || $3 where id = $1', [
      id,
      state,
      context,
    ]);
  await rest(bill, 'carriedForward', totals ?? {});
  expect(await problemOf(apply(owing))).toEqual({ code: 'EXIT_UNSETTLED', count: 1, numbers: await numberOf(database, sold) });
  await charges(database, { party: 'owing', net: 9_000 });
  const next = await opened(month(1).label);
  expect(await buildLines(database.pool, next)).toMatchObject({ lines: 2, net: 1_000 });
  await rest(next, 'paid', {});
  expect(await codeOf(apply(owing))).toBe('EXIT_UNINVOICED');
});

test('EXT-2: a product that is on sale stops the freeze', async () => {
  const listed = await aMerchant(database, 'listed');
  const exit = (await done(apply(listed))).instance;
  await done(ofExit('approveExit', exit));
  // the operator reverses the delisting; the rules refuse, so only an older row could be so
  expect(await codeOf(put(database, manager, 'product', 'restoreProduct', listed.life))).toBe('MERCHANT_EXITING');
  await database.pool.query("update instances set state = 'listed', value = '\"listed\"' where id = $1", [listed.life]);
  expect(await problemOf(ofExit('freezeForExit', exit))).toEqual({ code: 'EXIT_PRODUCTS_LISTED', count: 1, numbers: await numberOf(database, listed.life) });
});

test('EXT-3: a frozen merchant sells nothing and only reads; its appeals go on', async () => {
  const { supervision } = await aPaidOrder(database);
  const { rows } = await database.pool.query("select instance_id as id from subjects where subject = 'merchant-a'");
  await done(put(database, manager, 'merchant', 'freezeMerchant', rows[0].id));
  expect(await codeOf(order('saas-instant'))).toBe('PRODUCT_NOT_ON_SALE');
  const files = [await aFile(database.pool, merchantA)];
  expect(await codeOf(put(database, merchantA, 'supervision', 'uploadAcceptance', supervision, { input: { files } }))).toBe('MERCHANT_FROZEN');
  expect(await codeOf(put(database, merchantA, 'supervision', 'fileAppeal', supervision, { input: { files: [] } }))).toBe('done');
  expect(await codeOf(put(database, merchantA, 'supervision', 'withdrawAppeal', supervision))).toBe('done');
  await done(put(database, manager, 'merchant', 'unfreezeMerchant', rows[0].id));
  expect(await codeOf(put(database, merchantA, 'supervision', 'uploadAcceptance', supervision, { input: { files } }))).toBe('done');
});

/** Keeps every commit from writing into `table` until released. */
async function blocked(table: string) {
  const client = await database.pool.connect();
  await client.query(`begin; lock table ${table} in share mode`);
  return { release: () => client.query('commit').then(() => client.release()) };
}
/** Resolves when a transaction waits for a lock of this kind. */
const waiting = (kind: 'relation' | 'advisory') =>
  eventually(
    async () => {
      const { rows } = await database.pool.query(
        'select count(*)::int as count from pg_locks l join pg_database d on d.oid = l.database where not l.granted and l.locktype = $1 and d.datname = current_database()',
        [kind],
      );
      return rows[0].count as number;
    },
    (count) => count > 0,
  );

test('exit against order, the order first: it is committed before the conditions are checked, and stops the freeze', async () => {
  const raced = await aMerchant(database, 'raced-first');
  const exit = (await done(apply(raced))).instance;
  const { release } = await blocked('families');
  const placed = order(raced.product);
  await waiting('relation');
  // the order has read that the product is on sale, and is not committed; the delisting and the freeze come now
  const frozen = done(ofExit('approveExit', exit)).then(() => problemOf(ofExit('freezeForExit', exit)));
  await waiting('advisory');
  await release();
  const { instance } = await done(placed);
  expect(await frozen).toEqual({ code: 'EXIT_ORDERS_RUNNING', count: 1, numbers: await numberOf(database, instance) });
  expect(await stateOf(database, raced.merchant)).toBe('active');
});

test('exit against order, the exit first: the order waits for it and finds nothing on sale', async () => {
  const raced = await aMerchant(database, 'raced-second');
  const exit = (await done(apply(raced))).instance;
  const { release } = await blocked('events');
  const approved = ofExit('approveExit', exit);
  await waiting('relation');
  const placed = codeOf(order(raced.product));
  await waiting('advisory');
  await release();
  await done(approved);
  expect(await placed).toBe('PRODUCT_NOT_ON_SALE');
  expect(await problemOf(ofExit('freezeForExit', exit))).toBeNull();
});

test('exit against order, 40 times at once: one outcome each, both orders occurring', async () => {
  const outcomes = { order: 0, exit: 0 };
  const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let round = 0; round < 40 && (round < 20 || outcomes.order * outcomes.exit === 0); round++) {
    const raced = await aMerchant(database, `raced-${round}`);
    const exit = (await done(apply(raced))).instance;
    // who has never won yet gets a head start that grows, so that chance alone leaves nobody without
    const head = 2 * round;
    const buy = async () => {
      if (outcomes.exit === 0) await later(head);
      return codeOf(order(raced.product));
    };
    const leave = async () => {
      if (outcomes.order === 0 && outcomes.exit > 0) await later(head);
      await done(ofExit('approveExit', exit));
      return codeOf(ofExit('freezeForExit', exit));
    };
    const [placed, frozen] = await Promise.all([buy(), leave()]);
    const winner = placed === 'done' ? 'order' : 'exit';
    outcomes[winner] += 1;
    expect([placed, frozen]).toEqual(winner === 'order' ? ['done', 'EXIT_ORDERS_RUNNING'] : ['PRODUCT_NOT_ON_SALE', 'done']);
  }
  console.log(`${outcomes.order} orders and ${outcomes.exit} exits won`);
  expect(outcomes.order * outcomes.exit).toBeGreaterThan(0);
});
