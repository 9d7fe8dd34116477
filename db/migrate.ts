import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

/** Brings the database to this version's schema. Processes that start together wait for one another. */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('steward migrations'))");
    await runMigrations(drizzle({ client }), { migrationsFolder: new URL('./migrations', import.meta.url).pathname });
    await client.query('select keep_day_partitions()');
  } finally {
    await client.end();
  }
}
