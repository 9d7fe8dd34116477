import { createRequire } from 'node:module';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createLog } from '../../log.ts';
import { createOrderActivities } from './activities.ts';

/** The hand-written design's worker: the same settings as worker.ts has. */
const {
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace = 'default',
  STEWARD_TASK_QUEUE: taskQueue = '',
  ORDER_CENTRE_URL: url = '',
  DATABASE_URL: databaseUrl = '',
} = process.env;
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ ...(address ? { address } : {}) });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowsPath: createRequire(import.meta.url).resolve('./workflow.ts'),
  activities: createOrderActivities({ url, databaseUrl, log: createLog('handwritten', { level: 'error' }) }),
  stickyQueueScheduleToStartTimeout: '2s',
  shutdownGraceTime: '10s',
});
for (const end of ['SIGTERM', 'disconnect']) process.once(end, () => worker.getState() === 'RUNNING' && worker.shutdown());
const ended = worker.run();
process.send?.('ready');
await ended;
await connection.close();
process.exit(0);
