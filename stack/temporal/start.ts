import type { Log } from '../../log.ts';
import { startGo } from './go.ts';
import type { Temporal } from './server.ts';

export type TemporalOptions = {
  dataDir: string;
  /** The maintenance database of the PostgreSQL in which Temporal may keep its own. */
  adminUrl: string;
  namespace: string;
  log: Log;
  signal?: AbortSignal | undefined;
};

export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  return startGo(options);
}
