import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rearm } from '../../db/rearm.ts';
import { createWaker, type Waker } from '../../workflows/wake.ts';
import {
  aDeliveredOrder,
  advance,
  anAcceptedOrder,
  effectOf,
  expectChainsToHold,
  fileAppeal,
  minute,
  type Ordered,
  onSupervision,
  rowOf,
  untilAllTold,
  untilState,
  withdrawAppeal,
} from '../faults/orders.ts';
import { anEngine, eventually } from '../worker.ts';
import { accepted, aDatabase, type Database } from '../world.ts';
import { keeperOf } from './keepers.ts';

let database: Database;
beforeEach(async () => {
  database = await aDatabase();
});
afterEach(() => database.drop());

/** A port of this machine at which nobody listens. */
async function aClosedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** A process that takes commands and cannot reach Temporal. */
async function aLonelyWaker() {
  const client = new Client({ connection: Connection.lazy({ address: await aClosedPort() }), namespace: 'steward' });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const waker: Waker = createWaker({ ...database, client, taskQueue: database.name, onError, everyMs: 20, patientMs: 100, startMs: 100 });
  let isAlive = true;
  database.onCommitted((changed) => {
    if (isAlive) waker.hear(changed);
  });
  const stop = async () => {
    isAlive = false;
    await waker.stop();
    await client.connection.close();
  };
  return { waker, errors, stop };
}

const several = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));
const command = (request: Parameters<Database['commit']['command']>[0]) => accepted(database.commit.command(request));

test('with Temporal away commands are accepted and the waker knows it; when Temporal is there, each order completes once (SUP-4, SUP-5)', {
  timeout: 120_000,
}, async () => {
  const lonely = await aLonelyWaker();
  const orders = [...(await several(5, () => aDeliveredOrder(database))), ...(await several(5, () => anAcceptedOrder(database)))];
  await eventually(
    async () => lonely.waker.isReachable(),
    (reachable) => !reachable,
  );
  const [delivered, waiting] = [orders.slice(0, 5), orders.slice(5)];
  for (const { supervision } of delivered) {
    await command(fileAppeal(supervision));
    await command(withdrawAppeal(supervision));
    await command(onSupervision(supervision, 'acceptDelivery'));
  }
  for (const { order } of waiting) expect((await advance(database, { ...lonely, order, byMs: 30 * minute }))?.fired).toEqual(['completionSyncDue']);
  await lonely.stop();
  expect(lonely.errors.length).toBeGreaterThan(0);
  for (const { supervision, order } of orders) {
    for (const id of [supervision, order]) expect(await rowOf(database, id)).toMatchObject({ woken_seq: 0 });
    const { state } = await rowOf(database, supervision);
    if (state === 'synchronising') expect(await effectOf(database, supervision)).toMatchObject({ status: 'open', attempts: 0 });
    else expect(state).toBe('accepted');
  }

  const engine = await anEngine(database);
  try {
    for (const { order } of delivered) await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
    for (const { order, orderNumber } of orders) {
      await untilState(database, order, 'completed');
      expect(engine.centre.completionsOf(orderNumber)).toBe(1);
    }
    expect(engine.waker.isReachable()).toBe(true);
    expect(engine.errors).toEqual([]);
    // an effect that waited for Temporal for more than 30 s is overdue by then
    expect(engine.repairs.filter(({ what }) => what !== 'wake' && what !== 'effect')).toEqual([]);
    await expectChainsToHold(database);
  } finally {
    await engine.stop();
  }
});

test('workflows that were terminated by hand are rebuilt by rearm, and every order completes once', { timeout: 120_000 }, async () => {
  const engine = await anEngine(database);
  try {
    const delivered = await several(3, () => aDeliveredOrder(database));
    const waiting = await several(3, () => anAcceptedOrder(database));
    const frozen = await several(3, () => anAcceptedOrder(database));
    for (const { supervision } of frozen) await command(fileAppeal(supervision));
    const orders = [...delivered, ...waiting, ...frozen];
    const keepers = orders.flatMap(({ order, supervision }: Ordered) => [
      keeperOf(engine, { lifecycle: 'order', id: order }),
      keeperOf(engine, { lifecycle: 'supervision', id: supervision }),
    ]);
    await untilAllTold(database);
    const look = async (keeper: (typeof keepers)[number]) => {
      const { runId, status } = await keeper.describe();
      return { runId, status: status.name };
    };
    const described = () => Promise.all(keepers.map((keeper) => look(keeper).catch(() => null)));
    const isAllRunning = (all: Awaited<ReturnType<typeof described>>) => all.every((one) => one?.status === 'RUNNING');
    const before = (await eventually(described, isAllRunning)).map((one) => one?.runId);
    for (const keeper of keepers) await keeper.terminate('a test');
    expect((await described()).map((one) => one?.status)).toEqual(keepers.map(() => 'TERMINATED'));

    expect(await rearm(database.url)).toBe(keepers.length);
    const after = (await eventually(described, isAllRunning)).map((one) => one?.runId);
    for (const [index, run] of after.entries()) expect(run).not.toBe(before[index]);
    for (const { supervision } of frozen) await command(withdrawAppeal(supervision));
    for (const { supervision } of delivered) await command(onSupervision(supervision, 'acceptDelivery'));
    for (const { order } of orders) await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
    for (const { order, orderNumber } of orders) {
      await untilState(database, order, 'completed');
      expect(engine.centre.completionsOf(orderNumber)).toBe(1);
    }
    for (const keeper of keepers) expect(await keeper.result()).toMatchObject({ state: expect.stringMatching(/^(completed|finished)$/) });
    expect(engine.errors).toEqual([]);
    await expectChainsToHold(database);
  } finally {
    await engine.stop();
  }
});

test('what was told is marked while another of the same turn is still being told, and is not told again (SUP-4)', async () => {
  const [slow, ...others] = (await several(6, () => anAcceptedOrder(database))).map(({ order }) => order);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const deliveries: string[] = [];
  const engine = await anEngine(database, {
    async deliver(wake, send) {
      deliveries.push(wake.id);
      if (wake.id === slow) await answered;
      await send();
    },
  });
  try {
    const isTold = async (id: string) => (await database.pool.query('select from owed_wakes where instance_id = $1', [id])).rowCount === 0;
    engine.waker.repeat([slow as string, ...others]);
    for (const id of others) expect(await eventually(() => isTold(id), Boolean)).toBe(true);
    expect(await isTold(slow as string)).toBe(false);
    // while it is told, nobody here takes it for lost
    expect(engine.waker.isWaiting(slow as string)).toBe(true);
    answer();
    expect(await eventually(() => isTold(slow as string), Boolean)).toBe(true);
    for (const id of others) expect(deliveries.filter((one) => one === id)).toHaveLength(1);
  } finally {
    answer();
    await engine.stop();
  }
});
