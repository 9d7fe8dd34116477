import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedInterface } from '../../db/seedInterface.ts';
import { exampleKey, startMerchant } from '../../examples/merchant/server.ts';
import { untilState } from '../faults/orders.ts';
import { type Api, anApi } from '../graphql/api.ts';
import { month, order } from '../production/shops.ts';
import { anEngine, type Engine } from '../worker.ts';
import { merchant, numberOf } from '../world.ts';

let api: Api;
let engine: Engine;
let shop: Awaited<ReturnType<typeof startMerchant>>;
beforeAll(async () => {
  [api, shop] = await Promise.all([anApi(), startMerchant({ key: exampleKey })]);
  engine = await anEngine(api);
});
afterAll(async () => {
  await engine.stop();
  await Promise.all([api.stop(), shop.stop()]);
});

test('with the example data a newcomer debugs an endpoint, and an order has the example merchant open an instance (PRD-1, PRD-7)', async () => {
  const seeded = { url: `${shop.url}/produce`, key: exampleKey };
  await seedInterface(api.url, { ...seeded, url: 'http://127.0.0.1:9/moved' });
  const { product } = await seedInterface(api.url, seeded);
  const debugging =
    'mutation ($product: ID!) { debugEndpoint(product: $product) { ... on EndpointDebugged { passed steps { code } } ... on Problem { code } } }';
  expect((await api.ask(merchant, debugging, { product })).data.debugEndpoint).toMatchObject({ passed: true });
  const bought = await order(api, { product, period: month });
  await untilState(api, bought, 'completed');
  expect(shop.effectsOf({ activity: 'newInstance', orderId: await numberOf(api, bought) })).toBe(1);
});
