import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMerchants } from '../../activities/merchants.ts';
import type { ExampleMerchant } from '../../examples/merchant/server.ts';
import { toId } from '../../graphql/ids.ts';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createSend } from '../../production/send.ts';
import { aShop, month, order } from '../production/shops.ts';
import { buyer, manager, merchant, otherBuyer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
let example: ExampleMerchant;
beforeAll(async () => {
  api = await anApi();
  example = await aShop(api);
});
afterAll(async () => {
  await api.stop();
  await example.stop();
});

/** A service that the example merchant has made. */
async function aService() {
  const { commit, pool } = api;
  const bought = await order(api, { product: 'saas-instant', period: month });
  const { rows } = await pool.query(
    "select e.instance_id as instance, e.key, e.generation, e.params from effects e join instances i on i.id = e.instance_id where i.refs ->> 'order' = $1",
    [bought],
  );
  const [{ params, ...effect }] = rows;
  const { callMerchant } = createMerchants({ pool, callMerchant: createCallMerchant({ send: createSend({ allowPrivate: true }) }) });
  const sending = { instance: effect.instance, params, idempotencyKey: 'k', signal: AbortSignal.timeout(5_000), record: () => {} };
  await commit.effectSucceeded({ lifecycle: 'productionCall', ...effect, no: 1, result: await callMerchant.send(sending) });
  const found = await pool.query("select id, context from instances where lifecycle = 'serviceInstance' and refs ->> 'order' = $1", [bought]);
  return { id: found.rows[0].id as string, merchantInstance: found.rows[0].context.merchantInstance as string };
}
const show = async (actor: typeof buyer, id: string) =>
  api.ask(
    actor,
    'mutation ($id: ID!) { showCredentials(serviceInstance: $id) { __typename ... on CredentialsShown { adminUrl userName password } ... on MerchantSilent { resultCode message(language: en) } ... on Problem { code } } }',
    { id: toId('serviceInstance', id) },
  );

test('a buyer sees its service’s credentials as the merchant says them, each look is logged, and they stand nowhere (BUY-1, ACT-2)', async () => {
  const { id, merchantInstance } = await aService();
  const { password } = example.store.of(merchantInstance) as { password: string };
  for (const _ of [1, 2])
    expect((await show(buyer, id)).data.showCredentials).toMatchObject({ __typename: 'CredentialsShown', userName: expect.any(String), password });
  const { rows } = await api.pool.query("select actor, type from events where instance_id = $1 and type = 'revealCredentials'", [id]);
  expect(rows).toEqual(Array(2).fill({ actor: buyer.id, type: 'revealCredentials' }));
  const all = await api.pool.query(
    "select string_agg(t::text, ' ') as text from (select to_jsonb(e) as t from events e union all select to_jsonb(a) from attempts a union all select to_jsonb(i) from instances i) x",
  );
  expect(all.rows[0].text.includes(password)).toBe(false);
});

test('nobody else sees them: another buyer finds no such service, merchant and operators may not ask (ACT-1, BUY-1)', async () => {
  const { id } = await aService();
  expect((await show(otherBuyer, id)).data.showCredentials).toMatchObject({ __typename: 'NotFound' });
  for (const actor of [merchant, manager]) {
    const { data, errors } = await show(actor, id);
    expect([data, errors?.length]).toEqual([null, 1]);
  }
  const { rows } = await api.pool.query("select 1 from events where instance_id = $1 and type = 'revealCredentials'", [id]);
  expect(rows).toEqual([]);
});

test('a merchant that does not answer is said so; the look is logged all the same', async () => {
  const { id } = await aService();
  example.switches.set([{ do: 'status', status: 503, activity: 'queryInstance', times: 1 }] as never);
  expect((await show(buyer, id)).data.showCredentials).toMatchObject({
    __typename: 'MerchantSilent',
    resultCode: 'HTTP_503',
    message: expect.stringContaining('503'),
  });
  expect((await show(buyer, id)).data.showCredentials.__typename).toBe('CredentialsShown');
});
