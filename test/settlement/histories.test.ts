import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBilling } from '../../activities/bills.ts';
import { shanghai } from '../../calendar/calendar.ts';
import { buildLines } from '../../db/bills.ts';
import type { Posting } from '../../lifecycles/ledger.ts';
import { postings } from '../../lifecycles/order/money.ts';
import { billingAt } from '../../lifecycles/settlement/periods.ts';
import { aDatabase, aPaidOrder, type Database } from '../world.ts';
import { month } from './charges.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

const count = 10_000;
type Context = Parameters<typeof postings.recordPayment>[0]['context'];
type Event = { type: keyof typeof postings; context: Context; before: Context | null; at: number };
type History = { supervised: boolean; validFrom: number; shareBp: number; party: string; events: Event[] };

const history = fc.record({
  kind: fc.constantFrom('supervised', 'opened', 'renewal' as const),
  amount: fc.integer({ min: 1, max: 10 ** 7 }),
  shareBp: fc.integer({ min: 0, max: 10_000 }),
  party: fc.integer({ min: 0, max: 4 }),
  /** What is refunded, in per cent; what it comes to. The same again is a refund that was called off first. */
  refunds: fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.boolean()), { maxLength: 2 }),
  isFinished: fc.boolean(),
  begins: fc.integer({ min: month(3).from, max: month(1).until - 2 * 86_400_000 }),
  step: fc.integer({ min: 1, max: 3 * 3_600_000 }),
});

/** The events of an order by its own rules of money: paid, refunds called off or paid, completed; a renewal counts two months later. */
function told({ kind, amount, shareBp, party, refunds, isFinished, begins, step }: typeof history extends fc.Arbitrary<infer H> ? H : never): History {
  let context: Context = { amount, currency: 'CNY', merchantShareBp: shareBp, completedAt: null, refund: null };
  const events: Event[] = [];
  const happens = (type: Event['type'], change: Partial<Context>) => {
    const at = begins + events.length * step;
    const before = events.length > 0 ? context : null;
    context = { ...context, ...change };
    events.push({ type, context, before, at });
  };
  happens('recordPayment', kind === 'renewal' ? { completedAt: begins } : {});
  if (kind === 'opened') happens('recordOpening', { completedAt: begins + step });
  const from = context.completedAt === null ? ('processing' as const) : ('completed' as const);
  for (const [part, isPaid] of refunds) {
    const refund = { amount: Math.floor((amount * part) / 100), from, approvedAt: begins };
    happens('refundApproved', { refund });
    if (isPaid) {
      happens('refundSettled', {});
      break;
    }
    happens('refundClosed', { refund: { ...refund, approvedAt: null } });
  }
  const isOver = refunds.some(([, isPaid]) => isPaid);
  if (kind === 'supervised' && isFinished && !isOver) happens('supervisionFinished', { completedAt: begins + events.length * step });
  const validFrom = kind === 'renewal' ? begins + 60 * 86_400_000 : begins + step;
  return { supervised: kind === 'supervised', validFrom, shareBp, party: `party-${party}`, events };
}

