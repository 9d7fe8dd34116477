import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { checkDatabase } from './check.ts';
import type { Daemon } from './daemon.ts';
import { armedNamespace, keptSecret, takeDataDir } from './data-dir.ts';
import { keepAlive } from './keep-alive.ts';
import { nodeProcess } from './node-process.ts';
import { cannotListen, whyNot } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { forgetServers, rememberServers } from './running.ts';
import type { Temporal } from './temporal/server.ts';
import { startTemporal } from './temporal/start.ts';

/** What happens to the database before and after the processes are up. */
export type Steps = {
  migrate: (databaseUrl: string) => Promise<void>;
  /** Starts the workflow of every living instance; gives how many. */
  rearm: (databaseUrl: string) => Promise<number>;
  /** Example data; does nothing when it is there. */
  seed: (databaseUrl: string) => Promise<void>;
};

export type Programs = { worker: string; api: string };

export type RunOptions = {
  config: Config;
  steps: Steps;
  programs: Programs;
  /** The log of a part, by its name. */
  logOf: (name: string) => Log;
  /** Where the log lines of the worker and the API go, as they are. */
  write: (line: string) => void;
  /** Aborted by whoever wants everything stopped. */
  stopping: AbortSignal;
  giveUp: (reason: string) => void;
};

export type Running = { temporal: Temporal; stop: () => Promise<void> };

/** Brings everything up in order: PostgreSQL, Temporal, schema, example data, workflows, worker and API. */
export async function bringUp({ config, steps, programs, logOf, write, stopping, giveUp }: RunOptions): Promise<Running> {
  const { dataDir, port, host, drainSeconds } = config;
  const log = logOf('steward');
  const started: Pick<Daemon, 'stop'>[] = [];
  const taken = await whyNot(port, host);
  if (taken) throw new Error(cannotListen(taken, { port, host }) ?? taken.message);
  const release = takeDataDir(dataDir);

  const stop = async () => {
    for (const part of started.splice(0).reverse()) {
      await part.stop().catch((error: Error) => log.error(`could not stop: ${error.message}`));
    }
    forgetServers(dataDir);
    release();
  };
  const keep = <Part extends Daemon | Temporal>(name: string, part: Part): Part => {
    started.push(part);
    keepAlive({ name, daemon: part, log: logOf(name), stopping, giveUp });
    return part;
  };
  const embedded = once(async () => {
    const postgres = keep('postgres', await startPostgres({ dataDir, log: logOf('postgres') }));
    log.info(`PostgreSQL is ready on port ${postgres.port}, with its data in ${postgres.data}`);
    return postgres;
  });

  try {
    if (config.databaseUrl) await checkDatabase(config.databaseUrl);
    const databaseUrl = config.databaseUrl ?? (await embedded()).url;
    stopping.throwIfAborted();
    const temporal = keep(
      'temporal',
      await startTemporal({
        ...config.temporal,
        dataDir,
        // Temporal's databases are never put into somebody's own PostgreSQL.
        database: async () => (await embedded()).adminUrl,
        log: logOf('temporal'),
        signal: stopping,
      }),
    );
    log.info(`Temporal is ready at ${temporal.address} (${temporal.kind})`);
    stopping.throwIfAborted();

    const env = childEnvironment(config, databaseUrl, temporal);
    rememberServers(dataDir, {
      databaseUrl: config.databaseUrl ? undefined : databaseUrl,
      temporal: temporal.kind === 'cluster' ? undefined : { address: temporal.address, namespace: temporal.namespace },
    });
    // The steps read the configuration as any process does.
    Object.assign(process.env, env);
    await steps.migrate(databaseUrl);
    if (!config.production) await steps.seed(databaseUrl);
    const armed = armedNamespace(dataDir);
    if (!armed.isArmed(temporal.namespaceId)) {
      const count = await steps.rearm(databaseUrl);
      if (count > 0) log.info(`started the workflows of ${count} instances again: this Temporal did not know them`);
      armed.remember(temporal.namespaceId);
    }
    stopping.throwIfAborted();

    const ours = (name: keyof Programs) => keep(name, nodeProcess({ name, script: programs[name], env, dataDir, drainSeconds, write, log: logOf(name) }));
    await Promise.all([ours('worker').start(), ours('api').start()]);
    stopping.throwIfAborted();
    return { temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function childEnvironment(config: Config, databaseUrl: string, temporal: Temporal): NodeJS.ProcessEnv {
  const { jwt, dataDir, port, host } = config;
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.kind !== 'cluster' && { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_CONFIG_FILE: emptyProfile(dataDir) }),
    ...(jwt.kind === 'secret' && { STEWARD_JWT_SECRET: jwt.generated ? keptSecret(dataDir) : jwt.secret }),
    STEWARD_DATA_DIR: dataDir,
    PORT: String(port),
    HOST: host,
  };
}

/** Our own Temporal has neither TLS nor a key, whatever the user's default profile says. */
function emptyProfile(dataDir: string): string {
  const file = path.join(dataDir, 'temporal', 'client.toml');
  fs.writeFileSync(file, '[profile.default]\n');
  return file;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
