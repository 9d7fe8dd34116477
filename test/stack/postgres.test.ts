import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLog } from '../../log.ts';
import { checkDatabase } from '../../stack/check.ts';
import { commandOf } from '../../stack/leftover.ts';
import { freePort } from '../../stack/ports.ts';
import { type Postgres, startPostgres, withClient } from '../../stack/postgres.ts';
import { findPrograms } from '../../stack/postgres-programs.ts';

const log = createLog('test', { level: 'silent' });
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-postgres-'));
let postgres: Postgres;

const insert = () => withClient(postgres.url, (client) => client.query(`insert into kept values ('x')`));
const count = () => withClient(postgres.url, (client) => client.query('select * from kept')).then(({ rowCount }) => rowCount);
const start = () => startPostgres({ dataDir, durability: 'off', log });

beforeAll(async () => {
  fs.chmodSync(dataDir, 0o755);
  postgres = await start();
  await withClient(postgres.url, (client) => client.query('create table kept (x text)'));
});

afterAll(async () => {
  await postgres.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

test('what was committed outlives a SIGKILL, even with a client in the middle of a long query', async () => {
  await insert();
  const busy = withClient(postgres.url, (client) => client.query('select count(*) from generate_series(1, 1e9)')).catch(() => {});
  await expect.poll(() => withClient(postgres.url, busyClients)).toBe(1);
  const before = { port: postgres.port, rows: await count() };
  await postgres.kill();
  await postgres.restart();
  expect({ port: postgres.port, rows: await count() }).toEqual(before);
  await busy;
});

test('a second start takes the place of a server that a killed start left behind', async () => {
  await insert();
  const rows = await count();
  const left = postgres.pid as number;
  postgres = await start();
  expect(commandOf(left)).toBeUndefined();
  expect(await count()).toBe(rows);
});

test('a pid file that names a stranger neither stops the start nor harms the stranger', async () => {
  await postgres.stop();
  // Of the same account: PostgreSQL itself takes only a process that it may signal for another server.
  const stranger = spawn('sleep', ['60'], { ...findPrograms().account });
  fs.writeFileSync(path.join(dataDir, 'postgres.pid'), String(stranger.pid));
  fs.writeFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), `${stranger.pid}\n${dataDir}/postgres\n0\n${postgres.port}\n`);
  postgres = await start();
  expect(await count()).toBeGreaterThan(0);
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  stranger.kill();
});

test('the password is readable by the owner only, and nobody else gets in', async () => {
  expect(fs.statSync(path.join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
  const wrong = postgres.url.replace(postgres.password, 'guessed');
  await expect(checkDatabase(wrong)).rejects.toThrow('password authentication failed');
});

test('data of another major version is left alone, and the way out is named', async () => {
  const other = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-postgres-'));
  fs.chmodSync(other, 0o755);
  fs.mkdirSync(path.join(other, 'postgres'));
  fs.writeFileSync(path.join(other, 'postgres', 'PG_VERSION'), '15\n');
  await expect(startPostgres({ dataDir: other, log })).rejects.toThrow(/got data of PostgreSQL 15: move it over with pg_dump/);
  fs.rmSync(other, { recursive: true });
});

test('a DATABASE_URL where nothing listens is answered with the address and what to do', async () => {
  const port = await freePort();
  await expect(checkDatabase(`postgres://me:secret@127.0.0.1:${port}/shop`)).rejects.toThrow(
    `Expected PostgreSQL at 127.0.0.1:${port} with the database shop (DATABASE_URL), got "connect ECONNREFUSED 127.0.0.1:${port}": start it, correct DATABASE_URL, or leave it out to have one started.`,
  );
});

async function busyClients(client: { query: (sql: string) => Promise<{ rowCount: number | null }> }): Promise<number | null> {
  const { rowCount } = await client.query(
    `select 1 from pg_stat_activity where state = 'active' and query like '%generate_series(1, 1e9)' and pid <> pg_backend_pid()`,
  );
  return rowCount;
}

test.runIf(process.platform === 'linux')('programs that lack a library say which, and what to do', () => {
  const libraries = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-libraries-'));
  fs.chmodSync(libraries, 0o755);
  fs.writeFileSync(path.join(libraries, 'libxml2.so.2'), '');
  fs.chmodSync(path.join(libraries, 'libxml2.so.2'), 0o644);
  vi.stubEnv('LD_LIBRARY_PATH', libraries);
  try {
    expect(findPrograms).toThrow(
      /^Expected PostgreSQL's programs to run here, got: .*libxml2\.so\.2.*\. Install the library .* or set DATABASE_URL to a PostgreSQL of yours\.$/,
    );
  } finally {
    vi.unstubAllEnvs();
    fs.rmSync(libraries, { recursive: true });
  }
});
