// A worker in a process of its own, to be killed: what worker.ts runs, and the places where a test has it stop.
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { createBillBuilder } from '../../activities/bills.ts';
import { createMerchants } from '../../activities/merchants.ts';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import type { Outside, Sending } from '../../activities/outside.ts';
import { createPayments } from '../../activities/payments.ts';
import { assemble } from '../../assembly.ts';
import { createLog } from '../../log.ts';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createSend } from '../../production/send.ts';
import { type Hold, holdAt } from './hold.ts';

/** `transaction`: which of those that open so; the first when not said. */
export type OwnHold = (Omit<Hold, 'transaction' | 'only'> & { opening: string; transaction?: number }) | { send: 'before' | 'after' };
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
  /** Instances by id (production calls, bills), each stopped in a place of its own; the process says `held <id>`. */
  own?: Record<string, OwnHold>;
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
  own = {},
} = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as WorkerFixture;
const tell = () => void process.send?.('held');
const never = (instance?: string) => {
  process.send?.(instance === undefined ? 'held' : `held ${instance}`);
  return new Promise<never>(() => {});
};

process.on('disconnect', () => process.exit(1));
Runtime.install({ logger: new DefaultLogger('ERROR') });
const client = new Client({ connection: Connection.lazy({ address }), namespace });
const core = assemble({ databaseUrl, client, taskQueue, log: createLog('worker', { level: 'silent' }), name: 'killed worker' });
if (hold && 'transaction' in hold) holdAt(core.pool, hold, tell);
for (const [instance, at] of Object.entries(own))
  if ('opening' in at) holdAt(core.pool, { transaction: 1, ...at, only: { opening: at.opening, instance } }, () => void process.send?.(`held ${instance}`));
/** Stops for good where the fixture says. */
const holding = (name: string, outside: Outside): Outside => ({
  ...outside,
  send: async (sending: Sending) => {
    const its = own[sending.instance];
    const here = its && 'send' in its ? its.send : hold && 'send' in hold && (hold.effect ?? 'synchroniseOrder') === name ? hold.send : null;
    if (here === 'before') await never(its && sending.instance);
    const result = await outside.send(sending);
    if (here) await never(its && sending.instance);
    return result;
  },
});
const callMerchant = createCallMerchant({ send: createSend({ allowPrivate: true }) });
const outsides = {
  ...createOrderCentre({ url: centreUrl }),
  ...createPayments({ url: paymentsUrl }),
  ...createMerchants({ pool: core.pool, callMerchant }),
  ...createBillBuilder({ pool: core.pool }),
};
const shared = {
  connection: await NativeConnection.connect({ address }),
  namespace,
  activities: createActivities({
    commit: core.commit,
    pool: core.pool,
    outsides: Object.fromEntries(Object.entries(outsides).map(([name, outside]) => [name, holding(name, outside)])),
    signHeads: async () => [],
    sandbox: false,
    onBug: () => {},
  } as never),
};
const keepers = await Worker.create({ ...shared, taskQueue, workflowBundle: { codePath }, stickyQueueScheduleToStartTimeout: '1s' });
const merchants = await Worker.create({ ...shared, taskQueue: `${taskQueue}-merchants` });
for (const worker of [keepers, merchants]) void worker.run();
process.send?.('ready');
