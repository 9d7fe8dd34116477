import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWaker } from '../../workflows/wake.ts';
import { untilAllTold } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, type Database } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';

const startMs = 1_000;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, { startMs });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

const on = { lifecycle: 'order' } as const;
const input = { product: 'saas-activated', period: { unit: 'year', count: 1 } };
const anOrder = async () => (await accepted(database.commit.command(aCommand({ ...on, command: 'placeOrder', actor: buyer, input })))).instance;
const cancel = (instance: string) => accepted(database.commit.command(aCommand({ ...on, instance, command: 'cancelOrder', actor: buyer, reason: 'because' })));

test('what ends before it has waited for anything never gets a workflow; what waits gets one a little later (SUP-4, ORD-4)', async () => {
  const [ended, waiting] = [await anOrder(), await anOrder()];
  await cancel(ended);
  const state = await eventually(
    () => stateQueried(engine, { ...on, id: waiting }).catch(() => null),
    (known) => known !== null,
  );
  expect(state).toMatchObject({ state: 'pendingPayment', deadlines: [{ name: 'unpaidTooLong' }] });
  await untilAllTold(database);
  await expect(keeperOf(engine, { ...on, id: ended }).describe()).rejects.toThrow(WorkflowNotFoundError);
  expect(engine.repairs).toEqual([]);
});

test('a workflow that one process starts after another has told the end is told the end as well (SUP-4)', async () => {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { client, taskQueue } = engine;
  const slow = createWaker({
    ...database,
    client,
    taskQueue,
    onError: (error) => engine.errors.push(error),
    everyMs: 20,
    async deliver(wake, send) {
      if (wake.agenda.state !== 'pendingPayment') return send();
      held.resolve();
      await released.promise;
      await send();
    },
  });
  try {
    const order = await anOrder();
    slow.repeat([order]);
    await held.promise;
    await cancel(order);
    await untilAllTold(database);
    released.resolve();
    expect(await keeperResult(order)).toMatchObject({ state: 'cancelled' });
    expect(engine.errors).toEqual([]);
  } finally {
    released.resolve();
    await slow.stop();
  }
});

/** Of a workflow that is still to be started. */
async function keeperResult(id: string) {
  const keeper = keeperOf(engine, { ...on, id });
  await eventually(
    () => keeper.describe().catch(() => null),
    (found) => found !== null,
  );
  return keeper.result();
}
