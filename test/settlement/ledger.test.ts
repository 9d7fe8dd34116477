import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLines } from '../../db/bills.ts';
import type { Account } from '../../lifecycles/ledger.ts';
import { periodOf } from '../../lifecycles/settlement/periods.ts';
import { aCommand, aDatabase, aPaidOrder, type Database, manager, otherBuyer } from '../world.ts';
import { aBill, month } from './charges.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

type Move = [from: Account, to: Account, amount: number];
/** What an event of the order moves, as its postings would write it. */
async function moved(order: string, moves: Move[], at = Date.now()): Promise<void> {
  const values = [order, moves.map(([from]) => from), moves.map(([, to]) => to), moves.map(([, , amount]) => amount), new Date(at)];
  await database.pool.query(
    `insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at)
     select $1::uuid, (select coalesce(max(revision), 100) + 1 from ledger where instance_id = $1), row_number() over (), $1, f, t, a, 'CNY', $5
     from unnest($2::text[], $3::text[], $4::bigint[]) as m(f, t, a)`,
    values,
  );
}
const owed = async (order: string) =>
  (await database.pool.query('select kind, party, paid, refunded, net, effective_at from unbilled_charges where order_id = $1 order by revision, net', [order]))
    .rows;

test('an event that moves a merchant’s share is owed in its own transaction: earned, taken back, given back when a refund fails (BIL-2)', async () => {
  const { order } = await aPaidOrder(database);
  await moved(order, [['buyer', 'held', 120_000]]);
  expect(await owed(order)).toEqual([]);
  await moved(order, [
    ['held', 'merchant', 96_000],
    ['held', 'platform', 24_000],
  ]);
  await moved(order, [
    ['merchant', 'reserved', 24_000],
    ['platform', 'reserved', 6_000],
  ]);
  await moved(order, [
    ['reserved', 'merchant', 24_000],
    ['reserved', 'platform', 6_000],
  ]);
  expect(await owed(order)).toMatchObject([
    { kind: 'earned', party: 'merchant-a', paid: 120_000, refunded: 0, net: 96_000 },
    { kind: 'refunded', paid: 0, refunded: 30_000, net: -24_000 },
    { kind: 'refunded', paid: 0, refunded: -30_000, net: 24_000 },
  ]);
});

test('what was paid back before the rest was released is on the same line: net = (paid − refunded) × share (BIL-2)', async () => {
  const { order } = await aPaidOrder(database);
  await moved(order, [['buyer', 'held', 120_000]]);
  await moved(order, [['held', 'reserved', 20_000]]);
  await moved(order, [
    ['reserved', 'buyer', 20_000],
    ['held', 'merchant', 80_000],
    ['held', 'platform', 20_000],
  ]);
  expect(await owed(order)).toMatchObject([{ kind: 'earned', paid: 120_000, refunded: 20_000, net: 80_000 }]);
});

test('a supervised order counts when the money moved, another from its opening or a renewal from its taking effect (BIL-2)', async () => {
  const { order } = await aPaidOrder(database, { by: otherBuyer });
  const [at, effect] = [month(1).until - 1, month(-1).from + 5];
  const release: Move[] = [
    ['held', 'merchant', 8],
    ['held', 'platform', 2],
  ];
  await moved(order, [['buyer', 'held', 120_000]]);
  await moved(order, release, at);
  await database.pool.query('update instances set context = context || $2 where id = $1', [order, { supervised: false, validFrom: effect }]);
  await moved(order, release, at);
  // given back before it took effect, it comes with the bill that shows what it earned, not with one before that
  await moved(order, [['merchant', 'reserved', 8]], at);
  await moved(order, [['merchant', 'reserved', 8]], month(-2).from);
  const labels = (await owed(order)).map(({ kind, effective_at }) => [kind, periodOf(effective_at.getTime()).label]);
  expect(labels).toEqual([
    ['earned', month(1).label],
    ['earned', month(-1).label],
    ['refunded', month(-1).label],
    ['refunded', month(-2).label],
  ]);
});

