import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { missingMigrations } from '../../db/migrations.ts';
import { createHealth } from '../../graphql/health.ts';
import { takeDataDir } from '../../stack/data-dir.ts';
import { freePort } from '../../stack/ports.ts';
import { withClient } from '../../stack/postgres.ts';
import { forgetServers, rememberServers } from '../../stack/running.ts';
import { keptJwt, readyDatabase, readyServers } from '../../stack/servers.ts';
import { aDatabase, administer, type Database } from '../world.ts';

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-programs-'));
const emptyName = `steward_empty_${process.pid}`;
let database: Database;
let empty: string;
let temporal: string;

beforeAll(async () => {
  database = await aDatabase();
  await administer(inject('databaseUrl'), `create database ${emptyName}`);
  empty = Object.assign(new URL(inject('databaseUrl')), { pathname: `/${emptyName}` }).href;
  temporal = inject('temporalAddress');
});
afterAll(async () => {
  await database.drop();
  await administer(inject('databaseUrl'), `drop database ${emptyName} with (force)`);
  fs.rmSync(dataDir, { recursive: true });
});

const configOf = (env: Record<string, string>) => readConfig({ STEWARD_DATA_DIR: dataDir, ...env });

/** What a program says and ends with, in an environment that holds nothing but what is given. */
function run(program: string, env: Record<string, string>): Promise<{ code: number; said: string }> {
  const script = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script], { env: { PATH, HOME, STEWARD_DATA_DIR: dataDir, ...env } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

test('a database that was never migrated ends every program with one sentence and the command that migrates it', async () => {
  const env = { DATABASE_URL: empty, TEMPORAL_ADDRESS: temporal, PORT: String(await freePort()) };
  const sentence = new RegExp(
    `Expected the database ${emptyName} at \\S+ to have this version's schema, got one that lacks \\d+ migrations .*: run npm run prepare-servers once`,
  );
  const all = await Promise.all(['server.ts', 'worker.ts', 'stack/rearm.ts', 'stack/migrate-instances.ts'].map((program) => run(program, env)));
  for (const { code, said } of all) {
    expect(said).toMatch(sentence);
    expect(said).not.toMatch(/\n\s+at /);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }
});

test('a database that is not there, or none at all, is one sentence that says what to do', async () => {
  const nowhere = `postgres://me:secret@127.0.0.1:${await freePort()}/shop`;
  await expect(readyDatabase(configOf({ DATABASE_URL: nowhere }))).rejects.toThrow(
    /^Expected PostgreSQL at \S+ with the database shop .*: start it, correct DATABASE_URL/,
  );
  await expect(readyDatabase(configOf({}))).rejects.toThrow(/^DATABASE_URL: expected .* npm start that runs with its data in .*, got neither/);
});

test('a cluster that does not answer, or lacks the namespace, stops a worker and only warns an API', async () => {
  const closed = `127.0.0.1:${await freePort()}`;
  const said: string[] = [];
  const cases = [
    [{ TEMPORAL_ADDRESS: closed }, `Expected a Temporal frontend at ${closed}`],
    [{ TEMPORAL_ADDRESS: temporal, TEMPORAL_NAMESPACE: 'nobody-made-it' }, 'Expected the namespace nobody-made-it at'],
  ] as const;
  for (const [env, sentence] of cases) {
    const config = configOf({ DATABASE_URL: database.url, ...env });
    await expect(readyServers(config)).rejects.toThrow(sentence);
    await readyServers(config, { warn: (warning) => said.push(warning) });
    expect(said.at(-1)).toContain(sentence);
  }
});

test('an API is not ready while the database lacks a migration of its version', async () => {
  const health = createHealth({ missingMigrations: () => withClient(empty, missingMigrations), temporal: () => 'up' });
  expect(await health.ready()).toMatchObject({ ok: false, postgres: expect.stringMatching(/^lacks \d+ migrations of this version, from 0000_/) });
  expect(await missingMigrations(database.pool)).toEqual([]);
  const last = `(select max(created_at) from drizzle.__drizzle_migrations)`;
  const { rows } = await database.pool.query(`delete from drizzle.__drizzle_migrations where created_at = ${last} returning *`);
  expect(await missingMigrations(database.pool)).toHaveLength(1);
  await database.pool.query('insert into drizzle.__drizzle_migrations (id, hash, created_at) values ($1, $2, $3)', Object.values(rows[0]));
});

test('beside an npm start that runs, programs find its servers by the data directory, and only while it runs', async () => {
  const release = takeDataDir(dataDir);
  rememberServers(dataDir, { databaseUrl: database.url, temporal: { address: temporal, namespace: inject('temporalNamespace') } });
  expect(await run('stack/rearm.ts', {})).toEqual({ code: 0, said: expect.stringMatching(/^\d+ instances are re-armed/) });
  expect(await readyServers(configOf({}))).toEqual({ databaseUrl: database.url, connection: { address: temporal }, namespace: inject('temporalNamespace') });
  expect(await readyDatabase(configOf({ DATABASE_URL: inject('databaseUrl') })).catch((error) => String(error))).toContain('Expected the database');
  release();
  await expect(readyDatabase(configOf({}))).rejects.toThrow('got neither');
  forgetServers(dataDir);
});

test('in development logins outlive a restart of an API that was given no secret, and a secret that was given is used', () => {
  const [one, other] = [keptJwt(configOf({})), keptJwt(configOf({}))];
  expect(one).toEqual(other);
  const given = 'a secret that is long enough for everyone';
  expect(keptJwt(configOf({ STEWARD_JWT_SECRET: given }))).toMatchObject({ secret: given });
});
