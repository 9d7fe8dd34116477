import { afterAll, beforeAll, expect, test } from 'vitest';
import { lifeOf } from '../exit/merchants.ts';
import { aCommand, buyer, machine, manager, merchant, otherBuyer, otherMerchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const put = async (actor: typeof buyer, lifecycle: string, command: string, input: Record<string, unknown> = {}, instance: string | null = null) => {
  const answer = await api.commit.command(aCommand({ lifecycle, command, actor, input, instance, reason: '说明' }));
  return answer.ok ? 'done' : answer.problem.code;
};
const onProduct = async (product: string, actor: typeof buyer, command: string, input: Record<string, unknown> = {}) =>
  put(actor, 'product', command, input, await lifeOf(api, 'product', product));
const list = async (actor: typeof buyer, search: string | null = null) =>
  (await api.ask(actor, 'query ($search: String) { catalogue(search: $search) { nodes { id } } }', { search })).data.catalogue.nodes.map(
    ({ id }: { id: string }) => id,
  );
const byUrl = async (actor: typeof buyer, product: string) =>
  (await api.ask(actor, 'query ($product: String!) { catalogueProduct(product: $product) { id hidden byWhitelist openToMe creditMeans } }', { product })).data
    .catalogueProduct;

test('a hidden product is in no listing and no search, whoever asks, and can be seen and bought by its URL (ORD-6)', async () => {
  expect(await list(buyer)).toContain('image-basic');
  expect([await onProduct('image-basic', otherMerchant, 'hideProduct'), await onProduct('image-basic', merchant, 'hideProduct')]).toEqual([
    'NOT_FOUND',
    'done',
  ]);
  for (const actor of [buyer, otherBuyer, merchant, manager])
    expect([(await list(actor)).includes('image-basic'), await list(actor, '安全加固'), await list(actor, 'image-basic')]).toEqual([false, [], []]);
  expect(await byUrl(buyer, 'image-basic')).toMatchObject({ id: 'image-basic', hidden: true });
  expect(await put(buyer, 'order', 'placeOrder', { product: 'image-basic' })).toBe('done');
  await onProduct('image-basic', manager, 'showProduct');
  expect(await list(buyer, '加固')).toEqual(['image-basic']);
});

test('the catalogue is read in pages by name; what is delisted is in none of them', async () => {
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { data } = await api.ask(buyer, 'query ($after: String) { catalogue(first: 4, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }', {
      after,
    });
    seen.push(...data.catalogue.nodes.map(({ id }: { id: string }) => id));
    [after, more] = [data.catalogue.pageInfo.endCursor, data.catalogue.pageInfo.hasNextPage];
  }
  expect(seen).toEqual(await list(buyer));
  expect(new Set(seen).size).toBe(seen.length);
  expect(await onProduct('human-service', merchant, 'delistProduct')).toBe('done');
  expect([(await list(buyer)).includes('human-service'), await byUrl(buyer, 'human-service')]).toEqual([false, null]);
  expect(await byUrl(buyer, 'nothing')).toBeNull();
});

test('a whitelist has accounts by id and name; only they can buy, and one that is taken off can no more (ORD-6)', async () => {
  const place = (actor: typeof buyer) => put(actor, 'order', 'placeOrder', { product: 'saas-whitelisted', period: { unit: 'year', count: 1 } });
  expect([await place(buyer), await place(otherBuyer)]).toEqual(['WHITELIST_ONLY', 'done']);
  const allow = (account: string, accountName: string) => onProduct('saas-whitelisted', otherMerchant, 'allowAccount', { account, accountName });
  expect([await allow('buyer-a', '示例买家乙'), await allow('nobody', '无'), await allow('merchant-a', '示例商家甲')]).toEqual(
    Array(3).fill('WHITELIST_ACCOUNT_UNKNOWN'),
  );
  expect([await allow('buyer-a', '示例买家甲'), await allow('buyer-a', '示例买家甲'), await place(buyer)]).toEqual(['done', 'done', 'done']);
  expect(await byUrl(buyer, 'saas-whitelisted')).toMatchObject({ byWhitelist: true, openToMe: true });
  for (const [account, code] of [
    ['buyer-b', 'done'],
    ['buyer-b', 'NOT_ON_WHITELIST'],
    ['buyer-a', 'done'],
  ])
    expect(await onProduct('saas-whitelisted', otherMerchant, 'disallowAccount', { account })).toBe(code);
  // an empty list lets nobody in
  expect([await place(buyer), await place(otherBuyer)]).toEqual(['WHITELIST_ONLY', 'WHITELIST_ONLY']);
  expect([await onProduct('saas-whitelisted', otherMerchant, 'openToEveryone'), await place(buyer)]).toEqual(['done', 'done']);
  expect(await onProduct('saas-whitelisted', otherMerchant, 'disallowAccount', { account: 'buyer-a' })).toBe('NO_WHITELIST');
});

test('credit control is switched by the merchant of a joint product, and decides how an order is paid (ORD-7)', async () => {
  const set = (product: string, actor: typeof buyer, means: string, on: boolean) => onProduct(product, actor, 'setCreditControl', { means, on });
  expect([await set('saas-instant', merchant, 'creditLine', true), await set('saas-activated-b', otherMerchant, 'cashCoupon', true)]).toEqual([
    'CREDIT_CONTROL_NOT_APPLICABLE',
    'done',
  ]);
  expect((await byUrl(buyer, 'saas-activated-b')).creditMeans.sort()).toEqual(['cashCoupon', 'creditLine']);
  const pay = async (means: string) => {
    const place = aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product: 'saas-activated-b' } });
    const answer = await api.commit.command(place);
    return put(machine, 'order', 'recordPayment', { amount: 250_000, means, reference: 'PAY' }, answer.ok ? answer.instance : null);
  };
  expect([
    await pay('cashCoupon'),
    await set('saas-activated-b', otherMerchant, 'cashCoupon', false),
    await pay('cashCoupon'),
    await pay('creditLine'),
  ]).toEqual(['done', 'done', 'CREDIT_CONTROL', 'done']);
});
