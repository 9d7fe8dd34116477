import { createPublicKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
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

const leastBits = 3_072;

/** @returns the sentence why this is no key that a merchant may have; null when it is one */
export function appKeyProblem(pem: string): string | null {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return `expected an RSA public key as PEM (-----BEGIN PUBLIC KEY-----), got ${JSON.stringify(pem.slice(0, 40))}`;
  }
  if (key.asymmetricKeyType !== 'rsa') return `expected an RSA public key, got ${key.asymmetricKeyType}`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < leastBits ? `expected an RSA key of at least ${leastBits} bits, got ${bits}` : null;
}

/** Sets the key by which what an app is sent in secret is encrypted. @throws for a key that is none; ask `appKeyProblem` first */
export async function setAppKey(pool: pg.Pool, { product, publicKey, by }: { product: string; publicKey: string; by: string }): Promise<void> {
  const problem = appKeyProblem(publicKey);
  if (problem) throw new Error(problem);
  await pool.query(
    `insert into app_keys (product, public_key, set_by) values ($1, $2, $3)
      on conflict (product) do update set public_key = excluded.public_key, set_by = excluded.set_by, set_at = clock_timestamp()`,
    [product, publicKey, by],
  );
}

export async function appKeyOf(pool: pg.Pool, product: string): Promise<string | null> {
  const { rows } = await pool.query({ name: 'app key', text: 'select public_key from app_keys where product = $1', values: [product] });
  return rows[0]?.public_key ?? null;
}
