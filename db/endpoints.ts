import type pg from 'pg';
import { notFound, type Problem, refused } from '../lifecycles/problem.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { isOwnProduct } from './products.ts';
import { inTransaction } from './transaction.ts';

/** Where a product's merchant is called (PRD-1). `formerKey`: an answer may still be signed by it (PRD-9). */
export type ProductEndpoint = { generation: 'V1' | 'V2'; url: string; key: string; formerKey: string | null };
/** `key` null: the one that is set stays. `endFormerKey`: the key before no longer counts, at once. */
export type EndpointWish = { product: string; generation: 'V1' | 'V2'; url: string; key: string | null; endFormerKey: boolean };

/** How long a key that was replaced still counts, in hours: as long as a merchant may need to have all its servers sign with the new one. */
const formerHours = 24;
const keys = (of: string) => `${of}.key, case when ${of}.former_until > clock_timestamp() then ${of}.former_key end as "formerKey"`;

/** Between two debuggings of one product, each up to ten calls; seconds. */
export const debuggingPause = 15;

/** Where a product's merchant is called now; null where nobody has said it. */
export async function endpointOf(pool: pg.Pool, product: string): Promise<ProductEndpoint | null> {
  const { rows } = await pool.query<ProductEndpoint>({
    name: 'endpoint of a product',
    text: `select e.generation, e.url, ${keys('e')} from endpoints e where e.product = $1`,
    values: [product],
  });
  return rows[0] ?? null;
}

export type Endpoints = ReturnType<typeof createEndpoints>;

/** A merchant looks after the endpoints of its own products, operations after any (PRD-1, PRD-7). Throws DatabaseUnavailable. */
export function createEndpoints({ pool }: { pool: pg.Pool }) {
  return { set, takeTurn };

  /** Sets it and keeps who did, when and what; the key is kept in one place and shown in none. @returns the problem, or null when it is set */
  async function set(actor: Actor, { product, generation, url, key, endFormerKey }: EndpointWish): Promise<Problem | null> {
    if (!(await isOwnProduct(pool, actor, product))) return notFound(product);
    const { rowCount } = await inTransaction(pool, (client) =>
      client.query({
        name: 'endpoint set',
        text: `with known as (select key from endpoints where product = $1 for update),
          kept as (insert into endpoints (product, generation, url, key, changed_at, changed_by)
            select $1, $2, $3, coalesce($4, (select key from known)), clock_timestamp(), $5 where $4::text is not null or exists (select from known)
            on conflict (product) do update set generation = excluded.generation, url = excluded.url, key = excluded.key,
              changed_at = excluded.changed_at, changed_by = excluded.changed_by,
              former_key = case when $7 then null when excluded.key <> endpoints.key then endpoints.key else endpoints.former_key end,
              former_until = case when $7 then null when excluded.key <> endpoints.key then excluded.changed_at + interval '${formerHours} hours' else endpoints.former_until end
            returning product)
          insert into endpoint_changes (product, generation, url, new_key, ended_former, role, by) select product, $2, $3, $4::text is distinct from (select key from known) and $4::text is not null, $7, $6, $5 from kept`,
        values: [product, generation, url, key, actor.id, actor.role, endFormerKey],
      }),
    );
    return rowCount ? null : refused('NO_ENDPOINT_KEY', { product });
  }

  /** A debugging sends up to ten calls, so that one product has a turn only every so often (PRD-7). */
  async function takeTurn(actor: Actor, product: string): Promise<{ problem: Problem } | { endpoint: ProductEndpoint; at: number }> {
    if (!(await isOwnProduct(pool, actor, product))) return { problem: notFound(product) };
    const { rows } = await inTransaction(pool, (client) =>
      client.query<ProductEndpoint & { at: number; taken: boolean; next: number }>({
        name: 'turn to debug',
        text: `with known as (select *, debugged_at is null or debugged_at < clock_timestamp() - make_interval(secs => $2) as free from endpoints where product = $1 for update),
          taken as (update endpoints e set debugged_at = clock_timestamp() from known where e.product = known.product and known.free returning e.product)
          select known.generation, known.url, ${keys('known')}, exists (select from taken) as taken, (extract(epoch from clock_timestamp()) * 1000)::bigint as at,
            ceil($2 - extract(epoch from clock_timestamp() - debugged_at))::int as next from known`,
        values: [product, debuggingPause],
      }),
    );
    const [row] = rows;
    if (!row) return { problem: refused('NO_ENDPOINT', { product }) };
    if (!row.taken) return { problem: refused('DEBUGGED_RECENTLY', { product, seconds: row.next }) };
    const { generation, url, key, formerKey } = row;
    return { endpoint: { generation, url, key, formerKey }, at: row.at };
  }
}
