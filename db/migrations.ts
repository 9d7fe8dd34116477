import { readFileSync } from 'node:fs';
import type pg from 'pg';

type Journal = { entries: { when: number; tag: string }[] };
const { entries } = JSON.parse(readFileSync(new URL('./migrations/meta/_journal.json', import.meta.url), 'utf8')) as Journal;

/**
 * The migrations that this code needs and the database lacks, oldest first. A newer database lacks none: the version
 * before runs on while the next one is being brought in.
 */
export async function missingMigrations(client: Pick<pg.ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await client
    .query<{ last: number | string }>('select coalesce(max(created_at), 0) as last from drizzle.__drizzle_migrations')
    .catch((error) => {
      // neither the table nor its schema: it was never migrated
      if (error.code === '42P01' || error.code === '3F000') return { rows: [{ last: 0 }] };
      throw error;
    });
  const last = Number(rows[0]?.last);
  return entries.filter(({ when }) => when > last).map(({ tag }) => tag);
}
