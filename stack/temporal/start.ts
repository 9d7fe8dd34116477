import type { TemporalConnection } from '../../config.ts';
import type { Log } from '../../log.ts';
import { findCli, startCli } from './cli.ts';
import { useCluster } from './cluster.ts';
import { downloadCli } from './download.ts';
import { startGo } from './go.ts';
import type { Temporal, Way } from './server.ts';

export type TemporalOptions = {
  dataDir: string;
  /** Opens the PostgreSQL in which Temporal may keep its own databases, and gives its maintenance database. */
  database: () => Promise<string>;
  namespace: string;
  log: Log;
  /** A cluster that is there already: nothing is started then. */
  connection?: TemporalConnection | undefined;
  /** The only way to try. */
  way?: OwnWay | undefined;
  signal?: AbortSignal | undefined;
};

type OwnWay = Exclude<Way, 'cluster'>;

const WAYS = {
  cli: async (options) => startCli({ ...options, program: await findCli(), kind: 'cli' }),
  download: async (options) => startCli({ ...options, program: await downloadCli(options), kind: 'download' }),
  go: startGo,
} satisfies Record<OwnWay, (options: TemporalOptions) => Promise<Temporal>>;

const REMEDY = [
  'Install one of them and start again:',
  '  the Temporal CLI (https://docs.temporal.io/cli, or brew install temporal),',
  '  or Go 1.26 or newer (https://go.dev/dl), with which Temporal is built once,',
  '  or set TEMPORAL_ADDRESS to a Temporal cluster of yours.',
].join('\n');

/** A Temporal that is ready: the cluster that was configured, else the first way that works. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { connection, namespace, log, signal } = options;
  if (connection) return useCluster({ connection, namespace });
  const ways = options.way ? [options.way] : (Object.keys(WAYS) as OwnWay[]);
  const failures: string[] = [];
  for (const way of ways) {
    try {
      return await WAYS[way](options);
    } catch (error) {
      signal?.throwIfAborted();
      const why = `${way}: ${error instanceof Error ? error.message : String(error)}`;
      failures.push(why);
      if (way !== ways.at(-1)) log.info(`no Temporal by way of ${why}; trying the next`);
    }
  }
  throw new Error([`Expected a Temporal server, got none:`, ...failures.map((why) => `  ${why}`), REMEDY].join('\n'));
}
