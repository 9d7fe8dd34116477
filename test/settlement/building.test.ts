import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBillBuilder, createBilling } from '../../activities/bills.ts';
import { buildLines, owedBills } from '../../db/bills.ts';
import { buyersInvoicedFrom, invoicedTo } from '../../lifecycles/settlement/invoicing.ts';
import { aChild } from '../faults/child.ts';
import type { Hold } from '../faults/hold.ts';
import { aDatabase, type Database } from '../world.ts';
import { aBill, charges, month } from './charges.ts';

let database: Database;
beforeEach(async () => {
  database = await aDatabase();
});
afterEach(() => database.drop());

const linesOf = async (bill: string) =>
  (await database.pool.query('select no, instance_id, effective_at, net from bill_lines where bill_id = $1 order by no', [bill])).rows;
const count = async (sql: string, values: unknown[] = []) => Number((await database.pool.query(sql, values)).rows[0]?.count);

test('a bill takes what lies before its end, half open; a month later the rest: no line twice, none lost, sums that add up (BIL-2, BIL-8)', async () => {
  const { pool } = database;
  const [last, running] = [month(1), month(0)];
  for (const at of [last.from - 1, last.from, last.until - 1, running.from]) await charges(database, { from: at, until: at + 1, net: 100 });
  await charges(database, { count: 120, net: 7 });
  const bill = await aBill(database);
  expect(await buildLines(pool, bill, { size: 50 })).toEqual({ lines: 123, paid: 1_335, refunded: 0, net: 1_140, toInvoice: 1_140 });
  const lines = await linesOf(bill);
  expect(lines.map(({ no }) => no)).toEqual(Array.from({ length: 123 }, (_, index) => index + 1));
  expect([lines[0].effective_at.getTime(), lines.at(-1).effective_at.getTime()]).toEqual([last.from - 1, last.until - 1]);
  expect(await count('select count(*) from unbilled_charges')).toBe(1);
  await expect(pool.query('update bill_lines set net = 0 where bill_id = $1', [bill])).rejects.toThrow('append-only');
  await expect(pool.query('delete from bill_lines')).rejects.toThrow('append-only');
});

/** Where a builder dies one after the other, and how many of 290 lines are there then, in pages of 50: each goes on where the last one stopped. */
const deaths: [hold: Hold, kept: number][] = [
  [{ transaction: 1, statement: 4, when: 'after' }, 0], // what is carried forward added
  [{ transaction: 1, statement: 5, when: 'after' }, 0], // a page moved
  [{ transaction: 1, statement: 6, when: 'after' }, 50], // the page committed
  [{ transaction: 2, statement: 4, when: 'after' }, 100], // one committed, the next one moved
  [{ transaction: 3, statement: 5, when: 'before' }, 200], // two committed, the next one about to be
  [{ transaction: 9, statement: 1, when: 'before' }, 290], // none: built
];

test('killed at every step of a page, a bill has the same lines as one built in peace (BIL-2)', async () => {
  const { pool, url } = database;
  await charges(database, { count: 290 });
  await pool.query(`insert into unbilled_charges select instance_id, revision, order_id, party_kind, 'merchant-b', currency, kind, effective_at, recorded_at, order_number,
    product, trade_mode, paid_at, paid, refunded, share_bp, net from unbilled_charges`);
  const peaceful = await aBill(database, { party: 'merchant-b' });
  await buildLines(pool, peaceful, { size: 50 });
  const bill = await aBill(database);
  const kept: [string, number][] = [];
  for (const [hold] of deaths) {
    const child = await aChild('../settlement/builder-process.ts', { databaseUrl: url, bill, size: 50, hold });
    const said = await child.says('held', 'built');
    await child.kill();
    kept.push([said, await count('select count(*) from bill_lines where bill_id = $1', [bill])]);
  }
  expect(kept).toEqual(deaths.map(([, lines], index) => [index === deaths.length - 1 ? 'built' : 'held', lines]));
  expect(await linesOf(bill)).toEqual(await linesOf(peaceful));
  expect(await count('select count(*) from unbilled_charges')).toBe(0);
});

