import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

/** Running processes wait for what a migration has; it must not wait for them for long. */
const patience = '5s';

/** Brings the database to this version's schema, in one transaction. Processes that start together wait for one another. @throws what PostgreSQL said, and what to do */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('steward migrations'))");
    await client.query(`set lock_timeout = '${patience}'`);
    await runMigrations(drizzle({ client }), { migrationsFolder: new URL('./migrations', import.meta.url).pathname }).catch(explain);
    await client.query('reset lock_timeout');
    await client.query('select keep_day_partitions()');
  } finally {
    await client.end();
  }
}

/** Drizzle's own error shows the statement; what is wrong with it is in its cause. */
function explain(error: Error): never {
  const { code, message } = (error.cause ?? error) as { code?: string; message: string };
  // a lock that was not given in time, or was waited for in a ring
  const isBusy = code === '55P03' || code === '40P01';
  const remedy = isBusy ? ` A running worker, API or query holds a table for longer than ${patience}: run it again, or stop them first.` : '';
  // where it is not PostgreSQL that says so, the connection was lost, and it may have been at the very end
  const outcome = (error.cause ?? error) instanceof pg.DatabaseError ? ' Nothing was changed.' : ' Run it again.';
  throw new Error(`expected to bring the database to the schema of this version, got: ${message}.${outcome}${remedy}`, { cause: error });
}
