import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver, logOf, numbered, type Ordered, onSupervision, setPolicies, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, aPaidOrder, type Database } from '../world.ts';
import { keeperOf, startedWith, stateQueried } from './keepers.ts';

/** How far the first agenda's clock is ahead of PostgreSQL's when a supervision begins; behind when negative. */
let ahead = 0;
/** How early PostgreSQL found each ask of a keeper for its sync, by the keeper's own clock at the ask; milliseconds. */
const asks = new Map<string, Map<number | undefined, number>>();
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  await setPolicies(database, { completionSyncFirst: { ms: 8_000 } });
  // a sandbox lets the workflow's clock move the family's; here PostgreSQL's alone counts, as in production
  const { fire } = database.commit;
  const commit: Database['commit'] = {
    ...database.commit,
    async fire({ keeperNow, ...deadline }) {
      const fired = await fire(deadline);
      // by its clock, since Temporal may put one ask twice
      asks.set(deadline.instance, (asks.get(deadline.instance) ?? new Map()).set(keeperNow, fired.earlyMs));
      return fired;
    },
  };
  engine = await anEngine(
    { ...database, commit },
    {
      // on a busy machine it would fire the deadline before the keeper
      sweepMs: 60_000,
      deliver(wake, send) {
        if (!wake.isNew || wake.lifecycle !== 'supervision') return send().catch(send);
        return startedWith(engine, { ...wake, agenda: { ...wake.agenda, at: wake.agenda.at + ahead } });
      },
    },
  );
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

/** An accepted delivery, told in messages that come after the one that the workflow began with. */
async function anAcceptedOrder(): Promise<Ordered> {
  const ordered = await numbered(database, await aPaidOrder(database));
  await eventually(
    () => stateQueried(engine, { lifecycle: 'supervision', id: ordered.supervision }).catch(() => null),
    (state) => state?.state === 'awaitingDelivery',
  );
  await deliver(database, ordered.supervision);
  await accepted(database.commit.command(onSupervision(ordered.supervision, 'acceptDelivery')));
  return ordered;
}

/** @returns how early each ask was; milliseconds */
async function completed({ order, supervision, orderNumber }: Ordered): Promise<number[]> {
  await untilState(database, order, 'completed');
  expect(await keeperOf(engine, { lifecycle: 'supervision', id: supervision }).result()).toMatchObject({ state: 'finished' });
  expect(engine.centre.completionsOf(orderNumber)).toBe(1);
  expect(await logOf(database, supervision)).toContain('completionSyncDue by system via keeper');
  return [...(asks.get(supervision)?.values() ?? [])];
}

/** Milliseconds after its instant that the deadline was fired, by PostgreSQL's clock. */
async function lateBy({ supervision }: Ordered): Promise<number> {
  const { rows } = await database.pool.query(
    `select (extract(epoch from e.at - d.due_at) * 1000)::bigint as late from events e join deadlines d using (instance_id)
     where instance_id = $1 and e.type = 'completionSyncDue' and d.name = e.type`,
    [supervision],
  );
  return rows[0].late;
}

test('a keeper whose clock is ahead asks early, is told how long is left, asks once more and fires on time (TIM-2)', async () => {
  ahead = 60_000;
  const ordered = await anAcceptedOrder();
  const [early, ...more] = await completed(ordered);
  expect(early).toBeGreaterThan(0);
  expect(more).toEqual([0]);
  const late = await lateBy(ordered);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(20_000);
});

test('a keeper that was told an hour late corrects its clock by the next message, and fires on time (TIM-2)', async () => {
  ahead = -3_600_000;
  const ordered = await anAcceptedOrder();
  expect(await completed(ordered)).toEqual([0]);
  const late = await lateBy(ordered);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(20_000);
});
