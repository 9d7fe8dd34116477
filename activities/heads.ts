import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { type Export, signHeads } from '../db/heads.ts';

export type HeadsOptions = {
  /** An Ed25519 private key, PKCS #8 PEM. Undefined: one is made in `dir` and kept (development). */
  signingKey: string | undefined;
  /** Where exports go; ship it to a place that this installation cannot rewrite. */
  dir: string;
};

/** Signs today's heads and writes `heads-DATE.jsonl` with its statement beside it. */
export function createHeads({ pool, signingKey, dir }: HeadsOptions & { pool: pg.Pool }) {
  return async function signToday(): Promise<{ instances: number; sha256: string }> {
    await mkdir(dir, { recursive: true });
    const key = signingKey ? createPrivateKey(signingKey) : await keptKey(path.join(dir, 'signing-key.pem'));
    const { instances, sha256, ...statement } = await signHeads({ pool, key, write: toDirectory(dir) });
    await writeFile(path.join(dir, `heads-${statement.day}.statement.json`), `${JSON.stringify({ ...statement, instances, sha256 }, null, 2)}\n`);
    return { instances, sha256 };
  };
}

async function keptKey(file: string): Promise<KeyObject> {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return createPrivateKey(await readFile(file, 'utf8'));
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