test('over random histories of money, what is billed and what is not is the merchant’s account, to the 分 (BIL-7, BIL-8)', async () => {
  const { pool } = database;
  const orders = await Promise.all(Array.from({ length: 12 }, () => aPaidOrder(database, { product: 'saas-activated-b' })));
  const share = (amount: number) => Math.round((amount * 8) / 10);
  const history = fc.record({ paid: fc.integer({ min: 1, max: 10 ** 9 }), refunds: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }) });
  const histories = fc.sample(history, { numRuns: orders.length, seed: 5 });
  for (const [index, { paid, refunds }] of histories.entries()) {
    const { order } = orders[index] ?? { order: '' };
    const some = (moves: Move[]) => moves.filter(([, , amount]) => amount > 0);
    await moved(order, [['buyer', 'held', paid]]);
    await moved(
      order,
      some([
        ['held', 'merchant', share(paid)],
        ['held', 'platform', paid - share(paid)],
      ]),
      month(2).from + index,
    ); // prettier-ignore
    let left = paid;
    for (const part of refunds) {
      const rest = left - Math.floor((left * part) / 100);
      if (rest === left) continue;
      const taken = share(left) - share(rest);
      await moved(
        order,
        some([
          ['merchant', 'reserved', taken],
          ['platform', 'reserved', left - rest - taken],
        ]),
        month(1).from + index,
      ); // prettier-ignore
      left = rest;
    }
  }
  const agree = async () => {
    const { rows } = await pool.query(`select
      (select coalesce(sum(net), 0) from unbilled_charges where party = 'merchant-b') + (select coalesce(sum(net), 0) from bill_lines where party = 'merchant-b') as owed,
      (select sum(case when to_account = 'merchant' then amount else 0 end - case when from_account = 'merchant' then amount else 0 end)
        from ledger l join instances o on o.id = l.order_id where o.merchant = 'merchant-b') as ledger,
      (select count(*) from unbilled_charges u join bill_lines l using (instance_id, revision, order_id, party_kind, party)) as twice`);
    return rows[0];
  };
  const before = await agree();
  expect(before.owed).toBe(before.ledger);
  for (const back of [2, 1]) {
    const bill = await aBill(database, { party: 'merchant-b', period: month(back).label });
    const totals = await buildLines(pool, bill, { size: 7 });
    const { rows } = await pool.query('select sum(net) as net, sum(paid - refunded) as gross, count(*) as lines from bill_lines where bill_id = $1', [bill]);
    expect([String(totals?.net), String(totals?.lines)]).toEqual([rows[0].net, String(rows[0].lines)]);
    expect(await agree()).toEqual({ ...before, twice: 0 });
  }
  const perOrder = await pool.query('select order_id, sum(paid - refunded) as gross, sum(net) as net from bill_lines group by order_id');
  expect(perOrder.rows.filter(({ gross, net }) => share(Number(gross)) !== Number(net))).toEqual([]);
});

test('a difference by ticket is a posting between the shares, and a line of the next bill with its sign (BIL-3)', async () => {
  const { pool, commit } = database;
  const { rows: found } = await pool.query(
    "select l.bill_id, l.order_number, l.order_id from bill_lines l where party = 'merchant-b' and kind = 'earned' limit 1",
  );
  const { bill_id: bill, order_number: orderNumber, order_id: order } = found[0];
  await pool.query(`update instances set state = 'paid', value = '"paid"', final = true where id = $1`, [bill]);
  const difference = (input: object) =>
    commit.command(aCommand({ lifecycle: 'settlementBill', instance: bill, command: 'recordDifference', actor: manager, input, reason: '少计一笔' }));
  const { rows: shares } = await pool.query(
    "select sum(case when 'platform' = to_account then amount when 'platform' = from_account then -amount else 0 end)::bigint as platform from ledger where order_id = $1",
    [order],
  );
  // of two at once that each take all that the marketplace has of it, one
  const both = await Promise.all([1, 2].map((no) => difference({ orderNumber, amount: shares[0].platform, ticket: `TK-2026-${no}` })));
  expect(both.map((answer) => (answer.ok ? 'ok' : answer.problem.code)).sort()).toEqual(['INVALID', 'ok']);
  expect(await difference({ orderNumber: 'OR-2020-000001', amount: 1, ticket: 'TK-2026-1' })).toMatchObject({
    problem: { code: 'INVALID', fields: [{ path: 'orderNumber' }] },
  });
  expect((await pool.query('select from_account, to_account, amount from ledger where instance_id = $1', [bill])).rows).toEqual([
    { from_account: 'platform', to_account: 'merchant', amount: shares[0].platform },
  ]);
  expect(await owed(order)).toMatchObject([{ kind: 'difference', paid: 0, refunded: 0, net: shares[0].platform }]);
});
