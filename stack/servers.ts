import { type Config, type JwtConfig, requireServers, type TemporalConnection } from '../config.ts';
import { checkDatabase, checkSchema } from './check.ts';
import { keptSecret } from './data-dir.ts';
import { runningServers } from './running.ts';
import { CannotStart } from './serve.ts';
import { checkCluster } from './temporal/cluster.ts';

/** The configuration with what it leaves open taken from the `npm start` that runs in its data directory. */
function withRunning(config: Config): Config {
  const { databaseUrl, temporal } = runningServers(config.dataDir);
  const { connection } = config.temporal;
  return {
    ...config,
    databaseUrl: config.databaseUrl ?? databaseUrl,
    temporal: connection || !temporal ? config.temporal : { ...config.temporal, connection: { address: temporal.address }, namespace: temporal.namespace },
  };
}

/** The migrated database of a program that needs nothing else. @throws CannotStart or ConfigError, one sentence each */
export async function readyDatabase(config: Config): Promise<string> {
  const { databaseUrl } = withRunning(config);
  if (!databaseUrl)
    throw new CannotStart(
      `DATABASE_URL: expected postgres://user:password@host:5432/database, or an npm start that runs with its data in ${config.dataDir}, got neither; set DATABASE_URL or STEWARD_DATA_DIR.`,
    );
  return checkedDatabase(databaseUrl);
}

async function checkedDatabase(databaseUrl: string): Promise<string> {
  await saying(() => checkDatabase(databaseUrl));
  await saying(() => checkSchema(databaseUrl));
  return databaseUrl;
}

/**
 * The servers of a worker or an API, checked.
 * @param warn for whoever can begin without Temporal: hears the sentence instead of being stopped by it
 * @throws CannotStart or ConfigError, one sentence each
 */
export async function readyServers(
  config: Config,
  { warn }: { warn?: (sentence: string) => void } = {},
): Promise<{ databaseUrl: string; connection: TemporalConnection; namespace: string }> {
  const found = withRunning(config);
  const { databaseUrl, connection } = requireServers(found);
  const { namespace } = found.temporal;
  await checkedDatabase(databaseUrl);
  try {
    await saying(() => checkCluster({ connection, namespace }));
  } catch (error) {
    if (!warn || !(error instanceof CannotStart)) throw error;
    warn(error.message);
  }
  return { databaseUrl, connection, namespace };
}

/** In development an API that was given no secret signs with the one kept in the data directory, as `npm start` does. */
export function keptJwt({ jwt, dataDir }: Pick<Config, 'jwt' | 'dataDir'>): JwtConfig {
  return jwt.kind === 'secret' && jwt.generated ? { ...jwt, secret: keptSecret(dataDir), generated: false } : jwt;
}

async function saying(check: () => Promise<void>): Promise<void> {
  await check().catch((error: Error) => {
    throw new CannotStart(error.message);
  });
}
