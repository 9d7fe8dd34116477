import type pg from 'pg';
import type { Offering, Product } from '../lifecycles/facts.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { merchantLock } from './merchants.ts';
import { inTransaction } from './transaction.ts';

const columns = `p.id, p.name, p.merchant, p.access_type as "accessType", p.licence_delivery as "licenceDelivery", p.trade_mode as "tradeMode", p.supervised,
  p.prices, p.currency,
  case jsonb_typeof(l.context -> 'whitelist') when 'array' then jsonb_path_query_array(l.context -> 'whitelist', '$[*].account') when 'null' then null
    else p.whitelist end as whitelist,
  coalesce(l.context -> 'creditMeans', p.credit_means) as "creditMeans", p.merchant_share_bp as "merchantShareBp", p.offers,
  exists (select from endpoints e where e.product = p.id) as "hasInterface"`;

/** A product of the catalogue, on sale or not. */
export async function productOf(client: pg.PoolClient, id: string): Promise<Product | null> {
  const { rows } = await client.query<Product>({
    name: 'fact product',
    text: `select ${columns} from products p left join subjects s on s.lifecycle = 'product' and s.subject = p.id left join instances l on l.id = s.instance_id where p.id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

/**
 * A product that can be bought now: its own life says that it is on sale, its merchant's that it trades (EXT-3). Until
 * the end of a command's transaction that merchant is not frozen for its exit: either the order is there when the
 * conditions are checked again, or the freeze is there when the order is placed (EXT-2).
 */
export async function productOnSale(client: pg.PoolClient, id: string): Promise<Product | null> {
  const [, { rows }] = await Promise.all([
    client.query({
      name: 'lock of a sale',
      text: `select ${merchantLock('pg_advisory_xact_lock_shared', 'p.merchant')} from products p where p.id = $1`,
      values: [id],
    }),
    client.query<Product>({
      name: 'fact product on sale',
      text: `select ${columns} from products p
        join subjects s on s.lifecycle = 'product' and s.subject = p.id join instances l on l.id = s.instance_id
        join subjects t on t.lifecycle = 'merchant' and t.subject = p.merchant join instances m on m.id = t.instance_id
        where p.id = $1 and l.state = 'listed' and m.state = 'active'`,
      values: [id],
    }),
  ]);
  return rows[0] ?? null;
}

/** A product of the catalogue, and whether it has begun its life. */
export async function offeringOf(client: pg.PoolClient, id: string): Promise<Offering | null> {
  const { rows } = await client.query<Offering>({
    name: 'fact offering',
    text: `select p.id, p.name, p.merchant, exists (select from subjects s where s.lifecycle = 'product' and s.subject = p.id) as listed, p.trade_mode as "tradeMode",
      p.credit_means as "creditMeans", (select jsonb_agg(jsonb_build_object('account', a.id, 'name', a.name) order by a.id) from parties a
        where p.whitelist is not null and p.whitelist ? a.id) as whitelist from products p where p.id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** Whether the caller looks after a product: its merchant, and operations after any. Throws DatabaseUnavailable. */
export async function isOwnProduct(pool: pg.Pool, { role, party }: Actor, product: string): Promise<boolean> {
  const { rows } = await inTransaction(pool, (client) =>
    client.query<{ merchant: string }>({ name: 'merchant of a product', text: 'select merchant from products where id = $1', values: [product] }),
  );
  const [row] = rows;
  return row !== undefined && (role === 'operationsManager' || (role === 'merchant' && row.merchant === party));
}
