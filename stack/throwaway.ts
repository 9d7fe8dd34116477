import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import type { Temporal } from './temporal/server.ts';
import { startTemporal } from './temporal/start.ts';

export type Throwaway = { postgres: Postgres; temporal: Temporal; dataDir: string; stop(): Promise<void> };

/** PostgreSQL and Temporal for tests: on free ports, not durable, gone when stopped. */
export async function startThrowaway(log: Log, namespace = 'steward'): Promise<Throwaway> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-test-'));
  fs.chmodSync(dataDir, 0o755);
  const remove = () => fs.rmSync(dataDir, { recursive: true, force: true });
  try {
    const postgres = await startPostgres({ dataDir, durability: 'off', log });
    try {
      const temporal = await startTemporal({ dataDir, database: async () => postgres.adminUrl, namespace, log, way: readConfig().temporal.way });
      const stop = async () => {
        await temporal.stop();
        await postgres.stop();
        remove();
      };
      return { postgres, temporal, dataDir, stop };
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  } catch (error) {
    remove();
    throw error;
  }
}
