import type pg from 'pg';
import { buyersInvoicedFrom } from '../lifecycles/settlement/invoicing.ts';
import { duePeriod, type Period } from '../lifecycles/settlement/periods.ts';
import { billingDayOf, type PartyKind } from '../lifecycles/settlement/receivers.ts';
import { settlementBill } from '../lifecycles/settlementBill.ts';
import { countOf } from '../lifecycles/spans.ts';
import { readSettings } from './settings.ts';
import { inTransaction } from './transaction.ts';

/** A bill that is owed: of this party, for this month, in this currency. */
export type OwedBill = { partyKind: PartyKind; party: string; period: string; currency: string };
export type BillTotals = { lines: number; paid: number; refunded: number; net: number; toInvoice: number };

/** Lines of one transaction. Long enough that its own cost does not show, short enough that nothing waits for it. */
export const pageSize = 5_000;

/** PostgreSQL's clock, epoch milliseconds. */
export const now = async (pool: pg.Pool): Promise<number> =>
  (await pool.query<{ now: number }>('select (extract(epoch from clock_timestamp()) * 1000)::bigint as now')).rows[0]?.now ?? 0;

/** The last period whose bills are due for a kind of party, by the billing day and the calendar in force (BIL-1); now, unless `at` says when. */
export async function dueAt(pool: pg.Pool, partyKind: PartyKind, at?: number): Promise<Period> {
  const { policiesOf, calendar } = await readSettings(pool);
  return duePeriod(at ?? (await now(pool)), countOf(policiesOf(settlementBill), billingDayOf[partyKind]), calendar);
}

/**
 * The bills that are due and not there, oldest period first. A charge belongs to the bill of its month; when that is made
 * already (it came late), to the next one of its party. What a bill that is being built will take is owed no other.
 */
export async function owedBills(pool: pg.Pool, partyKind: PartyKind, at?: number): Promise<OwedBill[]> {
  const { from, until } = await dueAt(pool, partyKind, at);
  const { rows } = await pool.query<OwedBill>({
    name: 'bills owed',
    text: `select $1 as "partyKind", party, to_char(period, 'YYYY-MM') as period, currency from (
        select distinct u.party, u.currency, greatest(date_trunc('month', u.effective_at at time zone 'Asia/Shanghai'),
          (select max(b.period_end) at time zone 'Asia/Shanghai' from bills b where b.party_kind = $1 and b.party = u.party and b.currency = u.currency)) as period
        from unbilled_charges u where u.party_kind = $1 and u.effective_at < $3 and not exists (select from bills b join instances i on i.id = b.instance_id
          where b.party_kind = $1 and b.party = u.party and b.currency = u.currency and i.state = 'building' and u.effective_at < b.period_end
            and u.recorded_at <= i.created_at)) owed
      where period <= $2 at time zone 'Asia/Shanghai' order by period, party, currency`,
    values: [partyKind, new Date(from), new Date(until)],
  });
  return rows;
}

/**
 * What a bill may take: up to its end, and of the time before it only what no unfinished bill of the same party will take;
 * and its last line, after which it goes on. One before all lines where there is none: a plain comparison is what an index serves.
 */
const billSql = `select b.party_kind, b.party, b.currency, b.period_end, i.created_at, i.state = 'building' as building, coalesce(l.no, 0) as no,
  greatest(coalesce(l.effective_at, '-infinity'), coalesce((select max(e.period_end) from bills e join instances o on o.id = e.instance_id
    where e.party_kind = b.party_kind and e.party = b.party and e.currency = b.currency and e.period_end < b.period_end and o.state = 'building'), '-infinity'))::text as effective_at,
  coalesce(l.instance_id, '00000000-0000-0000-0000-000000000000') as instance_id, coalesce(l.revision, 0) as revision,
  coalesce(l.order_id, '00000000-0000-0000-0000-000000000000') as order_id
  from bills b join instances i on i.id = b.instance_id
  left join lateral (select * from bill_lines where bill_id = $1 order by no desc limit 1) l on true where b.instance_id = $1`;

