import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMerchant } from '../../examples/merchant/server.ts';
import { done, lifeOf, put } from '../exit/merchants.ts';
import { key } from '../production/shops.ts';
import { manager, merchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

const product = 'saas-instant';
let api: Api;
let shop: Awaited<ReturnType<typeof startMerchant>>;
beforeAll(async () => {
  api = await anApi();
  shop = await startMerchant({ key });
});
afterAll(async () => {
  await api.stop();
  await shop.stop();
});

const setting = 'mutation ($input: SetEndpointInput!) { setEndpoint(input: $input) { __typename ... on Problem { code message } } }';
const debugging =
  'mutation ($product: ID!) { debugEndpoint(product: $product) { __typename ... on EndpointDebugged { passed } ... on Problem { code message } } }';
const set = async (by: typeof manager, url: string) => (await api.ask(by, setting, { input: { product, generation: 'V1', url, key } })).data.setEndpoint;
const debug = async (by: typeof manager) => (await api.ask(by, debugging, { product })).data.debugEndpoint;
const kept = async () =>
  (await api.pool.query('select url, debugged_at, (select count(*)::int from endpoint_changes) as changes from endpoints where product = $1', [product])).rows;

test('a frozen merchant’s people neither set an endpoint nor debug one, and nothing is sent; operations may, and so may they once it is unfrozen (EXT-3, PRD-7)', async () => {
  expect(await set(merchant, `${shop.url}/produce`)).toMatchObject({ __typename: 'EndpointSet' });
  const before = await kept();
  const life = await lifeOf(api, 'merchant', 'merchant-a');
  await done(put(api, manager, 'merchant', 'freezeMerchant', life));

  const refused = { __typename: 'Refused', code: 'MERCHANT_FROZEN', message: expect.stringMatching(/frozen|冻结/) };
  expect(await set(merchant, 'https://other.example.com/')).toEqual(refused);
  expect(await debug(merchant)).toEqual(refused);
  expect([await kept(), shop.calls.length]).toEqual([before, 0]);
  expect(await set(manager, `${shop.url}/repaired`)).toMatchObject({ __typename: 'EndpointSet' });
  expect(await debug(manager)).toEqual({ __typename: 'EndpointDebugged', passed: true });

  await done(put(api, manager, 'merchant', 'unfreezeMerchant', life));
  expect(await set(merchant, `${shop.url}/produce`)).toMatchObject({ __typename: 'EndpointSet' });
  expect(await debug(merchant)).toMatchObject({ code: 'DEBUGGED_RECENTLY' });
});
