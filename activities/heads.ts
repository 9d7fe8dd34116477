import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { type Export, signHeads } from '../db/heads.ts';
import { readSigningKey, type SigningKeyOptions } from '../db/signingKey.ts';

/** `dir` is where exports go as well; ship it to a place that this installation cannot rewrite. */
export type HeadsOptions = SigningKeyOptions;

/** Signs today's heads and writes `heads-DATE.jsonl` with its statement beside it. */
export function createHeads({ pool, signingKey, dir }: HeadsOptions & { pool: pg.Pool }) {
  return async function signToday(): Promise<{ instances: number; sha256: string }> {
    await mkdir(dir, { recursive: true });
    const key = await readSigningKey({ signingKey, dir });
    const { instances, sha256, ...statement } = await signHeads({ pool, key, write: toDirectory(dir) });
    await writeFile(path.join(dir, `heads-${statement.day}.statement.json`), `${JSON.stringify({ ...statement, instances, sha256 }, null, 2)}\n`);
    return { instances, sha256 };
  };
}

/** Durable before it has its name: a crash leaves a temporary file, never half an export. */
const toDirectory =
  (dir: string): Export =>
  async (name, lines) => {
    const unfinished = path.join(dir, `${name}.unfinished`);
    const file = await open(unfinished, 'w');
    try {
      for await (const line of lines) await file.write(line);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path.join(dir, name));
  };
