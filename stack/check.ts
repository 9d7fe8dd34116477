import { missingMigrations } from '../db/migrations.ts';
import { withClient } from './postgres.ts';

const OLDEST_POSTGRES = 16;

/** Asks a PostgreSQL of others for its version; says what to do when it does not answer or is too old. */
export async function checkDatabase(databaseUrl: string): Promise<void> {
  const { host, pathname } = new URL(databaseUrl);
  const version = await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    return Math.floor(Number(rows[0]?.server_version_num) / 10_000);
  }).catch((error: Error & { code?: string }) => {
    // A refused connection to a name with two addresses has no message of its own.
    throw new Error(
      `Expected PostgreSQL at ${host} with the database ${pathname.slice(1)} (DATABASE_URL), got "${error.message || error.code}": start it, correct DATABASE_URL, or leave it out to have one started.`,
    );
  });
  if (version < OLDEST_POSTGRES) {
    throw new Error(
      `Expected PostgreSQL ${OLDEST_POSTGRES} or newer at ${host} (DATABASE_URL), got ${version}: upgrade it, or leave DATABASE_URL out to have one started.`,
    );
  }
}

/** Asks whether the database has the tables that this version needs; a newer one will do. */
export async function checkSchema(databaseUrl: string): Promise<void> {
  const missing = await withClient(databaseUrl, missingMigrations);
  if (missing.length === 0) return;
  const { host, pathname } = new URL(databaseUrl);
  throw new Error(
    `Expected the database ${pathname.slice(1)} at ${host} to have this version's schema, got one that lacks ${missing.length} migrations (from ${missing[0]} on): run npm run prepare-servers once, or npm start, which does it itself.`,
  );
}
