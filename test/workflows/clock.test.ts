import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver, logOf, numbered, type Ordered, onSupervision, setPolicies, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, aPaidOrder, type Database } from '../world.ts';
import { keeperOf, startedWith, stateQueried } from './keepers.ts';
import { eventsOf, storyOf } from './story.ts';

/** How far the first agenda's clock is ahead of PostgreSQL's when a supervision begins; behind when negative. */
let ahead = 0;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  await setPolicies(database, { completionSyncFirst: { ms: 4_000 } });
  // a sandbox lets the workflow's clock move the family's; here PostgreSQL's alone counts, as in production
  const { fire } = database.commit;
  const commit = { ...database.commit, fire: ({ keeperNow: _, ...deadline }: Parameters<typeof fire>[0]) => fire(deadline) };
  engine = await anEngine(
    { ...database, commit },
    {
      deliver(wake, send) {
        if (!wake.isNew || wake.lifecycle !== 'supervision') return send();
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

async function completed({ order, supervision, orderNumber }: Ordered): Promise<string[]> {
  await untilState(database, order, 'completed');
  expect(await keeperOf(engine, { lifecycle: 'supervision', id: supervision }).result()).toMatchObject({ state: 'finished' });
  expect(engine.centre.completionsOf(orderNumber)).toBe(1);
  expect(await logOf(database, supervision)).toContain('completionSyncDue by system via keeper');
  return storyOf(await eventsOf(keeperOf(engine, { lifecycle: 'supervision', id: supervision })));
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

test('a keeper whose clock is ahead asks early, is told how long is left, and fires on time (TIM-2)', async () => {
  ahead = 3_000;
  const ordered = await anAcceptedOrder();
  const story = await completed(ordered);
  // the answer itself takes time, so a second ask may come some ms early once more
  const asks = story.filter((line) => line === 'activity fire').length;
  expect(asks).toBeGreaterThanOrEqual(2);
  expect(asks).toBeLessThanOrEqual(4);
  const late = await lateBy(ordered);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(2_500);
});

test('a keeper that was told an hour late corrects its clock by the next message, and fires on time (TIM-2)', async () => {
  ahead = -3_600_000;
  const ordered = await anAcceptedOrder();
  const story = await completed(ordered);
  expect(story.filter((line) => line === 'activity fire')).toHaveLength(1);
  const late = await lateBy(ordered);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(2_500);
});
