import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyChains } from '../../db/verify.ts';
import { advance, anAcceptedOrder, effectOf, logOf, minute, type Ordered, untilState } from '../faults/orders.ts';
import { answering, aTroubledCentre, type Trouble } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, merchant } from '../world.ts';
import { keeperOf, startedWith, stateQueried } from './keepers.ts';

const historyLimit = 40;
let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
/** Supervisions whose workflow is to have a small history. */
let small = false;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  engine = await anEngine(database, {
    outsides: centre.outsides,
    everyMs: 10,
    deliver: (wake, send) => (small && wake.isNew && wake.lifecycle === 'supervision' ? startedWith(engine, wake, { historyLimit }) : send()),
  });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
  await centre.stop();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

/** The run that a workflow began with and every one that it continued in. */
async function runsOf({ supervision }: { supervision: string }): Promise<string[]> {
  const described = await keeperOf(engine, { lifecycle: 'supervision', id: supervision }).describe();
  const runs = [described.raw.workflowExecutionInfo?.firstRunId ?? ''];
  for (;;) {
    const { events } = await engine.client.workflow.getHandle(described.workflowId, runs.at(-1)).fetchHistory();
    const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (!next) return runs;
    runs.push(next);
  }
}

test('an instance takes 10,000 commands: its workflow continues as new, nothing is lost, its row stays small (SUP-3, ACT-2)', {
  timeout: 900_000,
}, async () => {
  // agendas with nothing to do in them are told so seldom that 10,000 commands alone make no long history
  small = true;
  const { supervision } = await aPaidOrder(database);
  const files = [await aFile(database.pool, merchant)];
  const on = { lifecycle: 'supervision', instance: supervision };
  const round = () => [
    database.commit.command(aCommand({ ...on, command: 'uploadAcceptance', actor: merchant, input: { files } })),
    database.commit.command(aCommand({ ...on, command: 'returnDelivery', actor: buyer, reason: '功能缺失' })),
  ];
  await eventually(
    () => stateQueried(engine, { ...on, id: supervision }).catch(() => null),
    (seen) => seen !== null,
  );
  small = false;
  const start = performance.now();
  const heaps: number[] = [];
  for (let batch = 0; batch < 100; batch++) {
    for (const answer of await Promise.all(Array.from({ length: 50 }, round).flat())) await accepted(Promise.resolve(answer));
    if (batch % 25 === 24) heaps.push(heap());
  }
  const took = (performance.now() - start) / 1_000;
  const state = await eventually(
    // a signal that comes while it continues as new fails that task, and Temporal answers no query until it has tried again
    () => stateQueried(engine, { ...on, id: supervision }).catch(() => null),
    (seen) => seen?.asOfRevision === 10_001,
  );
  expect(state).toMatchObject({
    state: 'awaitingDelivery',
    frozen: false,
    deadlines: [{ name: 'deliveryReminder' }, { name: 'deliveryOverdue' }],
    effects: [],
  });
  const { rows } = await database.pool.query(
    `select revision, octet_length(context::text) as bytes, (context ->> 'round')::int as round, (select count(*)::int from events where instance_id = id) as lines
     from instances where id = $1`,
    [supervision],
  );
  expect(rows[0]).toMatchObject({ revision: 10_001, round: 5_000, lines: 10_001 });
  expect(rows[0].bytes).toBeLessThan(8_000);
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 10_001, refusals: 0, broken: null });
  const runs = await runsOf({ supervision });
  expect(runs.length).toBeGreaterThanOrEqual(2);
  const [early = 0, late = 0] = [heaps[0], heaps.at(-1)];
  expect(late - early).toBeLessThan(40);
  expect(engine.repairs).toEqual([]);
  console.log(
    `10,000 commands in ${took.toFixed(1)} s (${Math.round(10_000 / took)}/s) with a keeper beside, ${runs.length} runs; ` +
      `context ${rows[0].bytes} bytes, heap ${heaps.map((mib) => mib.toFixed(0)).join(' → ')} MiB`,
  );
});

/** An order whose sync is in trouble, and whose workflow continues as new after a few signals. */
async function inTrouble(trouble: Trouble): Promise<Ordered> {
  small = true;
  const ordered = await anAcceptedOrder(database);
  await eventually(
    () => stateQueried(engine, { lifecycle: 'supervision', id: ordered.supervision }).catch(() => null),
    (state) => state?.state === 'accepted',
  );
  small = false;
  centre.troubles.set(ordered.orderNumber, trouble);
  await advance(database, { waker: engine.waker, order: ordered.order, byMs: 30 * minute });
  return ordered;
}

/** Wakes it as an active order is woken, until its workflow has continued as new. */
async function untilContinued(ordered: Ordered): Promise<void> {
  const first = (await runsOf(ordered)).length;
  await eventually(
    async () => {
      engine.waker.wake([ordered.supervision]);
      return (await runsOf(ordered)).length;
    },
    (runs) => runs > first,
  );
}

async function expectCompletedOnce(ordered: Ordered): Promise<void> {
  await untilState(database, ordered.order, 'completed');
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
  expect(await keeperOf(engine, { lifecycle: 'supervision', id: ordered.supervision }).result()).toMatchObject({ state: 'finished' });
  expect((await logOf(database, ordered.supervision)).slice(-2)).toEqual(['completionSyncDue by system via sandbox', 'orderSynchronised by system via keeper']);
}

test('an effect that backs off while its workflow continues as new is parked and taken up again (SUP-4)', async () => {
  const ordered = await inTrouble(answering(503));
  const { key } = await eventually(
    () => effectOf(database, ordered.supervision),
    (effect) => effect?.next_attempt_at !== null && effect?.attempts === 1,
  );
  await untilContinued(ordered);
  await eventually(
    () => stateQueried(engine, { lifecycle: 'supervision', id: ordered.supervision }).catch(() => null),
    (state) => state?.running.includes(key) === true,
  );
  await eventually(
    () => effectOf(database, ordered.supervision),
    (effect) => effect.next_attempt_at !== null,
  );
  centre.troubles.clear();
  await advance(database, { waker: engine.waker, order: ordered.order, byMs: 5 * minute });
  await expectCompletedOnce(ordered);
});

test('an effect that is running while its workflow continues as new is not sent a second time, and its workflow hears of the end (PRD-2)', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const ordered = await inTrouble(async (send) => {
    await answered;
    return send();
  });
  await eventually(
    () => effectOf(database, ordered.supervision),
    (effect) => effect?.outcomes[0] === 'running',
  );
  await untilContinued(ordered);
  answer();
  await expectCompletedOnce(ordered);
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ status: 'done', outcomes: ['succeeded'] });
});
