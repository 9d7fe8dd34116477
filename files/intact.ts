import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileStore } from './store.ts';

export const damaged = (sha256: string, expected: string, got: string) =>
  new Error(`expected the stored content ${sha256} to have ${expected}, got ${got}: the store is damaged, restore this content from a backup`);

/**
 * Passes a content on and holds its last chunk back until all of it has proved to be what was stored: who receives
 * it whole has received the evidence, and a damaged one breaks off.
 */
export async function* intact(content: Readable, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  const got = hash.digest('hex');
  if (got !== sha256) throw damaged(sha256, 'that SHA-256', got);
  if (held) yield held;
}

/** Reads a stored content to its end and compares it with the hash it is kept under (SUP-9). */
export async function verifyFile(store: FileStore, sha256: string): Promise<'intact' | 'damaged' | 'missing'> {
  const content = await store.open(sha256);
  if (!content) return 'missing';
  const hash = createHash('sha256');
  for await (const chunk of content as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex') === sha256 ? 'intact' : 'damaged';
}
