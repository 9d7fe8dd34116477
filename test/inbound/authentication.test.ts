import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReader } from '../../db/read/reader.ts';
import { isSignedByAkSk } from '../../inbound/signatures.ts';
import { buyer, manager, merchant, otherMerchant } from '../world.ts';
import { anInbound, type Key } from './caller.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
let order: string;
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
  order = (await api.anInstance()).order;
});
afterAll(() => api.stop());

const ask = 'order/query';
const five = 5 * 60_000;

test('both forms of signature let a merchant in; anything about them that is wrong is 401 without data, and logged (PRD-9)', async () => {
  const query = { orderId: order };
  for (const door of [api.byNonce, api.byAkSk]) {
    expect(await door(key, ask, query)).toMatchObject({ status: 200, body: { resultCode: '000000', orderInfo: { orderId: order } } });
    const wrong = {
      'another secret': await door(key, ask, query, { secret: 'another' }),
      'an unknown key': await door({ ...key, ak: 'NOBODY' }, ask, query),
      'too early': await door(key, ask, query, { at: Date.now() - five - 2_000 }),
      'too late': await door(key, ask, query, { at: Date.now() + five + 5_000 }),
    };
    for (const [what, { status, body }] of Object.entries(wrong)) {
      expect({ what, status, resultCode: body.resultCode }).toEqual({ what, status: 401, resultCode: '000001' });
      expect(Object.keys(body).sort()).toEqual(['code', 'message', 'resultCode', 'resultMsg']);
    }
    expect(wrong['another secret'].body).toEqual(wrong['an unknown key'].body);
    expect(wrong['too early'].body.code).toBe('TIME_APART');
  }
  expect(api.lines.filter(({ msg }) => msg === 'a call of a merchant’s system was refused').length).toBe(8);
  const unsigned = await fetch(`${api.base}/inbound/${ask}`, { method: 'POST', body: '{}' });
  expect([unsigned.status, ((await unsigned.json()) as { code: string }).code]).toEqual([401, 'SIGNATURE_MISSING']);
});

test('what was signed is what was sent: another body, a Host that is not signed or is another one', async () => {
  expect((await api.byNonce(key, ask, { orderId: order }, { signedBody: '{}' })).body.code).toBe('SIGNATURE_WRONG');
  expect((await api.byAkSk(key, ask, { orderId: order }, { host: 'elsewhere.example' })).body.code).toBe('SIGNATURE_WRONG');
  expect((await api.byAkSk(key, ask, { orderId: order }, { signedHeaders: ['x-sdk-date'] })).body.code).toBe('SIGNATURE_WRONG');
});

test('a Host without a port may be signed with 443', () => {
  // as an SDK for the gateway signed it: host:443 among the headers, no port on the wire
  const date = '20261121T080000Z';
  const call = {
    method: 'POST',
    url: new URL('https://market.example/inbound/order/query'),
    headers: { host: 'market.example', 'x-sdk-date': date },
    body: Buffer.from('{}'),
  };
  const signedHeaders = ['host', 'x-sdk-date'];
  const given = { ak: 'AK', date, signedHeaders };
  const signature = '4c5038c5fcb289b5ae03a5498d79742d79c73b18d1996e1fdc3e3bd4755ea6c7';
  expect(isSignedByAkSk(call, { ...given, signature }, 'SK')).toBe(true);
  expect(isSignedByAkSk({ ...call, headers: { ...call.headers, host: 'market.example:443' } }, { ...given, signature }, 'SK')).toBe(true);
  expect(isSignedByAkSk({ ...call, headers: { ...call.headers, host: 'market.example:8443' } }, { ...given, signature }, 'SK')).toBe(false);
});

test('a nonce is taken once, of twenty at the same time by one; a wrong signature does not use it up', async () => {
  const nonce = randomUUID();
  await api.byNonce(key, ask, { orderId: order }, { nonce, secret: 'another' });
  const all = await Promise.all(Array.from({ length: 20 }, () => api.byNonce(key, ask, { orderId: order }, { nonce })));
  expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
  expect(all.find(({ status }) => status === 401)?.body.code).toBe('NONCE_USED');
  await api.pool.query("update inbound_nonces set at = at - interval '11 minutes' where nonce = $1", [nonce]);
  expect((await api.byNonce(key, ask, { orderId: order }, { nonce })).status).toBe(200);
});

test('two keys are active for rotation; a third is refused, a revoked one works no more, and another merchant’s cannot be revoked', async () => {
  const second = await api.aKey(merchant);
  expect((await api.byNonce(second, ask, { orderId: order })).status).toBe(200);
  expect(await api.aKey(merchant)).toMatchObject({ __typename: 'Invalid', code: 'INVALID' });
  const revoke = 'mutation ($ak: String!) { revokeMerchantKey(ak: $ak) { __typename ... on MerchantKeyRevoked { ak } ... on Problem { code } } }';
  expect((await api.ask(otherMerchant, revoke, { ak: second.ak })).data.revokeMerchantKey).toMatchObject({ code: 'NOT_FOUND' });
  expect((await api.ask(merchant, revoke, { ak: second.ak })).data.revokeMerchantKey).toMatchObject({ ak: second.ak });
  expect((await api.byNonce(second, ask, { orderId: order })).status).toBe(401);
  expect((await api.byNonce(key, ask, { orderId: order })).status).toBe(200);
  expect((await api.ask(merchant, '{ merchantKeys { ak revokedAt revokedBy } }')).data.merchantKeys).toMatchObject([
    { ak: second.ak, revokedBy: merchant.id },
    { ak: key.ak, revokedAt: null },
  ]);
  expect((await api.ask(buyer, '{ merchantKeys { ak } }')).data?.merchantKeys).toBeUndefined();
});

test('a secret is not selectable by the API’s reads, not even by an operator (PRD-9)', async () => {
  for (const actor of [merchant, manager]) {
    const reader = createReader(api.readPool, actor);
    await expect(reader.rows({ text: 'select secret from merchant_keys', values: [] })).rejects.toThrow('permission denied');
  }
});

test('what cannot be read is answered with what was expected, and never as a bug', async () => {
  const bodies = ['', 'no json', '[]', 'null', '{"orderId": 5}', '{"orderId": "\\u0000"}', `${'['.repeat(50_000)}${']'.repeat(50_000)}`];
  for (const body of bodies)
    for (const path of [ask, 'usage/push', 'license/activate']) expect((await api.byNonce(key, path, body)).body.code).toBe('BODY_INVALID');
  expect((await api.byNonce(key, ask, ' '.repeat(1024 * 1024 + 1))).body.code).toBe('TOO_LARGE');
  expect((await fetch(`${api.base}/inbound/${ask}`)).status).toBe(405);
  expect((await fetch(`${api.base}/inbound/nothing`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${api.base}/inbound/${ask}?ak=%00&signature=x&ts=1&nonce=%00`, { method: 'POST' })).status).toBe(401);
  expect(api.errors).toEqual([]);
});
