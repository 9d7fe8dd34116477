import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEndpoints, endpointOf } from '../../db/endpoints.ts';
import type { Endpoint } from '../../production/call.ts';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createSend } from '../../production/send.ts';
import { encrypt } from '../../production/signatures/encryption.ts';
import { bodySignature } from '../../production/signatures/v1.ts';
import { aDatabase, type Database, merchant } from '../world.ts';
import { aPurchase } from './calls.ts';

const product = 'saas-instant';
const [first, second, third] = ['the-key-of-the-first-year', 'the-key-of-the-second-year', 'the-key-of-the-third-year'] as const;
/** What the merchant's server signs its answers with, and encrypts what it sends. */
let signsWith: string = first;
let signs = true;
const server = createServer((_request, response) => {
  const type = '1' as const;
  const appInfo = { frontEndUrl: 'https://app.example/', userName: encrypt('admin', { key: signsWith, type, iv: 'abcdefghijklmnop' }) };
  const body = JSON.stringify({ resultCode: '000000', resultMsg: `echo ${signsWith}`, instanceId: 'I-1', encryptType: type, appInfo });
  response.writeHead(200, signs ? { 'Body-Sign': `sign_type="HMAC-SHA256", signature= "${bodySignature(signsWith, body)}"` } : {}).end(body);
});
let database: Database;
let endpoints: ReturnType<typeof createEndpoints>;
let url: string;
beforeAll(async () => {
  database = await aDatabase();
  endpoints = createEndpoints({ pool: database.pool });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
});

const callMerchant = createCallMerchant({ send: createSend({ allowPrivate: true }) });
const set = async (key: string | null, endFormerKey = false) =>
  expect(await endpoints.set(merchant, { product, generation: 'V1', url, key, endFormerKey })).toBeNull();
async function answerSignedBy(key: string) {
  signsWith = key;
  const endpoint = (await endpointOf(database.pool, product)) as Endpoint;
  const outcome = await callMerchant(aPurchase('CS-1'), { endpoint });
  if (outcome.kind !== 'answered') throw new Error(`expected an answer, got ${outcome.code}`);
  return outcome;
}
const codeBy = async (key: string) => (await answerSignedBy(key)).code;
beforeEach(async () => {
  await database.pool.query('delete from endpoints');
  await set(first);
  await set(second);
});

test('right after a rotation an answer by either key is believed, the former one with a word to change; what it encrypts is read (PRD-9)', async () => {
  expect((await answerSignedBy(second)).reading).toMatchObject({ code: '000000', problems: [], credentials: { userName: 'admin' } });
  const former = await answerSignedBy(first);
  expect(former.reading).toMatchObject({
    state: 'ok',
    credentials: { userName: 'admin' },
    problems: [{ field: 'Body-Sign', code: 'BODY_SIGN_BY_FORMER_KEY', isError: false }],
  });
  expect(JSON.stringify(former.answer)).not.toContain(first);
  expect(await codeBy(third)).toBe('BODY_SIGN_WRONG');
});

test('what is encrypted by either key is read where the answer is not signed (PRD-9)', async () => {
  signs = false;
  for (const key of [second, first]) expect((await answerSignedBy(key)).reading).toMatchObject({ state: 'ok', credentials: { userName: 'admin' } });
  expect((await answerSignedBy(third)).reading).toMatchObject({ state: 'ok', credentials: { userName: null } });
  signs = true;
});

test('another address leaves both keys; a third key leaves two active, and the first is one no more (PRD-9)', async () => {
  await set(null);
  await set(second);
  expect([await codeBy(first), await codeBy(second)]).toEqual(['000000', '000000']);
  await set(third);
  expect([await codeBy(first), await codeBy(second), await codeBy(third)]).toEqual(['BODY_SIGN_WRONG', '000000', '000000']);
});

test('the former key ends after 24 hours, or at once where the merchant says so (PRD-9)', async () => {
  const { rows } = await database.pool.query("select former_until - changed_at = interval '24 hours' as day from endpoints");
  expect(rows).toEqual([{ day: true }]);
  await database.pool.query("update endpoints set former_until = clock_timestamp() - interval '1 second'");
  expect([await codeBy(first), await codeBy(second)]).toEqual(['BODY_SIGN_WRONG', '000000']);
  await set(third);
  await set(null, true);
  const last = await database.pool.query('select new_key, ended_former from endpoint_changes order by id desc limit 1');
  expect(last.rows).toEqual([{ new_key: false, ended_former: true }]);
  expect([await codeBy(second), await codeBy(third)]).toEqual(['BODY_SIGN_WRONG', '000000']);
});
