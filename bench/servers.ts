import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log.ts';
import { ensureDatabase, startPostgres, withClient } from '../stack/postgres.ts';
import { startTemporal } from '../stack/temporal/start.ts';

export type Servers = Awaited<ReturnType<typeof startServers>>;

/** PostgreSQL with its full durability, and a Temporal beside it whose tables it keeps: one pair for all designs. */
export async function startServers(log: Log) {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-bench-'));
  fs.chmodSync(dataDir, 0o755);
  const namespace = 'bench';
  const postgres = await startPostgres({ dataDir, durability: 'on', log });
  // counting statements costs all designs the same
  await withClient(postgres.adminUrl, (client) => client.query("alter system set shared_preload_libraries = 'pg_stat_statements'"));
  await postgres.restart();
  const temporal = await startTemporal({ dataDir, database: async () => postgres.adminUrl, namespace, log, way: 'go' }).catch(async (error) => {
    await postgres.stop();
    throw error;
  });
  const urlOf = (name: string) => Object.assign(new URL(postgres.adminUrl), { pathname: `/${name}` }).href;
  return {
    adminUrl: postgres.adminUrl,
    address: temporal.address,
    namespace,
    pids: { postgres: postgres.pid, temporal: temporal.pid },
    /** A database that is made once and kept: dropping one has PostgreSQL write a checkpoint. */
    async keptDatabase(name: string): Promise<string> {
      await ensureDatabase(postgres.adminUrl, name);
      return urlOf(name);
    },
    /** A database of its own for one design. */
    async database(name: string): Promise<string> {
      await withClient(postgres.adminUrl, (client) => client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`));
      await ensureDatabase(postgres.adminUrl, name);
      return urlOf(name);
    },
    async stop() {
      await temporal.stop();
      await postgres.stop();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
