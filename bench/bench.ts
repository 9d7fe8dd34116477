import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Log } from '../log.ts';
import type { Figure } from './figure.ts';
import { type Child, startChild } from './processes.ts';
import type { Servers } from './servers.ts';

/** What every measurement is given: the same servers, and ways to put programs around them. */
export type Bench = {
  servers: Servers;
  client: Client;
  log: Log;
  /** Commands are sent by so many clients at once. */
  clients: number;
  secret: string;
  say: (text: string) => void;
  start: (program: '../worker.ts' | '../server.ts' | './handwritten/worker.ts', settings: ProgramSettings) => Promise<Child>;
};

export type ProgramSettings = { taskQueue: string; databaseUrl?: string; orderCentreUrl?: string; port?: number };

export type Measurement = (bench: Bench) => Promise<Figure[]>;

export function createBench({ servers, log, say }: Pick<Bench, 'servers' | 'log' | 'say'>): Bench & { close(): Promise<void> } {
  const { address, namespace } = servers;
  const client = new Client({ connection: Connection.lazy({ address }), namespace });
  const secret = 'bench'.repeat(8);
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-bench-data-'));
  return {
    servers,
    client,
    log,
    clients: 16,
    secret,
    say,
    start: (program, { taskQueue, databaseUrl = '', orderCentreUrl = '', port = 4000 }) =>
      startChild(program, {
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
        STEWARD_TASK_QUEUE: taskQueue,
        DATABASE_URL: databaseUrl,
        ORDER_CENTRE_URL: orderCentreUrl,
        PORT: String(port),
        HOST: '127.0.0.1',
        STEWARD_JWT_SECRET: secret,
        STEWARD_DATA_DIR: dataDir,
        // merchants are played on loopback
        STEWARD_ALLOW_PRIVATE_ENDPOINTS: 'true',
        LOG_LEVEL: process.env.BENCH_LOG ?? 'error',
      }),
    async close() {
      await client.connection.close();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
