import { createRequire } from 'node:module';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/activities.ts';
import { createExports } from './activities/exports.ts';
import { createHeads } from './activities/heads.ts';
import { createInvitations } from './activities/invitations.ts';
import { createLetters } from './activities/letters.ts';
import { createMerchants } from './activities/merchants.ts';
import { createOrderCentre } from './activities/orderCentre.ts';
import { createKitSender } from './activities/organisation/kit.ts';
import { createOrganisation } from './activities/organisation.ts';
import { createPayments } from './activities/payments.ts';
import { assemble } from './assembly.ts';
import { createExportStore } from './exports/store.ts';
import { longestTryMs } from './exports/write.ts';
import { removeOldParts } from './files/parts.ts';
import { createStore } from './files/store.ts';
import type { Log } from './log.ts';
import { createCallMerchant } from './production/callMerchant.ts';
import { createSend } from './production/send.ts';
import { runProcess } from './stack/serve.ts';
import { readyServers } from './stack/servers.ts';
import { ensureSchedules } from './workflows/schedules.ts';

/** Runs the keepers of all instances and their effects; as many as one likes, on one task queue. */
await runProcess({
  name: 'worker',
  start: async (log, config) => {
    const { databaseUrl, connection, namespace } = await readyServers(config);
    // runProcess alone decides when to stop; the SDK speaks through our log
    Runtime.install({
      shutdownSignals: [],
      logger: new DefaultLogger('WARN', ({ level, message, meta }) => log[level === 'ERROR' ? 'error' : 'warn']({ meta }, message)),
    });
    const native = await NativeConnection.connect(connection).catch((error: Error) => {
      throw new Error(`expected a Temporal frontend at ${connection.address}, got: ${error.message.slice(0, 200)}. Start it, or correct TEMPORAL_ADDRESS.`);
    });
    const client = new Client({ connection: Connection.lazy(connection), namespace });
    const { taskQueue, notifications } = config;
    const core = assemble({ databaseUrl, client, taskQueue, log, name: 'steward worker', notifications });
    const key = { signingKey: config.signingKey, dir: path.join(config.dataDir, 'heads') };
    const incoming = path.join(config.files.kind === 'disk' ? config.files.dir : config.dataDir, 'incoming');
    const exporting = path.join(config.dataDir, 'exporting');
    await Promise.all([removeOldParts(incoming), removeOldParts(exporting, longestTryMs)]);
    const callMerchant = createCallMerchant({ send: createSend({ allowPrivate: config.allowPrivateEndpoints }) });
    const activities = createActivities({
      commit: core.commit,
      pool: core.pool,
      outsides: {
        ...createOrderCentre({ url: config.orderCentreUrl ?? (await exampleOrderCentre(log)) }),
        ...createPayments({ url: config.paymentsUrl ?? (await examplePayments(log)) }),
        ...createOrganisation({ pool: core.pool, send: createKitSender({ pool: core.pool, callMerchant }) }),
        ...createMerchants({ pool: core.pool, callMerchant }),
        ...createInvitations({ pool: core.pool, ...core.letters, baseUrl: notifications.consoleUrl ?? 'http://localhost:4000' }),
        ...createExports({
          pool: core.pool,
          readPool: core.readPool,
          store: createExportStore(config.files),
          directory: exporting,
        }),
        ...createLetters({ pool: core.pool, store: createStore(config.files), directory: incoming, key }),
      },
      signHeads: createHeads({ pool: core.pool, ...key }),
      sandbox: config.sandbox,
      onBug: (error, effect) => log.error({ err: error, effect }, `a bug in effect ${effect.key}; it is an incident now`),
    });
    const shared = { connection: native, namespace, activities, shutdownGraceTime: `${config.drainSeconds}s` as const };
    const keepers = await Worker.create({
      ...shared,
      taskQueue,
      workflowsPath: createRequire(import.meta.url).resolve('./workflows/bundle.ts'),
      stickyQueueScheduleToStartTimeout: '2s',
    });
    // merchants' servers hang: their calls have places of their own, so that nothing else waits for one
    const merchants = await Worker.create({ ...shared, taskQueue: `${taskQueue}-merchants`, maxConcurrentActivityTaskExecutions: 200 });
    await ensureSchedules(client, config.taskQueue);
    const workers = [keepers, merchants];
    const ended = Promise.all(workers.map((worker) => worker.run()));
    return {
      ended: ended.then(() => new Promise(() => {})),
      where: `task queue ${config.taskQueue} in ${namespace} at ${connection.address ?? 'the default address'}`,
      stop: async () => {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended;
        await core.close();
        await native.close();
      },
    };
  },
});

/** Development only: configuration demands a real one in production. */
async function exampleOrderCentre(log: Log): Promise<string> {
  const { startOrderCentre } = await import('./examples/order-centre/server.ts');
  const { url } = await startOrderCentre();
  log.info(`no ORDER_CENTRE_URL is set: an example order centre plays it at ${url}`);
  return url;
}

async function examplePayments(log: Log): Promise<string> {
  const { startPayments } = await import('./examples/payments/server.ts');
  const { url } = await startPayments();
  log.info(`no PAYMENTS_URL is set: an example payment provider plays it at ${url}`);
  return url;
}
