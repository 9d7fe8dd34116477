import type pg from 'pg';
import { kindNames, type ObstacleKind, type Obstacles } from '../lifecycles/merchantExit/conditions.ts';

/** How many of a kind an event names; the rest is counted, and the exit check lists all. */
const named = 20;

const ofMerchant = (lifecycles: readonly string[]) => `i.merchant = $1 and i.lifecycle in (${lifecycles.map((name) => `'${name}'`).join(', ')})`;

/** Instances `v` of a lifecycle that are about the order `i`. */
const ofOrder = (lifecycle: string) => `instances v where v.family = i.family and v.lifecycle = '${lifecycle}' and v.refs ->> 'order' = i.id::text`;
/** What an order has cost, by its payment and by its use (MET-2), and was not paid back; an old one is not in the ledger. */
const cost = `coalesce((select b.paid - b.refunded from order_balances b where b.order_id = i.id),
  case when i.context ->> 'paidAt' is not null then (i.context ->> 'amount')::bigint end, 0)`;
/** What was issued of it and not returned. */
const invoiced = `coalesce((select sum((v.context ->> 'amount')::bigint) from ${ofOrder('invoice')} and v.state in ('issued', 'issuedByMarketplace', 'sent')), 0)`;

/** EXT-1: per kind, which instances `i` of the merchant $1 stand in the way. */
export const obstacleSql: Record<ObstacleKind, string> = {
  // MET-2: what is sold by use goes on, and with it what is owed, until somebody ends it
  orders: `${ofMerchant(['order'])} and (not i.final or exists (select from instances s where s.family = i.family and s.lifecycle = 'serviceInstance'
    and s.refs ->> 'order' = i.id::text and not s.final and s.context ->> 'unitPrice' is not null and s.context ->> 'validUntil' is null))`,
  // what a bill carried forward below nothing is owed until a later bill has taken it
  unsettled: `${ofMerchant(['order'])} and (exists (select from unbilled_charges u where u.order_id = i.id and u.party_kind = 'merchant' and u.net <> 0)
    or exists (select from bill_lines l join instances b on b.id = l.bill_id where l.order_id = i.id and l.party_kind = 'merchant' and (not b.final
      or (b.state = 'carriedForward' and (b.context ->> 'net')::bigint < 0 and not exists (select from bill_lines c where c.order_id = b.id and c.kind = 'carriedForward')))))`,
  // who has applied for an invoice needs it, whatever was proved; what nobody invoices needs the proof
  uninvoiced: `${ofMerchant(['order'])} and (exists (select from ${ofOrder('invoice')} and v.state in ('applied', 'appliedToMarketplace'))
    or (${cost} > ${invoiced} and not exists (select from ${ofOrder('invoiceWaiver')} and v.state = 'standing')))`,
  listed: `${ofMerchant(['product'])} and i.state = 'listed'`,
  afterSale: `${ofMerchant(['supervision', 'refund', 'settlementBill', 'invoice', 'statementLetter', 'ticket'])} and not i.final`,
};

/** One pass per kind: it runs while the exit alone holds its merchant's lock. */
const factSql = `select ${kindNames
  .map((kind) => {
    const first = `coalesce((array_agg(i.number order by i.created_at, i.id))[1:${named}], '{}')`;
    return `(select jsonb_build_object('count', count(*)::int, 'first', ${first}) from instances i where ${obstacleSql[kind]}) as "${kind}"`;
  })
  .join(',\n')}`;

/** What stands in the way of a merchant's exit, at this moment of the transaction. */
export async function obstaclesOf(client: pg.PoolClient, merchant: string): Promise<Obstacles> {
  const { rows } = await client.query<Obstacles>({ name: 'fact obstacles', text: factSql, values: [merchant] });
  return rows[0] as Obstacles;
}
