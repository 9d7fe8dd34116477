// A worker in a process of its own, to be killed: what worker.ts runs, and the places where a test has it stop.
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import type { Sending } from '../../activities/outside.ts';
import { assemble } from '../../assembly.ts';
import { createLog } from '../../log.ts';
import { type Hold, holdAt } from './hold.ts';

export type WorkerFixture = {
  databaseUrl: string;
  address: string;
  namespace: string;
  taskQueue: string;
  centreUrl: string;
  codePath: string;
  hold: Hold | { send: 'before' | 'after' } | null;
};

const { databaseUrl, address, namespace, taskQueue, centreUrl, codePath, hold } = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as WorkerFixture;
const tell = () => void process.send?.('held');
const never = () => {
  tell();
  return new Promise<never>(() => {});
};

process.on('disconnect', () => process.exit(1));
Runtime.install({ logger: new DefaultLogger('ERROR') });
const client = new Client({ connection: Connection.lazy({ address }), namespace });
const core = assemble({ databaseUrl, client, taskQueue, log: createLog('worker', { level: 'silent' }), name: 'killed worker' });
if (hold && 'transaction' in hold) holdAt(core.pool, hold, tell);
const { synchroniseOrder } = createOrderCentre({ url: centreUrl });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  activities: createActivities({
    commit: core.commit,
    pool: core.pool,
    outsides: {
      synchroniseOrder: {
        ...synchroniseOrder,
        send: async (sending: Sending) => {
          if (hold && 'send' in hold && hold.send === 'before') await never();
          const result = await synchroniseOrder.send(sending);
          if (hold && 'send' in hold) await never();
          return result;
        },
      },
    },
    signHeads: async () => [],
    sandbox: false,
    onBug: () => {},
  } as never),
  stickyQueueScheduleToStartTimeout: '1s',
});
void worker.run();
process.send?.('ready');
