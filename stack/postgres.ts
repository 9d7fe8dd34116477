import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log.ts';
import { type Daemon, daemon } from './daemon.ts';
import { unlessRepeated } from './echo.ts';
import { killAllIn, readPid, stopProcess } from './leftover.ts';
import { freePort } from './ports.ts';
import { canReach, findPrograms, type PostgresPrograms } from './postgres-programs.ts';

export type PostgresOptions = {
  dataDir: string;
  port?: number;
  /** 'off' survives a killed process but not a power cut: for tests. */
  durability?: 'on' | 'off';
  log: Log;
};

export type Postgres = Daemon & {
  /** The database of Steward. */
  url: string;
  /** The maintenance database, for creating others. */
  adminUrl: string;
  port: number;
  password: string;
  /** Where its data is. */
  data: string;
};

const USER = 'steward';
const DATABASE = 'steward';

/** PostgreSQL on loopback with its data in `dataDir/postgres`; what is there is used again. */
export async function startPostgres({ dataDir, port, durability = 'on', log }: PostgresOptions): Promise<Postgres> {
  const programs = findPrograms();
  const home = openHome(dataDir, programs);
  const data = path.join(home, 'postgres');
  const password = keptPassword(home);

  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) initialise({ programs, data, password, durability });
  refuseOtherMajor(data, programs.major);
  const postmasterPid = path.join(data, 'postmaster.pid');
  const former = formerPort(postmasterPid) ?? keptPort(home);
  await clearPostmaster(postmasterPid, data);
  const chosen = port ?? (await freePort(former));
  const url = (database: string) => `postgres://${USER}:${password}@127.0.0.1:${chosen}/${database}`;
  const warn = unlessRepeated((text) => log.warn(text));
  const server = daemon({
    name: 'PostgreSQL',
    command: programs.postgres,
    args: ['-D', data, '-p', String(chosen), ...settings(durability)],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    ...(programs.account && { user: programs.account }),
    marker: data,
    pidFile: path.join(home, 'postgres.pid'),
    prepare: () => clearPostmaster(postmasterPid, data),
    ready: () => withClient(url('postgres'), (client) => client.query('select 1')).then(() => {}),
    readyWithinMs: 60_000,
    // The last of a killed server's processes are still leaving.
    tryAgainOn: /pre-existing shared memory block/,
    stopSignal: 'SIGINT',
    stopWithinMs: 20_000,
    onLine: (line, phase) => (phase === 'ready' && /^(FATAL|PANIC):/.test(line) ? warn(line) : log.debug(line)),
  });

  await server.start();
  fs.writeFileSync(path.join(home, 'postgres.port'), String(chosen));
  await ensureDatabase(url('postgres'), DATABASE);
  return Object.assign(server, { url: url(DATABASE), adminUrl: url('postgres'), port: chosen, password, data });
}

/** Creates the database unless it exists; says whether it did. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<boolean> {
  return withClient(adminUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount) return false;
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
    return true;
  });
}

export async function withClient<T>(connectionString: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  // A server that goes away emits an error besides rejecting the query.
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function settings(durability: 'on' | 'off'): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    timezone: 'UTC',
    // Temporal and our own code report their errors themselves.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_line_prefix: '',
    // Not synchronous_commit: a killed PostgreSQL would then lose what it had answered.
    ...(durability === 'off' && { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** As root, data in a directory that the unprivileged account cannot enter moves to /var/lib/steward. */
function openHome(dataDir: string, { account }: PostgresPrograms): string {
  const wished = path.resolve(dataDir);
  fs.mkdirSync(wished, { recursive: true });
  if (!account || canReach(account, wished)) return wished;
  // By a name that is kept here, so that who removes the data directory begins anew.
  const pointer = path.join(wished, 'postgres-home');
  if (!fs.existsSync(pointer)) fs.writeFileSync(pointer, path.join('/var/lib/steward', crypto.randomUUID()));
  const home = fs.readFileSync(pointer, 'utf8');
  fs.mkdirSync(home, { recursive: true });
  return home;
}

function keptPassword(home: string): string {
  const file = path.join(home, 'postgres.password');
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, crypto.randomBytes(18).toString('base64url'), { mode: 0o600 });
  }
  return fs.readFileSync(file, 'utf8').trim();
}

type Initialise = { programs: PostgresPrograms; data: string; password: string; durability: 'on' | 'off' };

function initialise({ programs, data, password, durability }: Initialise): void {
  // Into a directory beside it and renamed, so that an interrupted initdb leaves nothing half made.
  const partial = `${data}.new`;
  fs.rmSync(partial, { recursive: true, force: true });
  fs.mkdirSync(partial, { mode: 0o700 });
  const passwordFile = `${partial}.password`;
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (programs.account) {
    fs.chownSync(partial, programs.account.uid, programs.account.gid);
    fs.chownSync(passwordFile, programs.account.uid, programs.account.gid);
  }
  const flags = [
    ...['--pgdata', partial, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
    ...(durability === 'off' ? ['--no-sync'] : []),
  ];
  try {
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
    execFileSync(programs.initdb, flags, { ...programs.account, env, cwd: '/', stdio: 'pipe' });
    fs.renameSync(partial, data);
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

function refuseOtherMajor(data: string, major: string): void {
  const found = fs.readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  throw new Error(
    `Expected data of PostgreSQL ${major} in ${data}, got data of PostgreSQL ${found}: move it over with pg_dump of that version, or move the directory away to begin with an empty one.`,
  );
}

/** A postmaster.pid whose process is gone, or is now another program's, would stop PostgreSQL from starting;
 *  so would a busy process of a killed server, which notices its server's death only after its query. */
async function clearPostmaster(file: string, data: string): Promise<void> {
  const pid = readPid(file);
  if (pid !== undefined) await stopProcess({ pid, marker: data, signal: 'SIGINT', withinMs: 10_000 });
  killAllIn(fs.realpathSync(data), /^postgres: /);
  fs.rmSync(file, { force: true });
}

function formerPort(postmasterPid: string): number | undefined {
  if (!fs.existsSync(postmasterPid)) return undefined;
  return Number(fs.readFileSync(postmasterPid, 'utf8').split('\n')[3]) || undefined;
}

function keptPort(home: string): number | undefined {
  const file = path.join(home, 'postgres.port');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) || undefined : undefined;
}
