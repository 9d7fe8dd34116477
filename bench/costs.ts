import { WorkflowNotFoundError } from '@temporalio/client';
import { inLanes } from '../workflows/lanes.ts';
import { patience, startPatience } from '../workflows/wake.ts';
import type { Bench } from './bench.ts';
import { type Centre, startCentre } from './centre.ts';
import type { PlacedOrder } from './design.ts';
import { atMost, type Figure, told } from './figure.ts';
import { workflowId as handwrittenId } from './handwritten/client.ts';
import { type HistoryCosts, historyCosts, sumOf } from './histories.ts';
import { fulfil, type Live, liveHandwritten, liveSteward, untilClosed } from './orders.ts';
import { prepare } from './steward.ts';
import { type Used, usage } from './usage.ts';

const count = 20;
const clients = 10;
/** Long enough that its timer is really armed. */
const completionSyncFirst = 1_500;

type Costs = HistoryCosts & Used;

/**
 * What one completed order costs, in figures that no noise touches. Twice: commands that follow at once (as tools and
 * tests send them), and commands so far apart that each wakes its workflow (as people send them).
 */
export async function costs(bench: Bench): Promise<Figure[]> {
  const centre = await startCentre();
  const url = await bench.servers.database('bench_costs');
  await prepare(url, { supervision: { completionSyncFirst: { ms: completionSyncFirst } } });
  const of = async (live: Live, pauses: readonly number[]): Promise<Costs> => {
    const orders: PlacedOrder[] = [];
    const closedBefore = await live.closed();
    const used = await usage(bench, { count }, async () => {
      await inLanes(Array.from({ length: count }), clients, async () => {
        const order = await live.design.place();
        orders.push(order);
        await fulfil(live.design, order, pauses);
        await centre.completed(order.supervision ?? order.id);
      });
      await untilClosed(
        live,
        closedBefore.map((many) => many + count),
      );
    });
    const all = await Promise.all(orders.flatMap(workflowsOf).map((id) => costsOf(bench, id)));
    const sum = sumOf(all);
    return { ...used, events: sum.events / count, bytes: sum.bytes / count, tasks: sum.tasks / count, actions: sum.actions / count };
  };
  const figures: Figure[] = [];
  for (const [pace, pauses] of [
    ['at once', []],
    // longer than the waker's patience: with the order's workflow, and with what follows
    ['apart', [startPatience + 1_000, startPatience + 1_000, patience + 1_000]],
  ] as const) {
    const ours = await during(bench, { centre, url, start: liveSteward }, (live) => of(live, pauses));
    const theirs = await during(bench, { centre, url, start: (to, around) => liveHandwritten(to, around, { completionSyncFirst }) }, (live) =>
      of(live, pauses),
    );
    bench.say(`costs, commands ${pace}: ours ${JSON.stringify(ours)}, hand-written ${JSON.stringify(theirs)}`);
    figures.push(...figuresOf({ pace, ours, theirs }));
  }
  await centre.stop();
  return figures;
}

async function during<T>(
  bench: Bench,
  { centre, url, start }: { centre: Centre; url: string; start: typeof liveSteward },
  work: (live: Live) => Promise<T>,
): Promise<T> {
  const live = await start(bench, { centre, url });
  try {
    return await work(live);
  } finally {
    await live.stop();
  }
}

const workflowsOf = ({ id, supervision }: PlacedOrder): string[] => (supervision ? [`order/${id}`, `supervision/${supervision}`] : [handwrittenId(id)]);

/** What ended before it had anything to wait for has no workflow. */
async function costsOf({ client }: Bench, workflowId: string): Promise<HistoryCosts> {
  return historyCosts(client, workflowId).catch((error) => {
    if (error instanceof WorkflowNotFoundError) return { events: 0, bytes: 0, tasks: 0, actions: 0 };
    throw error;
  });
}

const units: Record<keyof Costs, string> = {
  events: 'history events',
  bytes: 'history bytes',
  tasks: 'workflow tasks',
  actions: 'billable actions',
  statements: 'SQL statements',
  ownStatements: 'SQL statements of our own database',
  walBytes: 'WAL bytes',
};

function figuresOf({ pace, ours, theirs }: { pace: string; ours: Costs; theirs: Costs }): Figure[] {
  const all = Object.entries(units).flatMap(([key, unit]) => [
    told(`per order, commands ${pace}: ours`, ours[key as keyof Costs], unit),
    told(`per order, commands ${pace}: hand-written`, theirs[key as keyof Costs], unit),
  ]);
  return [...all, atMost(`history events, commands ${pace}: ours to hand-written`, ours.events / theirs.events, { reach: 0.75 })];
}
