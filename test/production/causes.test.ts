import { afterAll, beforeAll, expect, test } from 'vitest';
import { attemptsOf } from '../../db/read/effects.ts';
import { createReader } from '../../db/read/reader.ts';
import { setPolicies, untilState } from '../faults/orders.ts';
import { anEngine, type Engine } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, merchant } from '../world.ts';
import { aShop, callOf, month, newest, order } from './shops.ts';

let database: Database;
let engine: Engine;
let shop: Awaited<ReturnType<typeof aShop>>;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
  shop = await aShop(database);
  await setPolicies(database, { renewAttempts: 3, renewEvery: { ms: 50 } }, 'productionCall');
});
afterAll(async () => {
  await engine.stop();
  await shop.stop();
  await database.drop();
});

test('each call says who caused it: what the order began, the rhythm alone, or whoever called again by hand (PRD-3, PRD-5)', async () => {
  const product = 'saas-instant';
  const purchase = await order(database, { product, period: month });
  await untilState(database, purchase, 'completed');
  const instance = await newest(database, 'serviceInstance', 'order', purchase);
  shop.switches.set([{ do: 'status', status: 500, activity: 'refreshInstance' }]);
  const call = await callOf(database, await order(database, { product, kind: 'renewal', instance, period: month }));
  await untilState(database, call, 'stopped');
  shop.switches.set([]);
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await untilState(database, call, 'succeeded');
  const seenBy = async (actor: typeof merchant) => await attemptsOf(createReader(database.readPool, actor), { instances: [call], limit: 60 });
  const tries = (await seenBy(merchant)).map(({ outcome, causedBy }) => [outcome, causedBy?.actor ?? null, causedBy?.role ?? null]);
  expect(tries).toEqual([
    ['unknown', 'payments', 'system'],
    ['unknown', null, null],
    ['unknown', null, null],
    ['succeeded', merchant.id, 'merchant'],
  ]);
  expect(await seenBy({ ...buyer, party: 'buyer-b' })).toEqual([]);
});
