import pg from 'pg';
import { inLanes } from '../workflows/lanes.ts';
import type { Bench } from './bench.ts';
import { type Centre, startCentre } from './centre.ts';
import type { Design, PlacedOrder } from './design.ts';
import { atLeast, atMost, type Figure, told } from './figure.ts';
import { createHandwritten } from './handwritten/client.ts';
import { startHandwritten } from './handwritten/start.ts';
import { cpuByPart, cpuPerOne, partsInWords, sumOf } from './processes.ts';
import { median } from './rounds.ts';
import { createSteward, prepare } from './steward.ts';

const rounds = 3;
const ordersPerRound = 120;
const clients = 48;
/** The same for both; the real 30 minutes would only be waited for. */
export const completionSyncFirst = 200;

type Run = { ordersPerSecond: number; cpuMs: number; cpu: Record<string, number> };
export type Live = {
  design: Design;
  worker: number | undefined;
  /** How many of each thing are closed that belongs to an order. */
  closed: () => Promise<number[]>;
  stop: () => Promise<void>;
};

/** Whole orders from placing to completed, all that belongs to them closed: how many a second, and what CPU each takes. */
export async function orders(bench: Bench): Promise<Figure[]> {
  const centre = await startCentre();
  const url = await bench.servers.database('bench_orders');
  await prepare(url, { supervision: { completionSyncFirst: { ms: completionSyncFirst } } });
  const seen: Record<string, Run[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const start of [liveSteward, eagerSteward, liveHandwritten]) {
      const live = await start(bench, { centre, url });
      const run = await runOrders(bench, { live, centre });
      await live.stop();
      const { name } = live.design;
      if (round > 0) seen[name] = [...(seen[name] ?? []), run];
      bench.say(
        `orders, round ${round}/${rounds}: ${name} ${run.ordersPerSecond.toFixed(1)} orders/s, ${run.cpuMs.toFixed(0)} CPU ms/order (${partsInWords(run.cpu)})`,
      );
    }
  }
  await centre.stop();
  const [ours = [], eager = [], theirs = []] = Object.values(seen);
  const ratio = (runs: readonly Run[], key: 'ordersPerSecond' | 'cpuMs') => median(runs.map((run, index) => run[key] / (theirs[index]?.[key] ?? Number.NaN)));
  return [
    ...Object.entries(seen).flatMap(([name, runs]) => [
      told(`orders/s to 已完成: ${name}`, median(runs.map((run) => run.ordersPerSecond)), '/s'),
      told(`CPU per order: ${name}`, median(runs.map((run) => run.cpuMs)), 'ms'),
      ...Object.keys(runs[0]?.cpu ?? {}).map((part) => told(`CPU per order: ${name}, ${part}`, median(runs.map((run) => run.cpu[part] ?? 0)), 'ms')),
    ]),
    atLeast('orders/s to 已完成: ours to hand-written', ratio(ours, 'ordersPerSecond'), { reach: 1.2 }),
    atMost('CPU per order: ours to hand-written', ratio(ours, 'cpuMs'), { reach: 0.9 }),
    told('orders/s to 已完成: ours, every change told at once, to hand-written', ratio(eager, 'ordersPerSecond'), '×'),
    told('CPU per order: ours, every change told at once, to hand-written', ratio(eager, 'cpuMs'), '×'),
  ];
}

/** The same with every change told to its workflow at once, though it has nothing to do yet: as when the commands of an order come days apart. */
const eagerSteward: typeof liveSteward = (bench, at) => liveSteward(bench, at, { eager: true });

