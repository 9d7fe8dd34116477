import { createBilling } from '../../activities/bills.ts';
import { buildLines } from '../../db/bills.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { periodOf } from '../../lifecycles/settlement/periods.ts';
import { aCommand, accepted, type Database } from '../world.ts';

export const system: Actor = { id: 'system', role: 'system', party: null };

/** The month that lies so many before the running one, as the test runs. */
export const month = (back: number) => periodOf(Date.now(), -back);

export type Charges = { party?: string; partyKind?: string; count?: number; from?: number; until?: number; net?: number; tradeMode?: string; kind?: string };

/** Charges at random instants of [from, until), by SQL: so many of a party that nobody would place the orders. */
export async function charges(
  { pool }: Pick<Database, 'pool'>,
  {
    party = 'merchant-a',
    partyKind = 'merchant',
    count = 1,
    from = month(1).from,
    until = month(1).until,
    net = 8_000,
    tradeMode = 'joint',
    kind = 'earned',
  }: Charges = {},
): Promise<void> {
  await pool.query(
    `insert into unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, order_number, product, trade_mode, paid_at,
       paid, refunded, share_bp, net)
     select id, 1, id, $1, $2, 'CNY', $9, date_trunc('milliseconds', to_timestamp($4::float8 / 1000) + random() * ($5::float8 - $4::float8 - 1) * interval '1 ms'),
       'OR-' || left(id::text, 12), '示例商品', $7, now() - interval '90 days', greatest($6::bigint, 0) * 10 / 8, greatest(-$6::bigint, 0) * 10 / 8, 8000, $6::bigint
     from (select gen_random_uuid() as id from generate_series(1, $3)) n where $8`,
    [partyKind, party, count, from, until, net, tradeMode, true, kind],
  );
}

/** A bill of a party and a month, opened as billing opens it. */
export async function aBill(
  { commit }: Pick<Database, 'commit'>,
  { party = 'merchant-a', partyKind = 'merchant', period = month(1).label } = {},
): Promise<string> {
  const input = { partyKind, party, period, currency: 'CNY' };
  return (await accepted(commit.command(aCommand({ lifecycle: 'settlementBill', command: 'openBill', actor: system, input })))).instance;
}

/** All bills that are due opened and built, without Temporal: the number opened. */
export async function billed({ pool, commit }: Pick<Database, 'pool' | 'commit'>, at?: number): Promise<number> {
  const { opened } = await createBilling({ pool, commit, sandbox: true })({ partyKind: 'merchant', ...(at === undefined ? {} : { at }) });
  await built({ pool });
  return opened;
}

/** Every bill that is being built, built: as its effect does it, with the totals put to it by hand. */
export async function built({ pool }: Pick<Database, 'pool'>): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    "select id from instances where lifecycle = 'settlementBill' and state = 'building' order by created_at, id",
  );
  for (const { id } of rows) await buildLines(pool, id);
}
