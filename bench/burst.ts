import { inLanes } from '../workflows/lanes.ts';
import type { Bench } from './bench.ts';
import { startCentre } from './centre.ts';
import { floorNow } from './commands.ts';
import { atLeast, atMost, type Figure, told } from './figure.ts';
import { fulfil } from './orders.ts';
import { percentile } from './rounds.ts';
import { createSteward, prepare, type Steward } from './steward.ts';

const orders = 2_000;
const commandsEach = 10;
const others = 200;
const dueAfterMs = 20_000;

/** 20,000 commands on 2,000 orders, while deadlines of other orders come due: how late they fire, by PostgreSQL's clock. */
export async function burst(bench: Bench): Promise<Figure[]> {
  const { client, log, say } = bench;
  const url = await bench.servers.database('bench_burst');
  await prepare(url, { supervision: { completionSyncFirst: { ms: dueAfterMs } } });
  const centre = await startCentre();
  const supervisions = await paidOrders(url);
  const floor = await floorNow(bench);
  const worker = await bench.start('../worker.ts', { taskQueue: 'burst', databaseUrl: url, orderCentreUrl: centre.url });
  const steward = await createSteward(url, { clients: 16, name: 'burst', waking: { client, taskQueue: 'burst', log } });
  await inLanes(Array.from({ length: others }), 8, async () => fulfil(steward, await steward.place()));
  say(`burst: ${others} deadlines are armed, now ${orders * commandsEach} commands`);
  const from = performance.now();
  const tail = armedLater(steward);
  await inLanes(supervisions, 16, async (order) => {
    for (let sent = 0; sent < commandsEach; sent += 2) {
      await steward.deliver(order);
      await steward.returnDelivery(order);
    }
  });
  const perSecond = (orders * commandsEach) / ((performance.now() - from) / 1_000);
  await tail;
  say(`burst: ${perSecond.toFixed(0)} commands/s; waiting for the deadlines behind it`);
  const fired = await allFired(steward);
  await steward.close();
  await worker.stop();
  await centre.stop();
  const late = fired.map(({ late_ms }) => late_ms);
  return [
    told('burst: commands/s', perSecond, '/s'),
    // longer than anything waits to be told: whatever a command leaves to Temporal is done beside the commands after it
    atLeast('burst: commands/s to the floor', perSecond / floor, { reach: 0.25 }),
    told('burst: deadlines that fired', fired.length, ''),
    told('burst: fired by the sweep instead of their workflow', fired.filter(({ via }) => via === 'sweep').length, ''),
    told('burst: deadline lateness p50', percentile(late, 0.5) / 1_000, 's'),
    atMost('burst: deadline lateness p95', percentile(late, 0.95) / 1_000, { reach: 5, unit: 's' }),
  ];
}

/** Their workflows are taken as started long ago: the burst's first wake of each starts it again. */
async function paidOrders(url: string) {
  const steward = await createSteward(url, { clients: 16, name: 'preparation' });
  const paid: Awaited<ReturnType<Steward['place']>>[] = [];
  await inLanes(Array.from({ length: orders }), 16, async () => {
    const order = await steward.place();
    await steward.pay(order);
    paid.push(order);
  });
  await steward.pool.query('update instances set woken_seq = wake_seq');
  await steward.pool.query('delete from owed_wakes');
  await steward.close();
  return paid;
}

/** More deadlines, armed while the burst runs. */
async function armedLater(steward: Steward): Promise<void> {
  for (let armed = 0; armed < others; armed++) {
    await fulfil(steward, await steward.place());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function allFired({ pool }: Steward): Promise<{ late_ms: number; via: string }[]> {
  for (;;) {
    const { rows } = await pool.query(`select extract(epoch from e.at - d.due_at)::float8 * 1000 as late_ms, e.via from deadlines d
      join events e on e.instance_id = d.instance_id and e.type = d.name where d.name = 'completionSyncDue' and d.status = 'fired'`);
    if (rows.length >= 2 * others) return rows;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
