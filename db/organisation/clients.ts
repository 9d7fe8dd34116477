import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';

/** An app's OAuth client of one binding, made at its first synchronisation and the same ever after. */
export async function clientOf(pool: pg.Pool, binding: string): Promise<{ clientId: string; clientSecret: string }> {
  const { rows } = await pool.query({
    name: 'app client',
    text: `with made as (insert into app_clients (binding, client_id, client_secret) values ($1, $2, $3) on conflict (binding) do nothing returning client_id, client_secret)
      select client_id as "clientId", client_secret as "clientSecret" from made union all select client_id, client_secret from app_clients where binding = $1 limit 1`,
    values: [binding, randomUUID(), randomBytes(32).toString('base64url')],
  });
  return rows[0];
}
