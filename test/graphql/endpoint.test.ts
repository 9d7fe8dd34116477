import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExampleMerchant, startMerchant } from '../../examples/merchant/server.ts';
import { lifeOf } from '../exit/merchants.ts';
import { key } from '../production/shops.ts';
import { buyer, manager, merchant, otherMerchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

const product = 'saas-instant';
let api: Api;
let shop: ExampleMerchant;
beforeAll(async () => {
  api = await anApi();
  shop = await startMerchant({ key });
});
afterAll(async () => {
  await api.stop();
  await shop.stop();
});

const setting = `mutation ($input: SetEndpointInput!) { setEndpoint(input: $input) { __typename ... on EndpointSet { product } ... on Problem { code } ... on Invalid { fields { path message } } } }`;
const set = async (by: typeof buyer, input: Record<string, unknown>) =>
  (await api.ask(by, setting, { input: { product, generation: 'V1', ...input } })).data?.setEndpoint;
const debugging = `mutation ($product: ID!) { debugEndpoint(product: $product) { __typename
  ... on EndpointDebugged { passed steps { activity passed code message findings { field isError message } signed signature request } } ... on Problem { code message } } }`;
const debug = (by: typeof buyer, of = product) => api.ask(by, debugging, { product: of });
const rest = () => api.pool.query('update endpoints set debugged_at = null');
const changes = async () => (await api.pool.query('select generation, url, new_key, role, by from endpoint_changes order by id')).rows;

test('a merchant sets the endpoint of its own product: the key stays until another comes, is kept in one place, and who changed what is kept (PRD-1, ACT-1, ACT-2)', async () => {
  expect((await debug(merchant)).data.debugEndpoint).toMatchObject({ code: 'NO_ENDPOINT' });
  expect(await set(merchant, { url: shop.url })).toMatchObject({ __typename: 'Refused', code: 'NO_ENDPOINT_KEY' });
  expect(await set(merchant, { url: `${shop.url}/first`, key })).toEqual({ __typename: 'EndpointSet', product });
  expect(await set(manager, { url: `${shop.url}/produce` })).toMatchObject({ __typename: 'EndpointSet' });
  const { rows } = await api.pool.query('select url, key, changed_by from endpoints where product = $1', [product]);
  expect(rows).toEqual([{ url: `${shop.url}/produce`, key, changed_by: manager.id }]);
  expect(await set(merchant, { url: `${shop.url}/produce`, key: `${key}-2` })).toMatchObject({ __typename: 'EndpointSet' });
  expect(await set(merchant, { url: `${shop.url}/produce`, key })).toMatchObject({ __typename: 'EndpointSet' });
  const log = await changes();
  expect(log.map(({ url, new_key, by }) => [url.replace(shop.url, ''), new_key, by])).toEqual([
    ['/first', true, merchant.id],
    ['/produce', false, manager.id],
    ['/produce', true, merchant.id],
    ['/produce', true, merchant.id],
  ]);
  expect(JSON.stringify(log)).not.toContain(key);
  await expect(api.pool.query('delete from endpoint_changes')).rejects.toThrow(/append-only/);
  const { createReader } = await import('../../db/read/reader.ts');
  const seen = async (by: typeof buyer) => (await createReader(api.readPool, by).rows({ text: 'select from endpoint_changes', values: [] })).length;
  expect([await seen(merchant), await seen(otherMerchant), await seen(buyer)]).toEqual([4, 0, 0]);
  await expect(createReader(api.readPool, merchant).rows({ text: 'select key from endpoints', values: [] })).rejects.toThrow(/permission denied/);
});

test('another merchant’s product is one that is not there, and other roles set nothing (ACT-1)', async () => {
  const before = (await changes()).length;
  expect(await set(otherMerchant, { url: shop.url, key })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await set(merchant, { product: 'no-such-product', url: shop.url, key })).toMatchObject({ code: 'NOT_FOUND' });
  expect((await debug(otherMerchant)).data.debugEndpoint).toMatchObject({ code: 'NOT_FOUND' });
  expect((await debug(buyer)).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect((await changes()).length).toBe(before);
});

test.each([
  ['ftp://merchant.example/', 'url'],
  ['not an address', 'url'],
  ['https://user:secret@merchant.example/', 'url'],
  [`https://merchant.example/${'a'.repeat(1_000)}`, 'url'],
])('an address that cannot be called is refused with a sentence: %s (PRD-8)', async (url, path) => {
  expect(await set(merchant, { url, key })).toMatchObject({ code: 'INVALID', fields: [{ path, message: expect.stringMatching(/[Ee]xpected/) }] });
});

test('an installation that is not for development takes no private address (PRD-8)', async () => {
  const strict = await anApi({ production: true });
  for (const url of [shop.url, 'https://127.0.0.1/', 'https://localhost/', 'https://169.254.169.254/latest/meta-data/']) {
    const headers = { authorization: `Bearer ${await strict.tokenOf(merchant)}` };
    const answer = await strict.post(JSON.stringify({ query: setting, variables: { input: { product, generation: 'V1', url, key } } }), headers);
    expect(answer.data.setEndpoint).toMatchObject({ code: 'INVALID', fields: [{ path: 'url' }] });
  }
  await strict.stop();
});

test.each(['short', 'with blank in it', '密钥密钥密钥密钥', 'a\u0000bcdefgh'])('a key that is none is refused and not repeated: %s', async (wrong) => {
  const answer = await api.ask(merchant, setting, { input: { product, generation: 'V1', url: shop.url, key: wrong } });
  expect(answer.data.setEndpoint).toMatchObject({ code: 'INVALID', fields: [{ path: 'key' }] });
});

test('debugging tells of each kind of call, passes where all is well, which counts for coming back on sale, and records no order (PRD-6, PRD-7)', async () => {
  await rest();
  const count = async () => (await api.pool.query("select count(*)::int as n from instances where lifecycle in ('order', 'productionCall')")).rows[0].n;
  const before = await count();
  const { data, text } = await debug(merchant);
  expect(data.debugEndpoint).toMatchObject({ passed: true });
  expect(data.debugEndpoint.steps.map(({ activity }: { activity: string }) => activity)).toEqual(
    'newInstance newInstance queryInstance refreshInstance expireInstance unfreezeInstance freezeInstance upgradeInstance releaseInstance releaseInstance'.split(
      ' ',
    ),
  );
  expect(text).not.toContain(key);
  expect(await count()).toBe(before);
  const { rows } = await api.pool.query("select context ->> 'debuggedAt' as at from instances where id = $1", [await lifeOf(api, 'product', product)]);
  expect(Number(rows[0].at)).toBeGreaterThan(Date.now() - 60_000);
  // up to ten calls: not again at once
  expect((await debug(manager)).data.debugEndpoint).toMatchObject({ code: 'DEBUGGED_RECENTLY', message: expect.stringMatching(/\d+ /) });
});

test('what is wrong with an answer is told field by field, and does not count as passed (PRD-7)', async () => {
  await rest();
  shop.switches.set([{ do: 'noInstanceId', activity: 'newInstance' }]);
  const { data } = await debug(merchant);
  expect(data.debugEndpoint).toMatchObject({
    passed: false,
    steps: [{ passed: false, signed: expect.any(String), findings: [{ field: 'instanceId', isError: true }] }],
  });
  shop.switches.set([]);
});
