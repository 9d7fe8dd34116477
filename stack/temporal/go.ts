import fs from 'node:fs';
import path from 'node:path';
import type { Log } from '../../log.ts';
import { type DaemonSpec, daemon } from '../daemon.ts';
import { unlessRepeated } from '../echo.ts';
import { buildTemporal } from './go-build.ts';
import { writeConfig } from './go-config.ts';
import { migrateTemporal } from './go-schema.ts';
import { ensureNamespace, serverVersion } from './namespace.ts';
import type { Temporal } from './server.ts';

type GoOptions = { dataDir: string; database: () => Promise<string>; namespace: string; log: Log; signal?: AbortSignal | undefined };

/** Temporal's own server, built from source, with its databases in the given PostgreSQL. */
export async function startGo({ dataDir, database: open, namespace, log, signal }: GoOptions): Promise<Temporal> {
  const programs = await buildTemporal({ log, signal });
  const adminUrl = await open();
  const { hostname, port, username, password } = new URL(adminUrl);
  const database = { host: hostname, port: Number(port || 5432), user: username, password: decodeURIComponent(password) };
  const dir = path.resolve(dataDir, 'temporal');
  fs.mkdirSync(dir, { recursive: true });

  const { file, frontendPort } = await writeConfig(dir, database);
  const address = `127.0.0.1:${frontendPort}`;
  const server = daemon({
    name: 'Temporal',
    command: programs.server,
    args: ['--config-file', file, '--allow-no-auth', 'start'],
    marker: file,
    pidFile: path.join(dir, 'temporal.pid'),
    prepare: () => migrateTemporal(programs.sql, database),
    ready: () => serverVersion({ address, connectTimeout: 500 }).then(() => {}),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    // Its own workers may retry for 15 s against services that are gone already; all state is in PostgreSQL.
    stopWithinMs: 3_000,
    onLine: teller(log),
  });

  await server.start();
  const namespaceId = await ensureNamespace({ connection: { address }, namespace });
  return Object.assign(server, { address, namespace, kind: 'go' as const, namespaceId });
}

/** The server writes JSON with its own names of fields. */
function teller(log: Log): NonNullable<DaemonSpec['onLine']> {
  const warn = unlessRepeated((text) => log.warn(text));
  return (line, phase) => {
    const { level, msg, error } = parse(line);
    const text = error ? `${msg}: ${error}` : msg;
    if (phase === 'ready' && /^(warn|error|fatal)$/.test(level)) warn(text);
    else log.debug(text);
  };
}

function parse(line: string): { level: string; msg: string; error?: string } {
  try {
    return JSON.parse(line);
  } catch {
    return { level: 'info', msg: line };
  }
}
