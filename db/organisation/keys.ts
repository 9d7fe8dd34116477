import { createPublicKey, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import { expectedField, type FieldProblem, invalid, notFound, type Problem } from '../../lifecycles/problem.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { isOwnProduct } from '../products.ts';
import { inTransaction } from '../transaction.ts';

const leastBits = 3_072;

const path = 'publicKey';
const publicPem = { zh: 'PEM 格式的 RSA 公钥（-----BEGIN PUBLIC KEY-----）', en: 'an RSA public key as PEM (-----BEGIN PUBLIC KEY-----)' };

/** @returns why this is no key that a merchant may have; null when it is one */
function appKeyProblem(pem: string): FieldProblem | null {
  // of a private key the public one can be made, but nobody else may ever have the text itself
  if (pem.includes('PRIVATE KEY')) return expectedField(path, publicPem, { zh: '私钥（未作任何保存）', en: 'a private key, of which nothing was kept' });
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return expectedField(path, publicPem, JSON.stringify(pem.slice(0, 40)));
  }
  if (key.asymmetricKeyType !== 'rsa') return expectedField(path, { zh: ' RSA 公钥', en: 'an RSA public key' }, key.asymmetricKeyType);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < leastBits ? expectedField(path, { zh: `不少于 ${leastBits} 位的 RSA 密钥`, en: `an RSA key of at least ${leastBits} bits` }, bits) : null;
}

/** Sets the key by which what an app is sent in secret is encrypted. @throws for a key that is none: ask `appKeyProblem` first; DatabaseUnavailable */
export async function setAppKey(pool: pg.Pool, { product, publicKey, by }: { product: string; publicKey: string; by: string }): Promise<void> {
  const problem = appKeyProblem(publicKey);
  if (problem) throw new Error(problem.message);
  await inTransaction(pool, (client) =>
    client.query({
      name: 'app key set',
      text: `insert into app_keys (product, public_key, set_by) values ($1, $2, $3)
        on conflict (product) do update set public_key = excluded.public_key, set_by = excluded.set_by, set_at = clock_timestamp()`,
      values: [product, publicKey, by],
    }),
  );
}

export async function appKeyOf(pool: pg.Pool, product: string): Promise<string | null> {
  const { rows } = await pool.query({ name: 'app key', text: 'select public_key from app_keys where product = $1', values: [product] });
  return rows[0]?.public_key ?? null;
}

export type AppKeys = ReturnType<typeof createAppKeys>;

/** A merchant sets the keys of its own products, operations of any (ORG-1). @returns the problem, or null when it is set. Throws DatabaseUnavailable */
export function createAppKeys({ pool }: { pool: pg.Pool }) {
  return {
    async setAppKey({ actor, product, publicKey }: { actor: Actor; product: string; publicKey: string }): Promise<Problem | null> {
      if (!(await isOwnProduct(pool, actor, product))) return notFound(product);
      const problem = appKeyProblem(publicKey);
      if (problem) return invalid([problem]);
      await setAppKey(pool, { product, publicKey, by: actor.id });
      return null;
    },
  };
}
