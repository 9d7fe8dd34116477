import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../../log.ts';
import { daemon } from '../daemon.ts';
import { freePorts } from '../ports.ts';
import { ensureNamespace, serverVersion } from './namespace.ts';
import type { Temporal } from './server.ts';
import { isTooOld, OLDEST_TEMPORAL } from './version.ts';

const run = promisify(execFile);

type CliOptions = { program: string; kind: 'cli' | 'download'; dataDir: string; namespace: string; log: Log };

/** The dev server of Temporal's own CLI, with its SQLite file in the data directory. */
export async function startCli({ program, kind, dataDir, namespace, log }: CliOptions): Promise<Temporal> {
  const dir = path.resolve(dataDir, 'temporal');
  fs.mkdirSync(dir, { recursive: true });
  const database = path.join(dir, 'dev-server.db');
  const [port, uiPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const server = daemon({
    name: 'Temporal',
    command: program,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', database, '--namespace', namespace, '--log-level', 'warn', '--log-format', 'json'],
      ...['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
      ...['frontend.rps', 'frontend.namespaceRPS'].flatMap((name) => ['--dynamic-config-value', `${name}=20000`]),
    ],
    marker: database,
    pidFile: path.join(dir, 'temporal.pid'),
    ready: () => serverVersion({ address, connectTimeout: 500 }).then(() => {}),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
    onLine: (line) => log.debug(line),
  });

  await server.start();
  const version = await serverVersion({ address });
  if (isTooOld(version)) {
    await server.stop();
    throw new Error(`${program} brings Temporal ${version}, and ${OLDEST_TEMPORAL} or newer is needed`);
  }
  // start-dev makes the namespace itself, which ensureNamespace then finds.
  const namespaceId = await ensureNamespace({ connection: { address }, namespace });
  return Object.assign(server, { address, namespace, kind, namespaceId, uiUrl: `http://127.0.0.1:${uiPort}` });
}

/** The `temporal` on PATH, or an error that says why it cannot be used. */
export async function findCli(): Promise<string> {
  const found = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((dir) => path.join(dir, process.platform === 'win32' ? 'temporal.exe' : 'temporal'))
    .find((file) => fs.existsSync(file));
  if (!found) throw new Error('there is no temporal on PATH');
  await run(found, ['--version'], { timeout: 10_000 }).catch((error: Error) => {
    throw new Error(`${found} does not run (${error.message.split('\n')[0]})`);
  });
  return found;
}
