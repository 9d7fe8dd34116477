import { afterAll, beforeAll, expect, test } from 'vitest';
import { aMerchant, done, put } from '../exit/merchants.ts';
import { buyer, machine, manager, numberOf, otherMerchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

type Merchant = Awaited<ReturnType<typeof aMerchant>>;

async function aPaid({ product }: Merchant, amount: number): Promise<string> {
  const { instance } = await done(put(api, buyer, 'order', 'placeOrder', null, { input: { product } }));
  await done(put(api, machine, 'order', 'recordPayment', instance, { input: { amount, means: 'balance', reference: 'PAY-1' } }));
  return instance;
}
const check = `query ($merchant: String!) { exitCheck(merchant: $merchant) { merchant mayApply mayFreeze mayClear
  obstacles { kind label(language: en) count stops records(first: 2) { nodes { number link record { id number } } pageInfo { hasNextPage endCursor } totalCount { value exact } } } } }`;

test('EXT-1: the exit check names all that stands in the way, by kind, with records and links; a merchant asks of itself', async () => {
  const selling = await aMerchant(api, 'merchant-checked', { price: 250_00 });
  const paid = await aPaid(selling, 250_00);
  const placed = (await done(put(api, buyer, 'order', 'placeOrder', null, { input: { product: selling.product } }))).instance;
  const { data } = await api.ask(manager, check, { merchant: selling.name });
  const kinds = Object.fromEntries(data.exitCheck.obstacles.map((of: { kind: string }) => [of.kind, of]));
  expect(data.exitCheck).toMatchObject({ merchant: selling.name, mayApply: false, mayFreeze: false, mayClear: false });
  expect(Object.keys(kinds)).toEqual(['orders', 'unsettled', 'uninvoiced', 'listed']);
  const number = await numberOf(api, placed);
  expect(kinds.orders).toMatchObject({
    label: 'Orders being fulfilled',
    count: 1,
    stops: ['apply', 'freeze', 'clear'],
    records: {
      nodes: [{ number, link: `http://localhost:4000/records/${number}`, record: { number } }],
      pageInfo: { hasNextPage: false },
      totalCount: { value: 1, exact: true },
    },
  });
  expect(kinds.unsettled.records.nodes.map((one: { number: string }) => one.number)).toEqual([await numberOf(api, paid)]);
  expect(kinds.uninvoiced.count).toBe(1);
  expect(kinds.listed.stops).toEqual(['freeze', 'clear']);
});

test('EXT-1: nobody learns of a foreign merchant; a buyer is refused', async () => {
  const foreign = await api.ask(otherMerchant, check, { merchant: 'merchant-a' });
  expect(foreign.data.exitCheck).toBeNull();
  const own = await api.ask(otherMerchant, check, { merchant: 'merchant-b' });
  expect(own.data.exitCheck).toMatchObject({ merchant: 'merchant-b', mayApply: true, mayFreeze: false });
  const refused = await api.ask(buyer, check, { merchant: 'merchant-a' });
  expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

const gmv = 'query ($merchant: String!, $period: Period!) { gmv(merchant: $merchant, period: $period) { currency orders sold refunded gmv } }';
const today = { from: '2000-01-01T00:00:00Z', before: '2100-01-01T00:00:00Z' };

test('BIL-7: GMV is what the ledger says to the 分, and what the orders say: completed less refunds, within the period', async () => {
  const selling = await aMerchant(api, 'merchant-figures', { price: 333_33 });
  const other = await aMerchant(api, 'merchant-beside', { price: 100_01 });
  const orders = [await aPaid(selling, 333_33), await aPaid(selling, 333_33), await aPaid(selling, 333_33)];
  await aPaid(other, 100_01);
  // REF-1a: an image within five days, refunded in full
  await done(put(api, buyer, 'refund', 'requestRefund', null, { input: { order: orders[0], amount: 333_33, because: 'bought twice' } }));
  const { data } = await api.ask(manager, gmv, { merchant: selling.name, period: today });
  expect(data.gmv).toEqual([{ currency: 'CNY', orders: 3, sold: 999_99, refunded: 333_33, gmv: 666_66 }]);
  const oracle = await api.pool.query(
    `select sum((o.context ->> 'amount')::bigint) - coalesce(sum((r.context ->> 'amount')::bigint), 0) as gmv from instances o
       left join instances r on r.lifecycle = 'refund' and r.refs ->> 'order' = o.id::text and r.state in ('paying', 'synchronising', 'refunded')
     where o.lifecycle = 'order' and o.merchant = $1 and (o.context ->> 'completedAt') is not null`,
    [selling.name],
  );
  expect(Number(oracle.rows[0].gmv)).toBe(666_66);
  const none = await api.ask(manager, gmv, { merchant: selling.name, period: { from: today.from, before: '2000-02-01T00:00:00Z' } });
  expect(none.data.gmv).toEqual([]);
  const foreign = await api.ask(otherMerchant, gmv, { merchant: selling.name, period: today });
  expect(foreign.data.gmv).toEqual([]);
  const backwards = await api.ask(manager, gmv, { merchant: selling.name, period: { from: today.before, before: today.from } });
  expect(backwards.errors?.[0]?.extensions.code).toBe('BAD_INPUT');
  expect((await api.ask(buyer, gmv, { merchant: selling.name, period: today })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('EXT-3: a frozen merchant’s people make no key and set none; they may still take one away', async () => {
  const { rows } = await api.pool.query("select instance_id as id from subjects where lifecycle = 'merchant' and subject = 'merchant-b'");
  const make = async () =>
    (await api.ask(otherMerchant, 'mutation { createMerchantKey { __typename ... on MerchantKeyCreated { ak } ... on Problem { code } } }')).data
      .createMerchantKey;
  const { ak } = await make();
  await done(put(api, manager, 'merchant', 'freezeMerchant', rows[0].id));
  expect(await make()).toEqual({ __typename: 'Refused', code: 'MERCHANT_FROZEN' });
  const set = 'mutation ($input: SetAppKeyInput!) { setAppKey(input: $input) { __typename ... on Problem { code } } }';
  const key = { input: { product: 'saas-activated-b', publicKey: 'no key' } };
  expect((await api.ask(otherMerchant, set, key)).data.setAppKey).toEqual({ __typename: 'Refused', code: 'MERCHANT_FROZEN' });
  expect((await api.ask(manager, set, key)).data.setAppKey.__typename).toBe('Invalid');
  const revoked = await api.ask(otherMerchant, 'mutation ($ak: String!) { revokeMerchantKey(ak: $ak) { __typename } }', { ak });
  expect(revoked.data.revokeMerchantKey.__typename).toBe('MerchantKeyRevoked');
  await done(put(api, manager, 'merchant', 'unfreezeMerchant', rows[0].id));
});
