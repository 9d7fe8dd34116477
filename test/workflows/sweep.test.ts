import { afterAll, beforeAll, expect, test } from 'vitest';
import { advance, anAcceptedOrder, effectOf, expectChainsToHold, logOf, minute, type Ordered, untilState } from '../faults/orders.ts';
import { answering, aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await expectChainsToHold(database);
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const of = ({ supervision }: Ordered) => ({ lifecycle: 'supervision', id: supervision });
const repairsOf = ({ supervision }: Ordered) => engine.repairs.filter(({ instance }) => instance === supervision).map(({ what }) => what);

/** Ends the workflow behind the back of everyone. @returns its run */
async function terminated(ordered: Ordered, state: string): Promise<string> {
  await eventually(
    () => stateQueried(engine, of(ordered)).catch(() => null),
    (known) => known?.state === state,
  );
  const keeper = keeperOf(engine, of(ordered));
  const { runId } = await keeper.describe();
  await keeper.terminate('by hand');
  return runId;
}

async function expectCompletedByAnother(ordered: Ordered, run: string): Promise<void> {
  await untilState(database, ordered.order, 'completed');
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
  expect((await keeperOf(engine, of(ordered)).describe()).runId).not.toBe(run);
  expect(await keeperOf(engine, of(ordered)).result()).toMatchObject({ state: 'finished' });
}

test('a deadline whose workflow was terminated fires by the sweep, is told as a repair, and the next wake starts the workflow again (TIM-2, SUP-4)', async () => {
  const ordered = await anAcceptedOrder(database);
  const run = await terminated(ordered, 'accepted');
  // as if the 30 minutes and ten seconds more had gone by
  await database.pool.query(
    `update deadlines set due_at = due_at - interval '30 minutes 10 seconds', due_real = due_real - interval '30 minutes 10 seconds'
     where instance_id = $1 and name = 'completionSyncDue'`,
    [ordered.supervision],
  );
  await expectCompletedByAnother(ordered, run);
  expect(await logOf(database, ordered.supervision)).toContain('completionSyncDue by system via sweep');
  expect(repairsOf(ordered)).toEqual(['deadline']);
});

test('an effect whose workflow was terminated is found overdue and is tried again by a new one, once (SUP-4)', async () => {
  const ordered = await aSynchronisingOrderInTrouble();
  const run = await terminated(ordered, 'synchronising');
  centre.troubles.clear();
  expect(repairsOf(ordered)).toEqual([]);
  // as if the five minutes and an hour more had gone by
  await database.pool.query("update effects set next_attempt_at = next_attempt_at - interval '65 minutes' where instance_id = $1", [ordered.supervision]);
  await expectCompletedByAnother(ordered, run);
  expect(repairsOf(ordered)).toEqual(['effect']);
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual(['unknown HTTP_503', 'succeeded']);
});

async function aSynchronisingOrderInTrouble(): Promise<Ordered> {
  centre.troubles.clear();
  const ordered = await anAcceptedOrder(database);
  centre.troubles.set(ordered.orderNumber, answering(503));
  await advance(database, { waker: engine.waker, order: ordered.order, byMs: 30 * minute });
  await eventually(
    () => effectOf(database, ordered.supervision),
    (effect) => effect?.attempts === 1 && effect.next_attempt_at !== null,
  );
  return ordered;
}
