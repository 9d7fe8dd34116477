import { afterAll, beforeAll, expect, test } from 'vitest';
import { aFile, buyer, manager, merchant, otherBuyer, otherMerchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const money = `query ($id: ID!) { node(id: $id) { ... on Order { state
  ledger { event from to amount } balance { paid released reserved refunded } } } }`;
const moneyOf = async (actor: typeof buyer, id: string) => (await api.ask(actor, money, { id })).data?.node;

test('a refund is asked for by the order’s id, answered by the merchant with proof, and reserves the money at once (REF-3, REF-5)', async () => {
  const { order, uuid } = await api.aPaidOrder();
  const because = '不再需要';
  expect(await api.command(otherBuyer, 'requestRefund', { order, because })).toMatchObject({ __typename: 'NotFound' });
  expect(await api.command(merchant, 'requestRefund', { order, because })).toMatchObject({ __typename: 'Refused', code: 'ROLE_NOT_ALLOWED' });
  const { instance } = await api.command(buyer, 'requestRefund', { order, because, amount: 1_000 });
  expect(instance).toMatchObject({ stateName: 'negotiating' });
  expect(await api.command(buyer, 'requestRefund', { order, because })).toMatchObject({ __typename: 'Refused', code: 'REFUND_UNDER_WAY' });
  const approving = { refundId: instance.id, reason: '已与客户沟通', expectedRevision: 1 };
  expect(await api.command(merchant, 'approveRefund', approving)).toMatchObject({ __typename: 'Refused', code: 'PROOF_REQUIRED' });
  expect(await api.command(otherMerchant, 'approveRefund', approving)).toMatchObject({ __typename: 'NotFound' });
  const files = [await aFile(api.pool, merchant)];
  expect(await api.command(merchant, 'approveRefund', { ...approving, files })).toMatchObject({ instance: { stateName: 'paying' } });
  const [{ paid }] = (await api.pool.query('select paid from order_balances where order_id = $1', [uuid.order])).rows;
  for (const actor of [buyer, merchant, manager])
    expect([actor.id, (await moneyOf(actor, order)).balance]).toEqual([actor.id, { paid, released: 0, reserved: 1_000, refunded: 0 }]);
});

test('the order’s parties and the marketplace read its ledger; how it is shared is not the buyer’s; strangers read nothing (ACT-1, BIL-8)', async () => {
  const { order, uuid } = await api.aPaidOrder();
  const whole = await moneyOf(manager, order);
  const [payment] = whole.ledger;
  expect(payment).toMatchObject({ event: 'recordPayment', from: 'buyer', to: 'held', amount: whole.balance.paid });
  await api.pool.query(
    `insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at)
     select $1, 2, 5 + n, $1, 'held', account, 1, 'CNY', now() from unnest(array['merchant', 'platform']) with ordinality a (account, n)`,
    [uuid.order],
  );
  const seenBy = async (actor: typeof buyer) => (await moneyOf(actor, order))?.ledger?.map(({ to }: { to: string }) => to) ?? null;
  expect({ buyer: await seenBy(buyer), merchant: await seenBy(merchant), manager: await seenBy(manager), stranger: await seenBy(otherBuyer) }).toEqual({
    buyer: ['held'],
    merchant: ['held', 'merchant', 'platform'],
    manager: ['held', 'merchant', 'platform'],
    stranger: null,
  });
});

test('an order’s share is shown to its merchant and the marketplace, and to its buyer nowhere: not in the context, its log, or what would be (ACT-1, BIL-8)', async () => {
  const { order } = await api.aPaidOrder();
  const query = `query ($id: ID!) { node(id: $id) { ... on Order { context { merchantShareBp amount } contextJson history(first: 50) { nodes { changes } } } } }`;
  const seen = async (actor: typeof buyer) => {
    const { data, text } = await api.ask(actor, query, { id: order });
    return {
      share: data.node.context.merchantShareBp,
      amount: data.node.context.amount,
      told: text.replace('"context":{"merchantShareBp":null', '').includes('merchantShareBp'),
    };
  };
  expect(await seen(buyer)).toEqual({ share: null, amount: 120_000, told: false });
  expect(await seen(merchant)).toEqual({ share: 8_000, amount: 120_000, told: true });
});
