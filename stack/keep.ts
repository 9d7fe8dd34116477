// Keeps PostgreSQL and Temporal running for tests until it is stopped, so that vitest starts at once:
//   node stack/keep.ts > /tmp/stack.env &   then   source /tmp/stack.env
import { createLog, readable } from '../log.ts';
import { startThrowaway } from './throwaway.ts';

const log = createLog('keep', { stream: readable(process.stderr) });
const stack = await startThrowaway(log);

process.stdout.write(
  [
    `export STEWARD_TEST_DATABASE_URL=${stack.postgres.adminUrl}`,
    `export STEWARD_TEST_TEMPORAL_ADDRESS=${stack.temporal.address}`,
    `export STEWARD_TEST_TEMPORAL_NAMESPACE=${stack.temporal.namespace}`,
    '',
  ].join('\n'),
);
log.info(`ready in ${stack.dataDir}; stop it with Ctrl-C or kill ${process.pid}`);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    await stack.stop();
    process.exit(0);
  });
}
