import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { v5 } from 'uuid';
import { readSigningKey, type SigningKeyOptions } from '../db/signingKey.ts';
import { type Letter, letterOf } from '../documents/statementLetter.ts';
import type { FileStore } from '../files/store.ts';
import { type Outside, OutsideRefused } from './outside.ts';

/** A namespace of our own: the same effect gives the same file, however often it is tried. */
const filesOfEffects = '6f1a4c0e-7a43-4f0b-9c61-2a6f2a9f4d10';

/**
 * Writes a statement letter, seals it with the installation's signing key and keeps it as a file of its instance, so that
 * whoever may see the one may download the other (BIL-5). `directory` is on the file system of a disk store.
 */
export function createLetters({ pool, store, directory, key }: { pool: pg.Pool; store: FileStore; directory: string; key: SigningKeyOptions }): {
  sealLetter: Outside;
} {
  return {
    sealLetter: {
      send: async ({ params, instance, idempotencyKey }) => {
        const [, seq = ''] = idempotencyKey.split(':');
        const { rows } = await pool.query<{ number: string }>('select number from instances where id = $1', [instance]);
        const [letter] = rows;
        if (!letter) throw new OutsideRefused('NO_LETTER', `expected statement letter ${instance} to exist, got none`);
        const { number } = letter;
        const html = letterOf({ ...(params as Omit<Letter, 'number'>), number }, await readSigningKey(key));
        const file = await kept(html);
        const id = v5(idempotencyKey, filesOfEffects);
        await pool.query(
          `with known as (insert into files (id, name, media_type, bytes, sha256, uploaded_by, role, party, uploaded_at)
             values ($1, $2, 'text/html; charset=utf-8', $3, $4, 'system', 'system', null, clock_timestamp()) on conflict (id) do nothing)
           insert into attachments (file_id, instance_id, revision) values ($1, $5, $6) on conflict do nothing`,
          [id, `说明函-${number}.html`, file.bytes, file.sha256, instance, Number(seq)],
        );
        return { file: id, sha256: file.sha256 };
      },
    },
  };

  async function kept(text: string): Promise<{ bytes: number; sha256: string }> {
    const content = Buffer.from(text);
    const file = { path: path.join(directory, `${randomUUID()}.part`), bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    await mkdir(directory, { recursive: true });
    const handle = await open(file.path, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await store.put(file).finally(() => rm(file.path, { force: true }));
    return file;
  }
}
