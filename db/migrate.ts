import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

/** Brings the database to this version's schema, in one transaction. Processes that start together wait for one another. @throws what PostgreSQL said, and what to do */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('steward migrations'))");
    await runMigrations(drizzle({ client }), { migrationsFolder: new URL('./migrations', import.meta.url).pathname }).catch(explain);
    await client.query('select keep_day_partitions()');
  } finally {
    await client.end();
  }
}

/** Drizzle's own error shows the statement; what is wrong with it is in its cause. */
function explain(error: Error): never {
  const { code, message } = (error.cause ?? error) as { code?: string; message: string };
  const remedy = code === '55P03' ? ' A running worker, API or query holds a table for longer than that: run it again, or stop them first.' : '';
  throw new Error(`expected to bring the database to the schema of this version, got: ${message}. Nothing was changed.${remedy}`, { cause: error });
}
