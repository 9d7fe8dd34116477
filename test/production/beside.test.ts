import { afterAll, beforeAll, expect, test } from 'vitest';
import { aMerchant } from '../exit/merchants.ts';
import { untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { aShop, month, order } from './shops.ts';

let database: Database;
let engine: Engine;
const shops: Awaited<ReturnType<typeof aShop>>[] = [];
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
});
afterAll(async () => {
  await engine.stop();
  await Promise.all(shops.map((shop) => shop.stop()));
  await database.drop();
});

async function aSeller(name: string) {
  const { product } = await aMerchant(database, name);
  await database.pool.query("update products set access_type = 'SaaS' where id = $1", [product]);
  const shop = await aShop(database, { products: [product] });
  shops.push(shop);
  return { product, shop, order: () => order(database, { product, period: month }) };
}
const runningOf = async (merchant: string) =>
  (
    await database.pool.query(
      "select count(*)::int as n from attempts a join instances i on i.id = a.instance_id where i.merchant = $1 and a.outcome = 'running'",
      [merchant],
    )
  ).rows[0].n as number;

test('a merchant that hangs has four calls under way at most, and another one’s are answered while they hang (PRD-1, PRD-5)', async () => {
  const [hanging, healthy] = [await aSeller('hanging'), await aSeller('healthy')];
  hanging.shop.switches.set([{ do: 'hang' }]);
  await Promise.all(Array.from({ length: 8 }, hanging.order));
  await eventually(
    async () => hanging.shop.calls.length,
    (calls) => calls >= 4,
  );
  const most = await runningOf('hanging');
  const bought = await Promise.all([healthy.order(), healthy.order()]);
  for (const one of bought) await untilState(database, one, 'completed');
  // soon after they began, and while all eight have long wanted to call
  expect(most).toBeLessThanOrEqual(4);
  expect(await runningOf('hanging')).toBeLessThanOrEqual(4);
  const { rows } = await database.pool.query(
    "select count(*)::int as n from instances where merchant = 'hanging' and lifecycle = 'productionCall' and state <> 'calling'",
  );
  expect(rows[0].n).toBe(0);
  expect(healthy.shop.calls.map(({ activity }) => activity)).toEqual(['newInstance', 'newInstance']);
});