const columns = `instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, recorded_at, order_number, product, trade_mode, paid_at,
  paid, refunded, share_bp, net`;
const place = 'effective_at, instance_id, revision, order_id';

/** Moves the next page of charges onto the bill. The delete gives what the insert takes. */
const pageSql = `with taken as (delete from unbilled_charges where ctid = any(array(select ctid from unbilled_charges
      where party_kind = $2 and party = $3 and currency = $4 and effective_at < $5 and recorded_at <= $6
        and (${place}) > ($7::timestamptz, $8::uuid, $9::int, $10::uuid)
      order by ${place} limit $11)) returning *)
  insert into bill_lines (bill_id, no, ${columns}, invoice_to)
  select $1, $12::int + row_number() over (order by ${place}), ${columns}, case when trade_mode = 'general' and paid_at >= $13 then 'buyer' else 'marketplace' end
  from taken`;

/** The negative sums of earlier bills of the same party that were carried forward, once each (BIL-2). */
const carriedSql = `insert into unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, recorded_at, order_number, product,
    trade_mode, paid, refunded, net)
  select e.instance_id, 0, e.instance_id, e.party_kind, e.party, e.currency, 'carriedForward', e.period_end, b.created_at, o.number, '', 'general', 0, 0,
    (o.context ->> 'net')::bigint
  from (select b.*, i.created_at from bills b join instances i on i.id = b.instance_id where b.instance_id = $1) b
  join bills e on e.party_kind = b.party_kind and e.party = b.party and e.currency = b.currency and e.period_end < b.period_end
  join instances o on o.id = e.instance_id and o.state = 'carriedForward' and (o.context ->> 'net')::bigint < 0
  where not exists (select from bill_lines l where l.instance_id = e.instance_id and l.revision = 0 and l.order_id = e.instance_id)
  on conflict do nothing`;

const totalsSql = `select count(*)::int as lines, coalesce(sum(paid), 0)::bigint as paid, coalesce(sum(refunded), 0)::bigint as refunded, coalesce(sum(net), 0)::bigint as net,
  coalesce(sum(net) filter (where invoice_to = 'marketplace'), 0)::bigint as "toInvoice" from bill_lines where bill_id = $1`;

type Bill = { party_kind: PartyKind; party: string; currency: string; period_end: Date; created_at: Date; building: boolean } & {
  no: number;
  effective_at: string;
  instance_id: string;
  revision: number;
  order_id: string;
};

/**
 * Builds the lines of a bill page by page, from where it was left: a transaction a page, so that a process may die anywhere.
 * The bill's own row is locked for each, so that two builders take turns, and one that is late changes nothing.
 * @returns the sums over its lines; null when there is no such bill
 * @throws the signal's reason, between two pages, when it is aborted: the next call goes on
 */
export async function buildLines(
  pool: pg.Pool,
  bill: string,
  { size = pageSize, onPage, signal }: { size?: number; onPage?: (lines: number) => void; signal?: AbortSignal } = {},
): Promise<BillTotals | null> {
  for (let first = true; ; first = false) {
    signal?.throwIfAborted();
    const lines = await inTransaction(pool, async (client) => {
      await client.query({ name: 'bill to build', text: 'select from instances where id = $1 for update', values: [bill] });
      const { rows } = await client.query<Bill>({ name: 'bill being built', text: billSql, values: [bill] });
      const [of] = rows;
      if (!of) return null;
      if (!of.building) return 0;
      if (first) await client.query({ name: 'bill carried forward', text: carriedSql, values: [bill] });
      const after = [of.effective_at, of.instance_id, of.revision, of.order_id];
      const values = [bill, of.party_kind, of.party, of.currency, of.period_end, of.created_at, ...after, size, of.no, new Date(buyersInvoicedFrom)];
      return (await client.query({ name: 'bill page', text: pageSql, values })).rowCount ?? 0;
    });
    if (lines === null) return null;
    if (lines > 0) onPage?.(lines);
    if (lines < size) break;
  }
  const { rows } = await pool.query<BillTotals>({ name: 'bill totals', text: totalsSql, values: [bill] });
  return rows[0] ?? null;
}
