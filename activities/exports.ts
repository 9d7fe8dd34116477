import type pg from 'pg';
import { createReader } from '../db/read/reader.ts';
import { countRows } from '../exports/read.ts';
import type { Wanted } from '../exports/source.ts';
import type { ExportStore } from '../exports/store.ts';
import { writeExport } from '../exports/write.ts';
import { type Outside, OutsideRefused, OutsideUnavailable } from './outside.ts';

export type ExportsOptions = {
  pool: pg.Pool;
  /** Rows are read as the person who asked, so that row-level security stands behind the row rule (ACT-1). */
  readPool: pg.Pool;
  store: ExportStore;
  /** Files under way. */
  directory: string;
};

/** BIL-6: writes exports and deletes them. */
export function createExports({ pool, readPool, store, directory }: ExportsOptions): { writeExport: Outside; removeExport: Outside } {
  return {
    writeExport: {
      async send({ params, instance: id, signal }) {
        const { most, ...rest } = params as Wanted & { most: number };
        const wanted: Wanted = rest;
        const reader = createReader(readPool, wanted.requestedBy);
        const total = await countRows(reader, wanted, most);
        if (total > most)
          throw new OutsideRefused('EXPORT_TOO_LARGE', `expected at most ${most} rows, got more: narrow the period, or name a buyer or merchant`);
        const progress = (done: number) =>
          pool.query(
            `insert into export_progress (instance_id, total, done, at) values ($1, $2, $3, clock_timestamp())
              on conflict (instance_id) do update set total = $2, done = $3, at = excluded.at`,
            [id, Math.max(total, done), done],
          );
        await progress(0);
        try {
          return await writeExport({ reader, wanted, id, store, directory, signal, onPage: async (rows) => void (await progress(rows)) });
        } catch (error) {
          // nothing was kept, or the same again is kept: another try writes it anew
          throw new OutsideUnavailable('NOT_WRITTEN', `expected the export to be written, got: ${(error as Error).message}`, { unknown: false });
        }
      },
    },
    removeExport: {
      async send({ instance }) {
        await store.remove(instance).catch((error: Error) => {
          throw new OutsideUnavailable('NOT_REMOVED', `expected the file to be deleted, got: ${error.message}`, { unknown: true });
        });
        return { removed: true };
      },
    },
  };
}
