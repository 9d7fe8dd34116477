import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type pg from 'pg';
import { canonical } from '../lifecycles/canonical.ts';

/** One line of the export: where both chains of an instance end (ACT-2). */
export type Head = { number: string; revision: number; head: string; refusals: number; refusalHead: string };

/** What is signed. A cut tail shows when a later row of the log is missing that a signed head names. */
export type Statement = { at: string; instances: number; sha256: string; previous: string };
export type SignedStatement = Statement & { signature: string; keyId: string /** Asia/Shanghai. */; day: string };

/** Writes the lines somewhere that this database's owner cannot quietly change; resolves when they are durable. */
export type Export = (name: string, lines: AsyncIterable<string>) => Promise<void>;

const pageSize = 1_000;

/** Which key signed: the first half of the SHA-256 of the public key. */
export const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update((key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32);

/**
 * Signs the heads of all chains as they are now, exports them, and keeps the statement, linked to the one before.
 * One statement a day: a second run on the same day (Asia/Shanghai) gives the first one's answer.
 */
export async function signHeads({ pool, key, write }: { pool: pg.Pool; key: KeyObject; write: Export }): Promise<SignedStatement> {
  const { rows } = await pool.query<{ day: string; at: string }>(
    `select to_char(clock_timestamp() at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day, to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`,
  );
  const { day, at } = rows[0] as { day: string; at: string };
  const known = await statementOf(pool, day);
  if (known) return known;
  const hash = createHash('sha256');
  let instances = 0;
  await write(`heads-${day}.jsonl`, counted());
  const previous = (await pool.query<{ sha256: string }>('select sha256 from signed_heads order by day desc limit 1')).rows[0]?.sha256 ?? '';
  const statement: Statement = { at, instances, sha256: hash.digest('hex'), previous };
  const signature = sign(null, Buffer.from(canonical(statement)), key).toString('base64');
  await pool.query(
    'insert into signed_heads (day, at, instances, sha256, previous, signature, key_id) values ($1, $2, $3, $4, $5, $6, $7) on conflict (day) do nothing',
    [day, at, instances, statement.sha256, previous, signature, keyIdOf(key)],
  );
  return (await statementOf(pool, day)) ?? { ...statement, signature, keyId: keyIdOf(key), day };

  async function* counted() {
    for await (const head of heads(pool)) {
      const line = `${canonical(head)}\n`;
      hash.update(line);
      instances += 1;
      yield line;
    }
  }
}

/** Is this statement signed by that key, over those lines? */
export function isSigned({ signature, keyId, day: _, ...statement }: SignedStatement, key: KeyObject): boolean {
  return (
    keyId === keyIdOf(key) &&
    verify(null, Buffer.from(canonical(statement)), key.type === 'private' ? createPublicKey(key) : key, Buffer.from(signature, 'base64'))
  );
}

async function statementOf(pool: pg.Pool, day: string): Promise<SignedStatement | null> {
  const { rows } = await pool.query(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, instances, sha256, previous, signature, key_id as "keyId", day::text as day from signed_heads where day = $1`,
    [day],
  );
  return rows[0] ?? null;
}

/** Page by page in the order of ids, so that no long transaction holds back a million rows. */
async function* heads(pool: pg.Pool): AsyncGenerator<Head> {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await pool.query<Head & { id: string }>({
      name: 'heads',
      text: `select id, number, revision, head, refusals, refusal_head as "refusalHead" from instances where id > $1 order by id limit ${pageSize}`,
      values: [last],
    });
    for (const { id, ...head } of rows) {
      last = id;
      yield head;
    }
    if (rows.length < pageSize) return;
  }
}
