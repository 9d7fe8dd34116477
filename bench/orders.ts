import { inLanes } from '../workflows/lanes.ts';
import type { Bench } from './bench.ts';
import { type Centre, startCentre } from './centre.ts';
import type { Design, PlacedOrder } from './design.ts';
import { atLeast, atMost, type Figure, told } from './figure.ts';
import { createHandwritten } from './handwritten/client.ts';
import { cpuByPart, cpuPerOne, partsInWords, sumOf } from './processes.ts';
import { median } from './rounds.ts';
import { createSteward, prepare } from './steward.ts';

const rounds = 3;
const ordersPerRound = 120;
const clients = 48;
/** The same for both; the real 30 minutes would only be waited for. */
export const completionSyncFirst = 200;

type Run = { ordersPerSecond: number; cpuMs: number; cpu: Record<string, number> };
export type Live = { design: Design; worker: number | undefined; workflowsPerOrder: number; stop: () => Promise<void> };

/** Whole orders from placing to completed, all that belongs to them closed: how many a second, and what CPU each takes. */
export async function orders(bench: Bench): Promise<Figure[]> {
  const centre = await startCentre();
  const url = await bench.servers.database('bench_orders');
  await prepare(url, { supervision: { completionSyncFirst: { ms: completionSyncFirst } } });
  const seen: Record<string, Run[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const start of [liveSteward, liveHandwritten]) {
      const live = await start(bench, { centre, url });
      const run = await runOrders(bench, { live, centre, taskQueue: 'orders' });
      await live.stop();
      const { name } = live.design;
      if (round > 0) seen[name] = [...(seen[name] ?? []), run];
      bench.say(
        `orders, round ${round}/${rounds}: ${name} ${run.ordersPerSecond.toFixed(1)} orders/s, ${run.cpuMs.toFixed(0)} CPU ms/order (${partsInWords(run.cpu)})`,
      );
    }
  }
  await centre.stop();
  const [ours = [], theirs = []] = Object.values(seen);
  const ratio = (key: 'ordersPerSecond' | 'cpuMs') => median(ours.map((run, index) => run[key] / (theirs[index]?.[key] ?? Number.NaN)));
  return [
    ...Object.entries(seen).flatMap(([name, runs]) => [
      told(`orders/s to 已完成: ${name}`, median(runs.map((run) => run.ordersPerSecond)), '/s'),
      told(`CPU per order: ${name}`, median(runs.map((run) => run.cpuMs)), 'ms'),
      ...Object.keys(runs[0]?.cpu ?? {}).map((part) => told(`CPU per order: ${name}, ${part}`, median(runs.map((run) => run.cpu[part] ?? 0)), 'ms')),
    ]),
    atLeast('orders/s to 已完成: ours to hand-written', ratio('ordersPerSecond'), { reach: 1.2 }),
    atMost('CPU per order: ours to hand-written', ratio('cpuMs'), { reach: 0.9 }),
  ];
}

/** Our design with its worker, as it runs in production: this process is the API's, without HTTP. */
export async function liveSteward(bench: Bench, { centre, url }: { centre: Centre; url: string }): Promise<Live> {
  const { client, log } = bench;
  const worker = await bench.start('../worker.ts', { taskQueue: 'orders', databaseUrl: url, orderCentreUrl: centre.url });
  const steward = await createSteward(url, { clients: 16, name: 'Steward', waking: { client, taskQueue: 'orders', log } });
  return { design: steward, worker: worker.pid, workflowsPerOrder: 2, stop: () => steward.close().then(worker.stop) };
}

export async function liveHandwritten(bench: Bench, { centre }: { centre: Centre }, policies = { completionSyncFirst }): Promise<Live> {
  const worker = await bench.start('./handwritten/worker.ts', { taskQueue: 'orders', orderCentreUrl: centre.url });
  const design = createHandwritten({ client: bench.client, taskQueue: 'orders', changed: policies });
  return { design, worker: worker.pid, workflowsPerOrder: 1, stop: worker.stop };
}

async function runOrders({ servers, client }: Bench, { live, centre, taskQueue }: { live: Live; centre: Centre; taskQueue: string }): Promise<Run> {
  const { design, worker, workflowsPerOrder } = live;
  const closed = async () => (await client.workflow.count(`TaskQueue = '${taskQueue}' and ExecutionStatus = 'Completed'`)).count;
  const cpu = () => cpuByPart(servers.pids, { worker });
  const wanted = (await closed()) + ordersPerRound * workflowsPerOrder;
  const [from, before] = [performance.now(), cpu()];
  await inLanes(Array.from({ length: ordersPerRound }), clients, async () => {
    const order = await design.place();
    await fulfil(design, order);
    await centre.completed(order.supervision ?? order.id);
  });
  while ((await closed()) < wanted) await new Promise((resolve) => setTimeout(resolve, 100));
  const seconds = (performance.now() - from) / 1_000;
  const each = cpuPerOne(before, cpu(), ordersPerRound);
  return { ordersPerSecond: ordersPerRound / seconds, cpuMs: sumOf(each), cpu: each };
}

/** The commands of one order, one after the other. */
export async function fulfil(design: Design, order: PlacedOrder, pauseMs = 0): Promise<void> {
  for (const command of [design.pay, design.deliver, design.accept]) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await command(order);
  }
}
