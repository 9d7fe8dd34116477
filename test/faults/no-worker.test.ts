import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchTemporal } from '../../workflows/watch.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { anAcceptedOrder, effectOf, expectChainsToHold, logOf, rowOf, setPolicies, untilState } from './orders.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, { worker: false });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

test('with no worker at all deadlines fire by the sweep, logged and told as repairs, effects wait, and all of it happens when a worker comes (SUP-4)', async () => {
  await setPolicies(database, { completionSyncFirst: { ms: 100 } });
  const orders = await Promise.all(Array.from({ length: 10 }, () => anAcceptedOrder(database)));
  for (const { supervision } of orders) {
    await untilState(database, supervision, 'synchronising');
    expect((await logOf(database, supervision)).at(-1)).toBe('completionSyncDue by system via sweep');
    expect(await effectOf(database, supervision)).toMatchObject({ status: 'open', attempts: 0 });
  }
  const repaired = engine.repairs.filter(({ what }) => what === 'deadline').map(({ instance }) => instance);
  expect(repaired.toSorted()).toEqual(orders.map(({ supervision }) => supervision).toSorted());
  expect(engine.repairs.filter(({ what }) => what !== 'deadline')).toEqual([]);
  expect(engine.centre.requests()).toBe(0);
  const watch = await watchTemporal({ ...engine, everyMs: 20 });
  // what the API answers a command with: its effects wait
  await eventually(
    async () => watch.state(),
    (state) => state === 'noWorker',
  );

  await engine.startWorker();
  await eventually(
    async () => watch.state(),
    (state) => state === 'up',
  );
  watch.stop();
  await Promise.all(orders.map(({ order }) => untilState(database, order, 'completed')));
  for (const { order, orderNumber } of orders) {
    expect(engine.centre.completionsOf(orderNumber)).toBe(1);
    expect(await rowOf(database, order)).toMatchObject({ state: 'completed', revision: 3 });
  }
  expect(engine.centre.requests()).toBe(orders.length);
  await eventually(
    () => database.pool.query('select id from instances where wake_seq > woken_seq'),
    ({ rowCount }) => rowCount === 0,
  );
  await expectChainsToHold(database);
});
