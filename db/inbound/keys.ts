import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Actor } from '../../lifecycles/roles.ts';
import { inTransaction } from '../transaction.ts';

/** PRD-9: a nonce counts as used for this long, twice what a clock may be apart. */
const nonceMinutes = 10;

/** A key that calls may be signed with, and PostgreSQL's own clock. */
export type ActiveKey = { ak: string; merchant: string; secret: string; now: number };
export type NewKey = { ak: string; secret: string };
export type MerchantKeys = ReturnType<typeof createMerchantKeys>;

/** The keys of merchants' systems (PRD-9). Throws DatabaseUnavailable. */
export function createMerchantKeys(pool: pg.Pool) {
  return { create, revoke, active, takeNonce };

  /** @returns the new key with its secret, which is not shown again; null when two are active already */
  async function create({ id, party }: Actor): Promise<NewKey | null> {
    const made = { ak: randomBytes(15).toString('base64url').replace(/[-_]/g, 'x').toUpperCase(), secret: randomBytes(30).toString('base64url') };
    return inTransaction(pool, async (client) => {
      await client.query({ text: "select pg_advisory_xact_lock(hashtextextended('merchant keys ' || $1, 0))", values: [party] });
      const { rowCount } = await client.query({
        text: `insert into merchant_keys (ak, merchant, secret, slot, created_by)
          select $1, $2, $3, s.slot, $4 from (values (1), (2)) as s(slot)
          where not exists (select from merchant_keys k where k.merchant = $2 and k.slot = s.slot and k.revoked_at is null) order by s.slot limit 1`,
        values: [made.ak, party, made.secret, id],
      });
      return rowCount ? made : null;
    });
  }

  /** Takes a key of this party away for good, at once. @returns false when it has no such key, or none that is active */
  async function revoke({ id, party }: Actor, ak: string): Promise<boolean> {
    const { rowCount } = await inTransaction(pool, (client) =>
      client.query({
        text: 'update merchant_keys set revoked_at = clock_timestamp(), revoked_by = $3 where ak = $1 and merchant = $2 and revoked_at is null',
        values: [ak, party, id],
      }),
    );
    return (rowCount ?? 0) > 0;
  }

  async function active(ak: string): Promise<ActiveKey | null> {
    const { rows } = await inTransaction(pool, (client) =>
      client.query<ActiveKey>({
        name: 'active merchant key',
        text: `select ak, merchant, secret, (extract(epoch from clock_timestamp()) * 1000)::bigint as now
          from merchant_keys where ak = $1 and revoked_at is null`,
        values: [ak],
      }),
    );
    return rows[0] ?? null;
  }

  /** @returns false when this key has used it before */
  async function takeNonce(ak: string, nonce: string): Promise<boolean> {
    const { rowCount } = await inTransaction(pool, async (client) => {
      await client.query({
        name: 'forget nonces',
        text: `delete from inbound_nonces where at < clock_timestamp() - interval '${nonceMinutes} minutes'`,
        values: [],
      });
      return client.query({
        name: 'take nonce',
        text: 'insert into inbound_nonces (ak, nonce, at) values ($1, $2, clock_timestamp()) on conflict do nothing',
        values: [ak, nonce],
      });
    });
    return (rowCount ?? 0) > 0;
  }
}
