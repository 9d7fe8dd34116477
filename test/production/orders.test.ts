import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExampleMerchant } from '../../examples/merchant/server.ts';
import { setPolicies, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { keeperOf, skipTime } from '../workflows/keepers.ts';
import { eventsOf } from '../workflows/story.ts';
import { aCommand, accepted, aDatabase, type Database, merchant, numberOf } from '../world.ts';
import * as shopping from './shops.ts';

const { key, month } = shopping;
let database: Database;
let engine: Engine;
const shops = {} as Record<'V1' | 'V2', ExampleMerchant>;
const products = { V1: 'saas-instant', V2: 'saas-activated' } as const;

beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
  for (const generation of ['V1', 'V2'] as const) shops[generation] = await shopping.aShop(database, { products: [products[generation]], generation });
  // supervision has its own tests; what is called is the same with and without
  await database.pool.query("update products set supervised = false where id = 'saas-activated'");
});
afterAll(async () => {
  await engine.stop();
  await Promise.all(Object.values(shops).map((shop) => shop.stop()));
  await database.drop();
});

const newest = (lifecycle: string, ref: string, id: string) => shopping.newest(database, lifecycle, ref, id);
const order = (input: Record<string, unknown>) => shopping.order(database, input);
const attemptsOf = async (call: string) =>
  (await database.pool.query("select outcome, record ->> 'code' as code from attempts where instance_id = $1 order by no", [call])).rows as {
    outcome: string;
    code: string;
  }[];

async function bought(generation: 'V1' | 'V2'): Promise<{ purchase: string; service: string }> {
  const purchase = await order({ product: products[generation], period: month });
  await untilState(database, purchase, 'completed');
  return { purchase, service: await newest('serviceInstance', 'order', purchase) };
}

describe.each(['V1', 'V2'] as const)('by %s of the production interface', (generation) => {
  test('what is bought is made at the merchant’s, once, and renewed there to the end that the order has (PRD-1, PRD-2, ORD-5)', async () => {
    const { purchase, service } = await bought(generation);
    const shop = shops[generation];
    const { rows } = await database.pool.query("select context ->> 'merchantInstance' as id from instances where id = $1", [service]);
    const instance = shop.store.of(rows[0].id);
    expect(shop.effectsOf({ activity: 'newInstance', orderId: await numberOf(database, purchase) })).toBe(1);
    expect(instance).toBeDefined();

    const renewal = await order({ product: products[generation], kind: 'renewal', instance: service, period: month });
    await untilState(database, renewal, 'completed');
    expect(shop.effectsOf({ activity: 'refreshInstance', orderId: await numberOf(database, renewal) })).toBe(1);
    const call = await newest('productionCall', 'order', renewal);
    const { rows: tries } = await database.pool.query('select record from attempts where instance_id = $1', [call]);
    expect(tries).toHaveLength(1);
    expect(tries[0].record).toMatchObject({ code: '000000', answer: { status: 200 } });
    expect(JSON.stringify(tries)).not.toContain(key);
  });
});

test('an answer that was lost after the merchant had done it is asked for again, and nothing is made twice (PRD-2)', async () => {
  shops.V1.switches.set([{ do: 'reset', when: 'after', activity: 'newInstance', times: 1 }]);
  const purchase = await order({ product: products.V1, period: month });
  const call = await shopping.callOf(database, purchase);
  await eventually(
    () => attemptsOf(call),
    (tries) => tries[0]?.outcome === 'unknown',
  );
  // an hour to the next try: the merchant calls again by hand instead (PRD-5)
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await untilState(database, purchase, 'completed');
  expect(shops.V1.effectsOf({ activity: 'newInstance', orderId: await numberOf(database, purchase) })).toBe(1);
  expect(await attemptsOf(call)).toMatchObject([{ outcome: 'unknown' }, { outcome: 'succeeded', code: '000000' }]);
});

