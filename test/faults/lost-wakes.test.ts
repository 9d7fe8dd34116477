import { afterAll, beforeAll, expect, test } from 'vitest';
import { anEngine, type Engine } from '../worker.ts';
import { endOf, stateQueried } from '../workflows/keepers.ts';
import { aDatabase, type Database } from '../world.ts';
import { aSynchronisingOrder, expectChainsToHold, logOf, untilAllTold, untilState } from './orders.ts';
import { seeded } from './random.ts';

const { seed, random } = seeded();
const shares = { dropped: 0.3, misreported: 0.15 };
const wakes = { sent: 0, dropped: [] as string[], misreported: [] as string[] };
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, {
    async deliver(wake, send) {
      wakes.sent += 1;
      const chance = random();
      if (chance >= shares.dropped + shares.misreported) return send();
      // what fails by itself has not arrived, and is not lost by chance
      if (chance >= shares.dropped) await send();
      wakes[chance < shares.dropped ? 'dropped' : 'misreported'].push(wake.id);
      throw new Error(`wake ${wake.agenda.seq} of ${wake.id} is reported lost`);
    },
  });
});
afterAll(async () => {
  const { sent, dropped, misreported } = wakes;
  const repairs = Object.entries(Object.groupBy(engine.repairs, ({ what }) => what)).map(([what, made]) => `${made.length} ${what}`);
  console.log(
    `seed ${seed}: of ${sent} wakes ${dropped.length} dropped (${new Set(dropped).size} instances), ` +
      `${misreported.length} sent and reported lost (${new Set(misreported).size} instances); repairs: ${repairs.join(', ')}`,
  );
  await engine.stop();
  await database.drop();
});

/** @returns how likely a fair source drops so few of the wakes, or so many: the smaller of the two */
function likelihood({ sent, dropped }: { sent: number; dropped: number }): number {
  const share = shares.dropped;
  let [exactly, soFew, soMany] = [(1 - share) ** sent, 0, 0];
  for (let count = 0; count <= sent; count += 1) {
    if (count <= dropped) soFew += exactly;
    if (count >= dropped) soMany += exactly;
    exactly *= ((sent - count) * share) / ((count + 1) * (1 - share));
  }
  return Math.min(soFew, soMany);
}

test('with three of ten wakes dropped, and more that arrive reported lost, 40 orders complete and nothing is doubled (SUP-4, ORD-4)', async () => {
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

  const hurt = new Set([...wakes.dropped, ...wakes.misreported]);
  const wakeRepairs = engine.repairs.filter(({ what }) => what === 'wake');
  expect(wakeRepairs.length).toBeGreaterThan(0);
  expect(wakeRepairs.filter(({ instance }) => !hurt.has(instance))).toEqual([]);
  expect(engine.errors).toHaveLength(wakes.dropped.length + wakes.misreported.length);

  expect(wakes.misreported).not.toEqual([]);
  // of a million runs with a fair source, less than one is less likely than this to either side
  expect(likelihood({ sent: wakes.sent, dropped: wakes.dropped.length })).toBeGreaterThan(0.5e-6);
}, 300_000);