/** An order instance for each history, as copies of a real one; their ids in order. */
async function orders(histories: readonly History[]): Promise<string[]> {
  const { order } = await aPaidOrder(database, { product: 'saas-activated-b' });
  const contexts = histories.map(({ supervised, validFrom, shareBp }) =>
    JSON.stringify({ supervised, validFrom, merchantShareBp: shareBp, tradeMode: 'joint' }),
  );
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into instances select own.* from instances i, unnest($2::text[], $3::jsonb[]) with ordinality o (party, context, n),
       jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(), 'number', 'OR-1999-' || lpad(n::text, 6, '0'), 'merchant', party, 'context', o.context)) own
     where i.id = $1 order by n returning id`,
    [order, histories.map(({ party }) => party), contexts],
  );
  // fresh tables of this size have no statistics yet, and no plan to speak of
  await database.pool.query('analyze instances');
  return rows.map(({ id }) => id);
}

type Row = Posting & { revision: number; no: number; at: string };
const store = (rows: readonly Row[]) =>
  database.pool.query(
    `insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at)
     select "order", revision, no, "order", "from", "to", amount, currency, at
     from jsonb_to_recordset($1) r ("order" uuid, revision int, no int, "from" text, "to" text, amount bigint, currency text, at timestamptz)`,
    [JSON.stringify(rows)],
  );

test('10,000 histories of payments, refunds, completions and renewals: bills and what is not billed agree with the ledger, order by order (BIL-2, BIL-7, BIL-8)', async () => {
  const { pool, commit } = database;
  const histories = fc.sample(history, { numRuns: count, seed: 20_261_121 }).map(told);
  const ids = await orders(histories);
  // the first events of all, then the second ones: each in a statement of its own, as commits would write them
  for (let no = 0; no < Math.max(...histories.map(({ events }) => events.length)); no++) {
    const rows = histories.flatMap(({ events }, index): Row[] => {
      const event = events[no];
      if (!event) return [];
      const { type, context, before, at } = event;
      const moves = postings[type]({ id: ids[index] ?? '', context, before });
      return moves.map((move, place) => ({ ...move, revision: 100 + no, no: place + 1, at: new Date(at).toISOString() }));
    });
    await store(rows);
    // an event that is written twice is not written at all
    if (rows.length > 0) await expect(store(rows.slice(-100))).rejects.toThrow('ledger_instance_id_revision_no_pk');
  }
  const open = createBilling({ pool, commit, sandbox: true });
  // after the billing day of the last month that anything belongs to
  const { opened } = await open({ partyKind: 'merchant', at: billingAt(month(-2), 3, shanghai) });
  expect(opened).toBeGreaterThanOrEqual(15);
  const { rows: bills } = await pool.query<{ id: string }>('select instance_id as id from bills order by period_start, party');
  for (const [index, { id }] of bills.entries()) {
    // every third builder stops after a page, and another goes on
    const stop = new AbortController();
    const interrupted = { size: 200, signal: stop.signal, onPage: () => stop.abort() };
    if (index % 3 === 0) await buildLines(pool, id, interrupted).catch((error: Error) => expect(error.name).toBe('AbortError'));
    await buildLines(pool, id, { size: 700 });
  }

  // PostgreSQL's own arithmetic over the ledger is the oracle
  const { rows: accounts } = await pool.query<{ order: string; total: string; merchant: string; shared: string }>(
    `select order_id as "order", sum(amount) as total, coalesce(sum(amount) filter (where account = 'merchant'), 0) as merchant,
       coalesce(sum(amount) filter (where account in ('merchant', 'platform')), 0) as shared
     from (select order_id, from_account as account, -amount as amount from ledger union all select order_id, to_account, amount from ledger) moves group by order_id`,
  );
  const { rows: billed } = await pool.query<{ order: string; net: string; gross: string; expected: string; lines: number; elsewhere: number }>(
    `select l.order_id as "order", sum(net) as net, sum(paid - refunded) as gross, round(sum(paid - refunded) * max(share_bp) / 10000) as expected, count(*)::int as lines,
       count(*) filter (where l.effective_at < b.period_start or l.effective_at >= b.period_end)::int as elsewhere
     from bill_lines l join bills b on b.instance_id = l.bill_id group by l.order_id`,
  );
  const onBills = new Map(billed.map((row) => [row.order, row]));
  expect(accounts.length).toBe(count + 1);
  expect(accounts.filter(({ total }) => total !== '0')).toEqual([]);
  const disagree = accounts.filter(({ order, merchant, shared }) => {
    const { net = '0', gross = '0', expected = '0', elsewhere = 0 } = onBills.get(order) ?? {};
    return net !== merchant || gross !== shared || net !== expected || elsewhere > 0;
  });
  expect(disagree).toEqual([]);
  expect((await pool.query('select from unbilled_charges')).rowCount).toBe(0);
  const lines = billed.reduce((sum, row) => sum + row.lines, 0);
  expect(lines).toBeGreaterThan(count);
  console.log(`${count} orders, ${lines} lines on ${bills.length} bills`);
});
