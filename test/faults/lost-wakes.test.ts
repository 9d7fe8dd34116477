import { afterAll, beforeAll, expect, test } from 'vitest';
import { anEngine, type Engine } from '../worker.ts';
import { endOf, stateQueried } from '../workflows/keepers.ts';
import { aDatabase, type Database } from '../world.ts';
import { aSynchronisingOrder, expectChainsToHold, logOf, untilAllTold, untilState } from './orders.ts';
import { seeded } from './random.ts';

const { seed, random } = seeded();
const lost = { before: new Set<string>(), after: new Set<string>(), count: 0, wakes: 0 };
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, {
    async deliver(wake, send) {
      lost.wakes += 1;
      const chance = random();
      if (chance >= 0.3) return send();
      // what fails by itself has not arrived, and is not lost by chance
      if (chance >= 0.15) await send();
      lost.count += 1;
      (chance < 0.15 ? lost.before : lost.after).add(wake.id);
      throw new Error(`wake ${wake.agenda.seq} of ${wake.id} is reported lost`);
    },
  });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

test('with three of ten wakes lost, before or after they arrive, 40 orders complete and nothing is doubled (SUP-4, ORD-4)', async () => {
  const orders = await Promise.all(Array.from({ length: 40 }, () => aSynchronisingOrder(database, engine.waker)));
  await Promise.all(orders.map(({ order }) => untilState(database, order, 'completed', 60_000)));

  for (const { order, supervision, orderNumber } of orders) {
    expect(engine.centre.completionsOf(orderNumber)).toBe(1);
    expect(await logOf(database, order)).toEqual([
      'placeOrder by buyer via api',
      'recordPayment by system via api',
      'supervisionFinished by system via keeper',
    ]);
    expect((await logOf(database, supervision)).slice(-2)).toEqual(['completionSyncDue by system via sandbox', 'orderSynchronised by system via keeper']);
  }
  expect(engine.centre.completions.size).toBe(orders.length);

  await untilAllTold(database);
  for (const { order, supervision } of orders) {
    // one that is completed before the sweep has found the wake that was to start its workflow needs none
    expect(['completed', undefined]).toContain((await endOf(engine, { lifecycle: 'order', id: order }))?.state);
    expect(await endOf(engine, { lifecycle: 'supervision', id: supervision })).toMatchObject({ state: 'finished' });
  }
  const { rows: services } = await database.pool.query<{ id: string; revision: number }>(
    "select id, revision from instances where lifecycle = 'serviceInstance'",
  );
  expect(services).toHaveLength(orders.length);
  for (const { id, revision } of services) {
    const state = await stateQueried(engine, { lifecycle: 'serviceInstance', id });
    expect(state.asOfRevision).toBe(revision);
  }
  await expectChainsToHold(database);

  const hurt = new Set([...lost.before, ...lost.after]);
  const wakeRepairs = engine.repairs.filter(({ what }) => what === 'wake');
  expect(wakeRepairs.length).toBeGreaterThan(0);
  expect(wakeRepairs.filter(({ instance }) => !hurt.has(instance))).toEqual([]);
  expect(engine.errors).toHaveLength(lost.count);
  console.log(
    `seed ${seed}: ${orders.length} orders, ${lost.wakes} wakes, ${lost.count} lost (${lost.before.size} instances before, ${lost.after.size} after arrival); ` +
      `repairs: ${JSON.stringify(
        Object.groupBy(engine.repairs, ({ what }) => what),
        (_, v) => (Array.isArray(v) ? v.length : v),
      )}`,
  );
}, 300_000);
