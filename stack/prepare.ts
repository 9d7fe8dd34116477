// node stack/prepare.ts: brings the database and the namespace of your own servers to where workers and APIs need them.
// Run it once before each new version; `npm start` does the same for itself.
import { configOrExit, requireServers } from '../config.ts';
import { migrate } from '../db/migrate.ts';
import { seed } from '../db/seed.ts';
import { createLog } from '../log.ts';
import { checkDatabase } from './check.ts';
import { useCluster } from './temporal/cluster.ts';

const config = configOrExit();
const log = createLog('prepare', { level: config.logLevel });
try {
  const { databaseUrl, connection } = requireServers(config);
  await checkDatabase(databaseUrl);
  await migrate(databaseUrl);
  log.info('the database has the schema of this version');
  if (!config.production) {
    await seed(databaseUrl);
    log.info('it holds the example data');
  }
  const { address, namespace } = await useCluster({ connection, namespace: config.temporal.namespace });
  log.info(`the namespace ${namespace} is ready at ${address}`);
} catch (error) {
  log.fatal(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
