// A worker in a process of its own, to be killed: what worker.ts runs, and the places where a test has it stop.
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import type { Outside, Sending } from '../../activities/outside.ts';
import { createPayments } from '../../activities/payments.ts';
import { assemble } from '../../assembly.ts';
import { createLog } from '../../log.ts';
import { type Hold, holdAt } from './hold.ts';

export type WorkerFixture = {
  databaseUrl: string;
  address: string;
  namespace: string;
  taskQueue: string;
  centreUrl: string;
  paymentsUrl?: string;
  codePath: string;
  /** `effect`: the sending of which; the order's completion when not said. */
  hold: Hold | { send: 'before' | 'after'; effect?: string } | null;
};

const {
  databaseUrl,
  address,
  namespace,
  taskQueue,
  centreUrl,
  paymentsUrl = centreUrl,
  codePath,
  hold,
} = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as WorkerFixture;
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
/** Stops for good where the fixture says. */
const holding = (name: string, outside: Outside): Outside => ({
  ...outside,
  send: async (sending: Sending) => {
    const here = hold && 'send' in hold && (hold.effect ?? 'synchroniseOrder') === name;
    if (here && hold.send === 'before') await never();
    const result = await outside.send(sending);
    if (here) await never();
    return result;
  },
});
const outsides = { ...createOrderCentre({ url: centreUrl }), ...createPayments({ url: paymentsUrl }) };
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  activities: createActivities({
    commit: core.commit,
    pool: core.pool,
    outsides: Object.fromEntries(Object.entries(outsides).map(([name, outside]) => [name, holding(name, outside)])),
    signHeads: async () => [],
    sandbox: false,
    onBug: () => {},
  } as never),
  stickyQueueScheduleToStartTimeout: '1s',
});
void worker.run();
process.send?.('ready');
