import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicPem } from '../../db/signingKey.ts';
import { createHealth } from '../../graphql/health.ts';
import { createApi } from '../../graphql/http.ts';
import { createIdentity } from '../../graphql/identity.ts';
import { createLogins } from '../../graphql/logins.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { jwt } from '../graphql/api.ts';
import { aDatabase, aPaidOrder, buyer, type Database, machine, manager, merchant, numberOf, otherBuyer, otherMerchant, reviewer } from '../world.ts';
import { keys, said, verified } from './bundles.ts';
import { linesIn } from './forge.ts';
import { anEvidenceServer } from './server.ts';

let database: Database;
let server: Awaited<ReturnType<typeof anEvidenceServer>>;
let order: string;
let number: string;
let supervision: string;
beforeAll(async () => {
  database = await aDatabase();
  server = await anEvidenceServer(database, { atOnce: 16 });
  const placed = await aPaidOrder(database);
  ({ order, number: supervision } = placed);
  number = await numberOf(database, order);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const answerOf = async (response: Response) => ({ status: response.status, body: (await response.json()) as { code: string; message: object } });

test('the parties and an operations manager get the bundle, by the number or id of anything in it, named after the order (ACT-2)', async () => {
  for (const [actor, of] of [
    [buyer, number],
    [merchant, supervision],
    [manager, order],
  ] as [Actor, string][]) {
    const response = await server.take(actor, of);
    const {
      'content-length': length,
      'content-type': type,
      'content-disposition': disposition,
      'cache-control': caching,
    } = Object.fromEntries(response.headers);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect({ status: response.status, length: Number(length), type, disposition, caching }).toEqual({
      ...{ status: 200, length: bytes.length, type: 'application/jsonl; charset=utf-8', caching: 'no-store' },
      disposition: `attachment; filename="evidence-${number}.jsonl"`,
    });
    expect(said(await verified(bytes))).toBe('ok');
    expect(linesIn(bytes)[0]?.row.for).toEqual(actor);
  }
  expect(server.parts()).toEqual([]);
});

test('a foreign party gets the same answer as for an order that does not exist (ACT-1)', async () => {
  const foreign = await Promise.all([otherBuyer, otherMerchant].flatMap((actor) => [number, order, supervision].map((of) => server.take(actor, of))));
  const absent = ['OR-2026-999999', randomUUID(), 'x', '\u0000', "' or 1=1 --", '../key', '%'].map((of) => server.take(manager, of));
  const answers = await Promise.all([...foreign, ...(await Promise.all(absent))].map(answerOf));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', message: { zh: expect.any(String), en: expect.any(String) } } });
});

test('other roles are told to ask a party, whether there is such an order or not', async () => {
  for (const actor of [reviewer, machine])
    for (const of of [number, 'OR-2026-999999'])
      expect(await answerOf(await server.take(actor, of))).toMatchObject({ status: 403, body: { code: 'ROLE_NOT_ALLOWED' } });
});

test('the public key is given to whoever is signed in; other methods are refused by name', async () => {
  const response = await server.take(reviewer, 'key');
  expect([response.headers.get('content-type'), await response.text()]).toEqual(['application/x-pem-file', publicPem(keys.publicKey)]);
  const posted = await server.take(buyer, number, { method: 'POST', headers: { 'x-actor': JSON.stringify(buyer) }, body: 'x' });
  expect(posted.headers.get('allow')).toBe('GET');
  expect(await answerOf(posted)).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
});

test('more bundles at once than the process may make are asked to wait, and nothing is left behind', async () => {
  const busy = await anEvidenceServer(database, { atOnce: 1 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => busy.take(buyer, number)));
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('2');
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  expect((await busy.take(buyer, number)).status).toBe(200);
  expect(busy.parts()).toEqual([]);
  await busy.stop();
});

test('a database that is away is Unavailable, never half a bundle', async () => {
  const other = await aDatabase();
  const away = await anEvidenceServer(other);
  await other.drop();
  expect(await answerOf(await away.take(buyer, number))).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  expect(away.parts()).toEqual([]);
  await away.stop();
});

test('the API asks who calls before it looks for a bundle (ACT-1)', async () => {
  const seen: Actor[] = [];
  const logins = createLogins(jwt);
  const api = createApi({
    ...{ identify: createIdentity(jwt), logins, graphiql: false, graphql: () => {}, onError: () => {} },
    health: createHealth({ missingMigrations: async () => [], temporal: () => 'up' }),
    evidence: async (_request, response, actor) => {
      seen.push(actor);
      response.end();
      return true;
    },
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/evidence/${number}`;
  expect((await fetch(url)).status).toBe(401);
  const { token } = (await logins.login('buyer-a.li')) ?? { token: '' };
  expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  expect(seen).toEqual([buyer]);
  api.closeAllConnections();
  api.close();
});
