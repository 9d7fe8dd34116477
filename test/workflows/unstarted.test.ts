import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWaker } from '../../workflows/wake.ts';
import { anAcceptedOrder, logOf, setPolicies, untilAllTold, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, type Database } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';

const startMs = 12_000;
/** What was delivered by the engine's own process stands unmarked until these. */
const holds = new Map<string, Promise<void>>();
let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, {
    startMs,
    async deliver(wake, send) {
      await send();
      await holds.get(wake.id);
    },
  });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

const on = { lifecycle: 'order' } as const;
const input = { product: 'saas-activated', period: { unit: 'year', count: 1 } };
const anOrder = async () => (await accepted(database.commit.command(aCommand({ ...on, command: 'placeOrder', actor: buyer, input })))).instance;
const cancel = (instance: string) => accepted(database.commit.command(aCommand({ ...on, instance, command: 'cancelOrder', actor: buyer, reason: 'because' })));

test('what ends before it has waited for anything never gets a workflow; what waits gets one later, or in time for a deadline (SUP-4, ORD-4)', async () => {
  const [ended, waiting] = [await anOrder(), await anOrder()];
  await setPolicies(database, { completionSyncFirst: { ms: 10_500 } });
  const soon = await anAcceptedOrder(database);
  await cancel(ended);
  await expect(stateQueried(engine, { ...on, id: waiting })).rejects.toThrow(WorkflowNotFoundError);
  await untilState(database, soon.order, 'completed');
  expect(await logOf(database, soon.supervision)).toContain('completionSyncDue by system via keeper');
  const state = await eventually(
    () => stateQueried(engine, { ...on, id: waiting }).catch(() => null),
    (known) => known !== null,
  );
  expect(state).toMatchObject({ state: 'pendingPayment', deadlines: [{ name: 'unpaidTooLong' }] });
  await expect(keeperOf(engine, { ...on, id: ended }).describe()).rejects.toThrow(WorkflowNotFoundError);
  expect(engine.repairs).toEqual([]);
});

test.each([
  ['the end is marked first', false],
  ['the start is marked first', true],
])('a workflow that one process starts after another has told the end is told the end as well: %s (SUP-4)', async (_, startFirst) => {
  const [asked, start, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { client, taskQueue } = engine;
  const slow = createWaker({
    ...database,
    client,
    taskQueue,
    onError: (error) => engine.errors.push(error),
    everyMs: 20,
    async deliver(wake, send) {
      if (wake.agenda.state !== 'pendingPayment') return send();
      asked.resolve();
      await start.promise;
      await send();
    },
  });
  try {
    const order = await anOrder();
    slow.repeat([order]);
    await asked.promise;
    if (startFirst) holds.set(order, told.promise);
    await cancel(order);
    if (!startFirst) await untilAllTold(database);
    start.resolve();
    const keeper = keeperOf(engine, { ...on, id: order });
    await eventually(
      () => keeper.describe().catch(() => null),
      (found) => found !== null,
    );
    told.resolve();
    expect(await keeper.result()).toMatchObject({ state: 'cancelled' });
    await untilAllTold(database);
    expect(engine.errors).toEqual([]);
  } finally {
    start.resolve();
    told.resolve();
    await slow.stop();
  }
});
