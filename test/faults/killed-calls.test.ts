import { expect, inject, test } from 'vitest';
import { aMerchant } from '../exit/merchants.ts';
import { aShop, callOf, month, newest, order } from '../production/shops.ts';
import { anEngine, bundle, eventually } from '../worker.ts';
import { aDatabase, type Database, numberOf } from '../world.ts';
import { aChild } from './child.ts';
import { expectChainsToHold, untilState } from './orders.ts';
import type { OwnHold, WorkerFixture } from './worker-process.ts';

const activities = ['newInstance', 'refreshInstance'] as const;
/** Where the worker dies: at a place of its own, or while the merchant has the call and has not answered. */
const places: { name: string; at: OwnHold | { hang: 'before' | 'after' } }[] = [
  { name: 'inside the try’s admission', at: { opening: 'lock of a try', statement: 6, when: 'after' } },
  { name: 'admitted, not sent', at: { send: 'before' } },
  { name: 'the merchant has it, nothing done', at: { hang: 'before' } },
  { name: 'the merchant has done it, not answered', at: { hang: 'after' } },
  { name: 'answered, not recorded', at: { send: 'after' } },
  { name: 'inside the record', at: { opening: 'lock of an instance and members', statement: 4, when: 'after' } },
  { name: 'recorded, Temporal not told', at: { opening: 'lock of an instance and members', statement: 5, when: 'after' } },
];
const points = activities.flatMap((activity) => places.map((place, index) => ({ ...place, activity, merchant: `${activity}-${index}` })));
type Point = (typeof points)[number];

/** A merchant of its own with a server of its own, so that no call waits for another's lane; and what a renewal renews. */
async function prepared(database: Database, { activity, merchant }: Point) {
  const { product } = await aMerchant(database, merchant);
  await database.pool.query("update products set access_type = 'SaaS' where id = $1", [product]);
  const shop = await aShop(database, { products: [product] });
  if (activity === 'newInstance') return { shop, wish: { product, period: month } };
  const purchase = await order(database, { product, period: month });
  await untilState(database, purchase, 'completed');
  return { shop, wish: { product, kind: 'renewal', instance: await newest(database, 'serviceInstance', 'order', purchase), period: month } };
}

test('a worker killed before, during and after a call has it done at the merchant’s once, and the order goes on (PRD-2, PRD-5)', async () => {
  const database = await aDatabase();
  const engine = await anEngine(database);
  const { taskQueue, namespace, centre } = engine;
  const set = await Promise.all(points.map(async (point) => ({ ...point, ...(await prepared(database, point)) })));
  await engine.stopWorker();
  // nobody calls yet: the worker that dies is the first to try
  const paid = [];
  for (const one of set) {
    if ('hang' in one.at) one.shop.switches.set([{ do: 'hang', when: one.at.hang, activity: one.activity, times: 1 }]);
    const bought = await order(database, one.wish);
    paid.push({ ...one, bought, call: await callOf(database, bought) });
  }

  const own = Object.fromEntries(paid.flatMap(({ call, at }) => ('hang' in at ? [] : [[call, at]])));
  const { codePath } = await bundle();
  const address = inject('temporalAddress');
  const fixture: WorkerFixture = { databaseUrl: database.url, address, namespace, taskQueue, centreUrl: centre.url, codePath, hold: null, own };
  const worker = await aChild('worker-process.ts', fixture);
  const held = paid.map(async ({ at, call, shop, activity }) => {
    if (!('hang' in at)) return worker.says(`held ${call}`);
    return eventually(
      async () => shop.calls,
      (all) => all.some((one) => one.activity === activity),
      { withinMs: 40_000 },
    );
  });
  await Promise.all(held);
  await worker.kill();

  await engine.startWorker();
  for (const { name, activity, bought, call, shop } of paid) {
    await untilState(database, bought, 'completed', 60_000);
    const { rows: events } = await database.pool.query('select type from events where instance_id = $1 order by revision', [call]);
    const { rows: tries } = await database.pool.query('select outcome from attempts where instance_id = $1 order by no', [call]);
    expect({
      name,
      effects: shop.effectsOf({ activity, orderId: await numberOf(database, bought) }),
      events: events.map(({ type }) => type),
      last: tries.at(-1)?.outcome,
    }).toEqual({ name, effects: 1, events: ['productionCallCreated', 'callAnswered'], last: 'succeeded' });
  }
  await expectChainsToHold(database);
  await engine.stop();
  await Promise.all(set.map(({ shop }) => shop.stop()));
  await database.drop();
}, 120_000);
