import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import { assemble } from '../../assembly.ts';
import { migrate } from '../../db/migrate.ts';
import { seed } from '../../db/seed.ts';
import { startOrderCentre } from '../../examples/order-centre/server.ts';
import { createLog } from '../../log.ts';
import type { Throwaway } from '../../stack/throwaway.ts';
import type { Repair } from '../../workflows/sweep.ts';
import { bundle } from '../worker.ts';

export type Installation = Awaited<ReturnType<typeof anInstallation>>;

/** What production runs, API process and worker in one, on servers that a test may kill. */
export async function anInstallation({ postgres, temporal }: Pick<Throwaway, 'postgres' | 'temporal'>) {
  const { address, namespace } = temporal;
  await migrate(postgres.url);
  await seed(postgres.url);
  const repairs: Repair[] = [];
  const keep = (line: string) => {
    const { repair } = JSON.parse(line) as { repair?: Repair };
    if (repair) repairs.push(repair);
  };
  const log = createLog('installation', { stream: { write: keep } });
  const client = new Client({ connection: Connection.lazy({ address }), namespace });
  const taskQueue = 'steward';
  const core = assemble({ databaseUrl: postgres.url, client, taskQueue, log, name: 'installation' });
  const centre = await startOrderCentre();
  const workflowBundle = await bundle();
  let running: { worker: Worker; ended: Promise<void>; native: NativeConnection } | null = null;

  async function startWorker(): Promise<void> {
    const native = await NativeConnection.connect({ address });
    const activities = createActivities({
      ...core,
      outsides: createOrderCentre({ url: centre.url }),
      signHeads: async () => [],
      sandbox: true,
      onBug: () => {},
    } as never);
    const worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue,
      workflowBundle,
      activities,
      stickyQueueScheduleToStartTimeout: '1s',
      shutdownGraceTime: '2s',
    });
    // a worker whose namespace is lost ends; npm start would start it again
    running = { worker, native, ended: worker.run().catch(() => {}) };
  }

  async function stopWorker(): Promise<void> {
    if (running?.worker.getState() === 'RUNNING') running.worker.shutdown();
    await running?.ended;
    await running?.native.close();
    running = null;
  }

  return {
    ...core,
    client,
    centre,
    repairs,
    startWorker,
    stopWorker,
    async stop() {
      await stopWorker();
      await core.close();
      await client.connection.close();
      await centre.stop();
    },
  };
}