test('a try that runs out of time stops between two pages, and the next one goes on (BIL-2)', async () => {
  await charges(database, { count: 100 });
  const bill = await aBill(database);
  const { buildLines: effect } = createBillBuilder({ pool: database.pool });
  const sending = { instance: bill, params: {}, idempotencyKey: `${bill}:1:buildLines`, record: () => {} };
  const stop = new AbortController();
  const first = buildLines(database.pool, bill, { size: 30, signal: stop.signal, onPage: () => stop.abort() });
  await expect(first).rejects.toThrow('abort');
  expect(await count('select count(*) from bill_lines')).toBe(30);
  await expect(effect.send({ ...sending, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'UNFINISHED', unknown: false });
  expect(await effect.send({ ...sending, signal: new AbortController().signal })).toMatchObject({ lines: 100 });
});

test('three builders at once take turns: every line once (BIL-2)', async () => {
  await charges(database, { count: 400 });
  const bill = await aBill(database);
  const sums = await Promise.all([1, 2, 3].map(() => buildLines(database.pool, bill, { size: 30 })));
  expect(sums.map((sum) => sum?.lines)).toContain(400);
  const lines = await linesOf(bill);
  expect(lines.map(({ no }) => no)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
});

test('after an outage of three months every month has its bill, once, however often and by however many it is asked for (BIL-1)', async () => {
  const { pool, commit } = database;
  for (const back of [4, 3, 2]) await charges(database, { from: month(back).from, until: month(back).until, count: 3 });
  await charges(database, { party: 'merchant-b', from: month(3).from, until: month(3).until });
  await charges(database, { from: month(0).from, until: Date.now() });
  const open = createBilling({ pool, commit, sandbox: false });
  // two at once may meet at a bill: the second is told by the unique constraint, and finds it on the next try
  await Promise.allSettled([open({ partyKind: 'merchant' }), open({ partyKind: 'merchant' }), open({ partyKind: 'provider' })]);
  await open({ partyKind: 'merchant' });
  const { rows } = await pool.query(
    "select party, to_char(period_start at time zone 'Asia/Shanghai', 'YYYY-MM') as period from bills order by party, period_start",
  );
  const labels = (party: string, backs: number[]) => backs.map((back) => ({ party, period: month(back).label }));
  expect(rows).toEqual([...labels('merchant-a', [4, 3, 2]), ...labels('merchant-b', [3])]);
  const bills = (await pool.query('select instance_id from bills order by party, period_start')).rows.map((row) => row.instance_id as string);
  const lines = await Promise.all(bills.map(async (bill) => (await buildLines(pool, bill))?.lines));
  expect(lines).toEqual([3, 3, 3, 1]);
  expect(await open({ partyKind: 'merchant' })).toEqual({ opened: 0 });
});

test('what comes late, and the negative sum of a bill, go into the next bill of the party (BIL-2)', async () => {
  const { pool } = database;
  await charges(database, { net: -500, kind: 'refunded', from: month(2).from, until: month(2).until });
  const first = await aBill(database, { period: month(2).label });
  expect((await buildLines(pool, first))?.net).toBe(-500);
  await pool.query(`update instances set state = 'carriedForward', value = '"carriedForward"', context = context || '{"net": -500}' where id = $1`, [first]);
  await charges(database, { net: 300, from: month(2).from, until: month(2).until });
  await charges(database, { net: 900 });
  expect(await owedBills(pool, 'merchant', month(0).from + 20 * 86_400_000)).toEqual([
    { partyKind: 'merchant', party: 'merchant-a', period: month(1).label, currency: 'CNY' },
  ]);
  const second = await aBill(database);
  expect(await buildLines(pool, second)).toMatchObject({ lines: 3, net: 700 });
  expect((await pool.query('select kind, net from bill_lines where bill_id = $1 order by net', [second])).rows).toEqual([
    { kind: 'carriedForward', net: -500 },
    { kind: 'earned', net: 300 },
    { kind: 'earned', net: 900 },
  ]);
});

test('SQL and rule agree on whom each line is invoiced to (BIL-4)', async () => {
  const { pool } = database;
  const modes = ['general', 'joint', 'curated', 'curatedSelfOperated', 'huaweiSelfService'];
  const paid = fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -1e11, max: 2e11 })).map((off) => buyersInvoicedFrom + off);
  const samples = fc.sample(fc.tuple(fc.constantFrom(...modes), paid), { numRuns: 500, seed: 7 });
  await charges(database, { count: samples.length });
  await pool.query(
    `update unbilled_charges u set trade_mode = s.mode, paid_at = to_timestamp(s.paid / 1000) from (select row_number() over () as no, ctid as place from unbilled_charges) r
     join (select row_number() over () as no, * from unnest($1::text[], $2::float8[]) as t(mode, paid)) s using (no) where u.ctid = r.place`,
    [samples.map(([mode]) => mode), samples.map(([, at]) => at)],
  );
  const bill = await aBill(database);
  await buildLines(pool, bill);
  const { rows } = await pool.query('select trade_mode, (extract(epoch from paid_at) * 1000)::bigint as paid, invoice_to from bill_lines where bill_id = $1', [
    bill,
  ]);
  expect(rows).toHaveLength(500);
  expect(rows.filter(({ trade_mode, paid: at, invoice_to }) => invoicedTo({ tradeMode: trade_mode, paidAt: at }) !== invoice_to)).toEqual([]);
});