/** Our design with its worker, as it runs in production: this process is the API's, without HTTP. */
export async function liveSteward(bench: Bench, { centre, url }: { centre: Centre; url: string }, { eager = false } = {}): Promise<Live> {
  const { client, log } = bench;
  const worker = await bench.start('../worker.ts', { taskQueue: 'orders', databaseUrl: url, orderCentreUrl: centre.url });
  const steward = await createSteward(url, {
    clients: 16,
    name: eager ? 'Steward, every change told at once' : 'Steward',
    waking: { client, taskQueue: 'orders', log, eager },
  });
  // not the commands' connections, which plan by key
  const asking = new pg.Pool({ connectionString: url, max: 2 });
  return {
    design: steward,
    worker: worker.pid,
    // an order's own workflow is started only when there is something to wait for, or half a minute later
    closed: () => Promise.all([toldOfTheEnd(asking), closedOf(bench, 'supervision'), messagesSent(asking), ...(eager ? [workflowsEnded(asking, bench)] : [])]),
    stop: () => Promise.all([asking.end(), steward.close()]).then(worker.stop),
  };
}

export async function liveHandwritten(bench: Bench, { centre }: { centre: Centre }, policies = { completionSyncFirst }): Promise<Live> {
  const worker = await startHandwritten(bench, { taskQueue: 'orders', orderCentreUrl: centre.url });
  const design = createHandwritten({ client: bench.client, taskQueue: 'orders', changed: policies });
  return { design, worker: worker.pid, closed: async () => [await closedOf(bench, 'handwrittenOrder')], stop: worker.stop };
}

export async function untilClosed({ closed }: Live, wanted: readonly number[]): Promise<void> {
  while ((await closed()).some((many, at) => many < (wanted[at] ?? 0))) await new Promise((resolve) => setTimeout(resolve, 250));
}

const closedOf = async ({ client }: Bench, workflowType: string): Promise<number> =>
  (await client.workflow.count(`TaskQueue = 'orders' and WorkflowType = '${workflowType}' and ExecutionStatus = 'Completed'`)).count;

async function toldOfTheEnd(pool: pg.Pool): Promise<number> {
  const told =
    "select count(*)::int as many from instances i where lifecycle = 'order' and final and not exists (select from owed_wakes o where o.instance_id = i.id)";
  return (await pool.query(told)).rows[0].many;
}

/** Ended orders whose own workflow is closed, too; one that ended before it could be started has none. */
async function workflowsEnded(pool: pg.Pool, { client }: Bench): Promise<number> {
  const { count } = await client.workflow.count("TaskQueue = 'orders' and WorkflowType = 'order' and ExecutionStatus = 'Running'");
  return (await toldOfTheEnd(pool)) - count;
}

/** Orders of which the last messages, to buyer and merchant by mail and SMS, are sent; the hand-written workflow ends after them. */
async function messagesSent(pool: pg.Pool): Promise<number> {
  const sent =
    "select count(*)::int / 4 as many from deliveries d join outbox o on o.id = d.message_id where o.event = 'orderSynchronised' and d.state = 'captured'";
  return (await pool.query(sent)).rows[0].many;
}

async function runOrders({ servers }: Bench, { live, centre }: { live: Live; centre: Centre }): Promise<Run> {
  const { design, worker, closed } = live;
  const cpu = () => cpuByPart(servers.pids, { worker });
  const closedBefore = await closed();
  const [from, before] = [performance.now(), cpu()];
  await inLanes(Array.from({ length: ordersPerRound }), clients, async () => {
    const order = await design.place();
    await fulfil(design, order);
    await centre.completed(order.supervision ?? order.id);
  });
  await untilClosed(
    live,
    closedBefore.map((many) => many + ordersPerRound),
  );
  const seconds = (performance.now() - from) / 1_000;
  const each = cpuPerOne(before, cpu(), ordersPerRound);
  return { ordersPerSecond: ordersPerRound / seconds, cpuMs: sumOf(each), cpu: each };
}

/** The commands of one order, one after the other, each after its pause; milliseconds. */
export async function fulfil(design: Design, order: PlacedOrder, pauses: readonly number[] = []): Promise<void> {
  for (const [at, command] of [design.pay, design.deliver, design.accept].entries()) {
    await new Promise((resolve) => setTimeout(resolve, pauses[at] ?? 0));
    await command(order);
  }
}
