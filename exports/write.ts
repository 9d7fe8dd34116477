import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Reader } from '../db/read/reader.ts';
import { removeOldParts } from '../files/parts.ts';
import { csvOf } from './csv.ts';
import { pagesOf, sources } from './read.ts';
import type { Wanted } from './source.ts';
import type { ExportStore } from './store.ts';
import { xlsxOf } from './xlsx.ts';

export type Written = { rows: number; bytes: number; sha256: string; common: { buyer: string; merchant: string } };

/** BIL-6: what a process that died was writing is kept no longer than another try could take, with its patience and its lease. */
export const longestTryMs = 300_000;

/** The party that all rows have in common; empty when there is none. */
const shared = (known: string | null, next: string): string => (known === null || known === next ? next : '');

/**
 * Writes an export's rows to a file while they are read, and keeps it. A try that dies leaves nothing but a part that is
 * thrown away; the next one writes the whole anew.
 * @param onPage hears after each page how many rows are written
 */
export async function writeExport({
  reader,
  wanted,
  id,
  store,
  directory,
  signal,
  onPage,
}: {
  reader: Reader;
  wanted: Wanted;
  id: string;
  store: ExportStore;
  directory: string;
  signal: AbortSignal;
  onPage: (rows: number) => Promise<void>;
}): Promise<Written> {
  const source = sources[wanted.what];
  const common: { buyer: string | null; merchant: string | null } = { buyer: null, merchant: null };
  let rows = 0;
  async function* cells() {
    for await (const page of pagesOf(reader, wanted)) {
      signal.throwIfAborted();
      for (const row of page) {
        common.buyer = shared(common.buyer, row.buyer);
        common.merchant = shared(common.merchant, row.merchant);
        yield row.cells;
      }
      rows += page.length;
      await onPage(rows);
    }
  }
  await mkdir(directory, { recursive: true });
  await removeOldParts(directory, longestTryMs);
  const file = path.join(directory, `${randomUUID()}.part`);
  const header = source.header.map((title) => title[wanted.language]);
  const hash = createHash('sha256');
  // there before anything can go wrong: a stream that opens it would do so after it was removed
  const part = await open(file, 'wx', 0o600);
  try {
    await pipeline(
      wanted.format === 'csv' ? csvOf(header, cells()) : xlsxOf(header, cells(), wanted.what),
      async function* (chunks) {
        for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
          hash.update(chunk);
          yield chunk;
        }
      },
      part.createWriteStream(),
      { signal },
    );
    const { size: bytes } = await stat(file);
    const sha256 = hash.digest('hex');
    await store.put({ export: id, sha256, bytes, path: file });
    return { rows, bytes, sha256, common: { buyer: common.buyer ?? '', merchant: common.merchant ?? '' } };
  } finally {
    await rm(file, { force: true });
  }
}