test('an instance that is still being made is asked about until it is there (PRD-1)', async (context) => {
  shops.V2.switches.set([{ do: 'inProgress', queries: 1, activity: 'newInstance', times: 1 }]);
  const purchase = await order({ product: products.V2, period: month });
  const call = await shopping.callOf(database, purchase);
  await skipTime(engine, keeperOf(engine, { lifecycle: 'productionCall', id: call }), context);
  await untilState(database, purchase, 'completed');
  const { rows } = await database.pool.query('select type from events where instance_id = $1 order by revision', [call]);
  expect(rows.map(({ type }) => type)).toEqual(['productionCallCreated', 'callAnswered', 'instanceReady']);
  expect(shops.V2.effectsOf({ activity: 'newInstance', orderId: await numberOf(database, purchase) })).toBe(1);
});

test('a renewal that fails is called 60 times, one every 2 minutes, told of once, stops, and is done by one call by hand (PRD-4, PRD-5)', async (context) => {
  const { service } = await bought('V1');
  shops.V1.switches.set([{ do: 'status', status: 503, activity: 'refreshInstance' }]);
  const renewal = await order({ product: products.V1, kind: 'renewal', instance: service, period: month });
  const call = await shopping.callOf(database, renewal);
  const keeper = keeperOf(engine, { lifecycle: 'productionCall', id: call });
  await skipTime(engine, keeper, context);
  await untilState(database, call, 'stopped', 90_000);
  const tries = await attemptsOf(call);
  expect(tries).toHaveLength(60);
  expect(new Set(tries.map(({ code }) => code))).toEqual(new Set(['HTTP_503']));
  const { rows } = await database.pool.query('select event, count(*)::int as count from outbox where instance_id = $1 and to_role = $2 group by 1 order by 1', [
    call,
    'merchant',
  ]);
  expect(rows).toEqual([
    { event: 'callExhausted', count: 1 },
    { event: 'callMerchantFailing', count: 1 },
  ]);
  // 60 tries are one activity: what grows with them is one event a skip, which real time has not
  const scheduled = (await eventsOf(keeper)).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'callMerchant');
  expect(scheduled).toHaveLength(1);

  shops.V1.switches.set([]);
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await untilState(database, renewal, 'completed');
  expect(shops.V1.effectsOf({ activity: 'refreshInstance', orderId: await numberOf(database, renewal) })).toBe(1);
});

test('Retry-After of a 429 or 503 puts the next call off by so long, by as much as the policy lets it, and the series has as many calls (PRD-4)', async (context) => {
  const { service } = await bought('V1');
  await setPolicies(database, { renewAttempts: 4 }, 'productionCall');
  const tooMany = { do: 'status' as const, activity: 'refreshInstance' };
  shops.V1.switches.set([
    { ...tooMany, status: 429, retryAfter: 1_200, times: 1 },
    { ...tooMany, status: 503, retryAfter: 86_400, skip: 1, times: 1 },
    { ...tooMany, status: 500, retryAfter: 86_400, skip: 2 },
  ]);
  const renewal = await order({ product: products.V1, kind: 'renewal', instance: service, period: month });
  const call = await shopping.callOf(database, renewal);
  const keeper = keeperOf(engine, { lifecycle: 'productionCall', id: call });
  // what Temporal waits before the next try
  const waits = async (no: number) =>
    eventually(
      async () => (await keeper.describe().catch(() => null))?.raw.pendingActivities?.[0],
      (pending) => Number(pending?.attempt) > no && pending?.currentRetryInterval?.seconds !== undefined,
    ).then((pending) => Number(pending?.currentRetryInterval?.seconds));
  expect(await waits(1)).toBe(1_200);
  const retry = () => accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await retry();
  await eventually(
    () => attemptsOf(call),
    (tries) => tries.length === 2 && tries[1]?.outcome !== 'running',
  );
  // a day is more than the policy lets a merchant put off
  expect(await waits(1)).toBe(3_600);
  await skipTime(engine, keeper, context);
  await untilState(database, call, 'stopped', 90_000);
  // a call by hand begins a series anew: one before it, four after it
  expect((await attemptsOf(call)).map(({ code }) => code)).toEqual(['TOO_MANY_REQUESTS', 'HTTP_503', 'HTTP_500', 'HTTP_500', 'HTTP_500']);
  shops.V1.switches.set([]);
});
