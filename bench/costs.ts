import { WorkflowNotFoundError } from '@temporalio/client';
import { inLanes } from '../workflows/lanes.ts';
import { patience } from '../workflows/wake.ts';
import type { Bench } from './bench.ts';
import { type Centre, startCentre } from './centre.ts';
import type { PlacedOrder } from './design.ts';
import { atMost, type Figure, told } from './figure.ts';
import { workflowId as handwrittenId } from './handwritten/client.ts';
import { type HistoryCosts, historyCosts, sumOf } from './histories.ts';
import { fulfil, type Live, liveHandwritten, liveSteward } from './orders.ts';
import { prepare } from './steward.ts';
import { type Used, usage } from './usage.ts';

const count = 20;
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
  const of = async (live: Live, pauseMs: number): Promise<Costs> => {
    const orders: PlacedOrder[] = [];
    const used = await usage(bench, { count }, async () => {
      await inLanes(Array.from({ length: count }), 10, async () => {
        const order = await live.design.place();
        orders.push(order);
        await fulfil(live.design, order, pauseMs);
        await centre.completed(order.supervision ?? order.id);
      });
      await Promise.all(orders.flatMap(workflowsOf).map((id) => ended(bench, id)));
    });
    const all = await Promise.all(orders.flatMap(workflowsOf).map((id) => historyCosts(bench.client, id)));
    const sum = sumOf(all);
    return { ...used, events: sum.events / count, bytes: sum.bytes / count, tasks: sum.tasks / count, actions: sum.actions / count };
  };
  const figures: Figure[] = [];
  for (const [pace, pauseMs] of [
    ['at once', 0],
    // longer than the waker's patience
    ['apart', patience + 1_000],
  ] as const) {
    const ours = await during(bench, { centre, url, start: liveSteward }, (live) => of(live, pauseMs));
    const theirs = await during(bench, { centre, url, start: (to, around) => liveHandwritten(to, around, { completionSyncFirst }) }, (live) =>
      of(live, pauseMs),
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

/** An instance that is through before its workflow had anything to do gets one only to end. */
async function ended({ client }: Bench, workflowId: string): Promise<void> {
  for (;;) {
    const found = await client.workflow
      .getHandle(workflowId)
      .result()
      .then(
        () => true,
        (error) => !(error instanceof WorkflowNotFoundError) && Promise.reject(error),
      );
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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
  const ratio = ours.events / theirs.events;
  const name = `history events, commands ${pace}: ours to hand-written`;
  return [...all, pace === 'at once' ? atMost(name, ratio, { reach: 0.75 }) : told(name, ratio, '×')];
}
