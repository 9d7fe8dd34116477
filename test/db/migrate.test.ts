import pg from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { aDatabase } from '../world.ts';

test('a migration that fails says what PostgreSQL said, without the statement, and leaves the database as it was', async () => {
  const database = await aDatabase();
  // as if the tables were somebody else's
  await database.pool.query('drop schema drizzle cascade');
  const said = await migrate(database.url).catch((error: Error) => error.message);
  expect(said).toMatch(/^expected to bring the database to the schema of this version, got: .* already exists\. Nothing was changed\.$/);
  expect((await database.pool.query('select from drizzle.__drizzle_migrations')).rows).toEqual([]);
  await database.drop();
});

test('a migration waits five seconds for a running process, gives way, and says what to do', async () => {
  const database = await aDatabase();
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin; lock table drizzle.__drizzle_migrations');
  const said = await migrate(database.url).catch((error: Error) => error.message);
  expect(said).toMatch(
    /got: canceling statement due to lock timeout\. Nothing was changed\. A running worker, API or query holds .*: run it again, or stop them first\.$/,
  );
  await holder.query('commit');
  await migrate(database.url);
  await holder.end();
  await database.drop();
});
