import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentity } from '../../graphql/identity.ts';
import { fromId } from '../../graphql/ids.ts';
import type { Login } from '../../graphql/logins.ts';
import { roleNames } from '../../lifecycles/roles.ts';
import { buyer, manager } from '../world.ts';
import { type Api, anApi, secret } from './api.ts';

let api: Api;
let production: Api;
beforeAll(async () => {
  [api, production] = await Promise.all([anApi(), anApi({ production: true })]);
});
afterAll(() => Promise.all([api.stop(), production.stop()]));

const key = new TextEncoder().encode(secret);
const aToken = (claims: Record<string, unknown> = {}, { alg = 'HS256', exp = '1h', sub = 'buyer-a.li', audience = 'steward', by = key } = {}) =>
  new SignJWT({ role: 'buyer', party: 'buyer-a', ...claims }).setProtectedHeader({ alg }).setSubject(sub).setAudience(audience).setExpirationTime(exp).sign(by);
const viewer = JSON.stringify({ query: '{ viewer { id role party } }' });
const as = (token: string) => api.post(viewer, { authorization: `Bearer ${token}` });

test('a path that is none is 404, not an error of ours', async () => {
  for (const path of ['//', '/nowhere', '/%']) expect((await fetch(`${api.base}${path}`)).status).toBe(404);
});

describe('identity (ACT-1)', () => {
  test('a token’s person, role and party are the caller', async () => {
    expect((await as(await aToken())).data).toEqual({ viewer: { id: 'buyer-a.li', role: 'buyer', party: 'buyer-a' } });
  });

  test('nobody anonymous reaches parsing: even nonsense is answered 401 with a sentence', async () => {
    for (const body of [viewer, '{ nonsense', JSON.stringify({ query: '{ __schema { types { name } } }' })]) {
      const { status, errors, headers } = await api.post(body);
      expect([status, errors?.[0].extensions.code, headers.get('www-authenticate')]).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
      expect(errors?.[0].message).toMatch(/Sign in first/);
    }
    expect((await fetch(`${api.base}/graphql?query={viewer{id}}`)).status).toBe(401);
  });

  const [none] = ['none'].map((alg) => `${btoa(JSON.stringify({ alg }))}.${btoa(JSON.stringify({ sub: 'x', role: 'system', exp: 9e9 }))}.`.replaceAll('=', ''));
  test.each([
    ['an expired token', () => aToken({}, { exp: '-1h' }), /expired/],
    ['another secret', () => aToken({}, { by: new TextEncoder().encode('another secret that is long enough too') }), /signature/],
    ['another algorithm', () => aToken({}, { alg: 'HS512', by: new TextEncoder().encode(secret.repeat(2)) }), /algorithm/],
    ['no algorithm', async () => none as string, /algorithm|cannot be read/],
    ['another audience', () => aToken({}, { audience: 'elsewhere' }), /claim aud/],
    ['an unknown role', () => aToken({ role: 'admin' }), /claim role to be one of/],
    ['a role of the prototype', () => aToken({ role: 'constructor' }), /claim role to be one of/],
    ['a buyer without a party', () => aToken({ party: undefined }), /claim party/],
    ['a party that is no text', () => aToken({ party: { $ne: '' } }), /claim party/],
    ['no person', () => aToken({}, { sub: '' }), /claim sub/],
    ['a person with control characters', () => aToken({}, { sub: 'a\u0000b' }), /claim sub/],
    ['no token at all', async () => '', /got none/],
    ['rubbish', async () => 'rubbish', /cannot be read/],
  ])('%s is 401 with a sentence', async (_what, make, sentence) => {
    const { status, errors } = await as(await make());
    expect([status, errors?.[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(errors?.[0].message).toMatch(sentence);
  });

  test('a token is not remembered past its own end', async () => {
    // ended, and for five seconds within the tolerance of clocks that differ
    const token = await aToken({}, { exp: '0s' });
    expect((await as(token)).status).toBe(200);
    await expect.poll(async () => (await as(token)).status, { timeout: 15_000 }).toBe(401);
  });

  test('the marketplace’s own people have no party, whatever the token claims', async () => {
    expect((await as(await aToken({ role: 'operationsManager' }))).data.viewer).toEqual({ id: 'buyer-a.li', role: 'operationsManager', party: null });
  });

  test('keys may come from a JWKS; a token signed with the public key as a secret is refused', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = http.createServer(async (_request, response) =>
      response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] })),
    );
    jwks.listen(0, '127.0.0.1');
    await once(jwks, 'listening');
    const identify = createIdentity({ kind: 'jwks', url: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/`, issuer: undefined, audience: 'steward' });
    const signed = new SignJWT({ role: 'reviewer' }).setProtectedHeader({ alg: 'ES256' }).setSubject('r').setAudience('steward').setExpirationTime('1h');
    expect(await identify(`Bearer ${await signed.sign(privateKey)}`)).toEqual({
      ok: true,
      actor: { id: 'r', role: 'reviewer', party: null },
      until: expect.any(Number),
    });
    expect(await identify(`Bearer ${await aToken()}`)).toMatchObject({ ok: false, message: expect.stringMatching(/algorithm/) });
    jwks.close();
  });

  test('a party of another’s name sees nothing of theirs, and quotes in it are only quotes', async () => {
    await api.aPaidOrder();
    for (const party of ["buyer-a' or true --", 'BUYER-A', ' buyer-a', "', true), set_config('steward.role', 'system"]) {
      const answer = await api.post(JSON.stringify({ query: '{ lifecycles { nodes { id } } }' }), { authorization: `Bearer ${await aToken({ party })}` });
      expect(answer.data).toEqual({ lifecycles: { nodes: [] } });
    }
  });

  test('roles that no lifecycle knows see nothing', async () => {
    const token = await aToken({ role: 'serviceProvider', party: 'buyer-a' });
    expect(
      (await api.post(JSON.stringify({ query: '{ lifecycles { nodes { id } totalCount { value } } }' }), { authorization: `Bearer ${token}` })).data,
    ).toEqual({
      lifecycles: { nodes: [], totalCount: { value: 0 } },
    });
  });

  test('there is a development login for every role, handed out by name, and never in production (ACT-1)', async () => {
    const { logins } = await (await fetch(`${api.base}/dev/logins`)).json();
    const of = (role: string) => logins.filter((login: Login) => login.role === role).map(({ name }: Login) => name);
    expect(Object.fromEntries(roleNames.map((role) => [role, of(role)]))).toEqual({
      buyer: ['buyer-a.li', 'buyer-b.wu'],
      merchant: ['merchant-a.zhao', 'merchant-b.sun'],
      operationsManager: ['manager.qian', 'manager.zheng'],
      reviewer: ['reviewer.zhou'],
      serviceProvider: ['provider-a.he'],
      enterpriseAdmin: ['buyer-a.lin'],
      system: ['payments'],
    });
    for (const { role, party, token } of logins as Login[]) expect((await as(token)).data.viewer).toMatchObject({ role, party });
    const login = await fetch(`${api.base}/dev/login`, { method: 'POST', body: '{"name":"reviewer.zhou"}' });
    expect((await as((await login.json()).token)).data.viewer.role).toBe('reviewer');
    expect((await fetch(`${api.base}/dev/login`, { method: 'POST', body: '{"name":"root"}' })).status).toBe(404);
    expect((await fetch(`${production.base}/dev/logins`)).status).toBe(404);
    expect((await fetch(`${production.base}/dev/login`, { method: 'POST', body: '{"name":"manager.qian"}' })).status).toBe(404);
  });
});

describe('limits', () => {
  const deep = (levels: number) => `{ orders(first: 1) { nodes { ${'family { '.repeat(levels)} id ${'}'.repeat(levels)} } } }`;
  const codeOf = async (query: string) => (await api.ask(manager, query)).errors?.[0].extensions.code;

  test('depth: a query nested too deep is refused, one within is answered', async () => {
    expect(await codeOf(deep(12))).toBe('QUERY_TOO_LARGE');
    expect(await codeOf(deep(2))).toBeUndefined();
    expect((await api.ask(manager, deep(12))).errors?.[0].message).toMatch(/depth is \d+; at most 12/);
  });

  test('breadth: a query of too many fields is refused', async () => {
    const wide = (fields: number) => `{ ${Array.from({ length: fields }, (_, i) => `a${i}: viewer { id }`).join(' ')} }`;
    expect(await codeOf(wide(250))).toBe('QUERY_TOO_LARGE');
    expect(await codeOf(wide(50))).toBeUndefined();
  });

  test('cost: pages within pages are refused, the whole of fifty orders is not', async () => {
    expect(await codeOf('{ orders(first: 100) { nodes { family { history(first: 100) { nodes { id: revision hash } } } } } }')).toBe('QUERY_TOO_LARGE');
    expect(
      await codeOf(
        '{ orders(first: 50) { nodes { id number stateLabel availableCommands { name label enabled whyNot { code message } } deadlines { name label dueAt remaining } history(first: 20) { nodes { at label actor } } } } }',
      ),
    ).toBeUndefined();
  });

  test('cost: a list without pages counts as many rows as it may answer with', async () => {
    const history = 'history(first: 50) { nodes { at label actor } }';
    expect(await codeOf(`{ previewCallsAgain(choice: {}) { ... on CallsAgainPreview { calls { call { ${history} } } } } }`)).toBe('QUERY_TOO_LARGE');
    expect(await codeOf(`{ buyerAccounts(first: 2) { nodes { servicesInArrears { ${history} } } } }`)).toBe('QUERY_TOO_LARGE');
    expect(await codeOf('{ previewCallsAgain(choice: {}) { ... on CallsAgainPreview { calls { again call { number } whyNot { code } } } } }')).toBeUndefined();
  });

  test('tokens: a long document is not parsed to its end', async () => {
    const long = `{ ${'viewer { id } '.repeat(2_000)} }`;
    expect((await api.ask(manager, long)).errors?.[0].message).toMatch(/more than 4000 tokens/);
  });

  test('a body over 4 MB is answered with a sentence, also when it does not say its length', async () => {
    const comment = 'x'.repeat(4 * 1024 * 1024);
    const body = JSON.stringify({ query: '{ viewer { id } }', variables: { comment } });
    const { status, errors } = await api.post(body, { authorization: `Bearer ${await aToken()}` });
    expect([status, errors?.[0]]).toEqual([413, { message: expect.stringMatching(/at most 4 MB/), extensions: { code: 'TOO_LARGE' } }]);
    const chunked = await fetch(`${api.base}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await aToken()}`, 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  test('a reason of 2 MB is a typed answer, the refusal is logged, and nothing was changed (ACT-2)', async () => {
    const { supervision } = await api.aPaidOrder();
    const answer = await api.command(buyer, 'fileAppeal', { supervisionId: supervision, expectedRevision: 1, reason: 'x'.repeat(2 * 1024 * 1024) });
    expect(answer).toMatchObject({ __typename: 'Invalid' });
    expect(answer.message.length).toBeLessThan(500);
    const { rows } = await api.pool.query('select r.code, i.revision from refusals r join instances i on i.id = r.instance_id where i.id = $1', [
      fromId(supervision)?.uuid,
    ]);
    expect(rows).toEqual([{ code: 'INVALID', revision: 1 }]);
  });

  test('in production nothing introspects and errors suggest no names; in development both help', async () => {
    const introspect = '{ __schema { queryType { name } } }';
    expect((await api.ask(manager, introspect)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    expect((await production.ask(manager, introspect)).errors?.[0].message).toMatch(/introspection/i);
    expect((await api.ask(manager, '{ order { id } viewr { id } }')).text).toMatch(/Did you mean/);
    expect((await production.ask(manager, '{ viewr { id } }')).text).not.toMatch(/Did you mean/);
    const input = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }';
    expect((await production.ask(buyer, input, { input: { produkt: 'x', product: 'y', idempotencyKey: 'k' } })).text).not.toMatch(/Did you mean/);
  });

  test('requests are not batched', async () => {
    const { status, errors } = await api.post(`[${viewer},${viewer}]`, { authorization: `Bearer ${await aToken()}` });
    expect([status, errors?.[0].message]).toEqual([400, expect.stringMatching(/batch/i)]);
  });
});

describe('browsers', () => {
  test('forms, plain text and multipart are refused: only JSON is read', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/graphql']) {
      const { status, errors } = await api.post('query={viewer{id}}', { authorization: `Bearer ${await aToken()}`, 'content-type': type });
      expect([status, errors?.[0].extensions.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
  });

  test('a GET needs a header that no other site can set, and never changes anything', async () => {
    const authorization = `Bearer ${await aToken()}`;
    const get = (query: string, headers: Record<string, string> = {}) =>
      fetch(`${api.base}/graphql?query=${encodeURIComponent(query)}`, { headers: { authorization, ...headers } });
    expect((await get('{ viewer { id } }')).status).toBe(403);
    expect((await get('{ viewer { id } }', { 'x-steward-csrf': '1' })).status).toBe(200);
    const orders = async () => (await api.ask(buyer, '{ orders { totalCount { value } } }')).data.orders.totalCount.value;
    const before = await orders();
    expect(
      (await get('mutation { placeOrder(input: { product: "image-basic", idempotencyKey: "get" }) { __typename } }', { 'x-steward-csrf': '1' })).status,
    ).toBe(405);
    expect(await orders()).toBe(before);
  });

  test('a page of another origin is refused, one of our own is not', async () => {
    const authorization = `Bearer ${await aToken()}`;
    for (const origin of ['https://evil.example', 'null', `${api.base}.evil.example`])
      expect((await api.post(viewer, { authorization, origin })).status).toBe(403);
    expect((await api.post(viewer, { authorization, origin: api.base })).status).toBe(200);
  });

  test('GraphiQL is a page in development only', async () => {
    const page = (base: string) => fetch(`${base}/graphql`, { headers: { accept: 'text/html' } });
    const answer = await page(api.base);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect((await page(production.base)).status).toBe(401);
  });
});

test('an unexpected error is masked, and logged under the id that the caller gets', async () => {
  const broken = await anApi({ core: { commit: { command: () => Promise.reject(new Error('secret detail')) } } });
  const { status, errors, text } = await broken.ask(buyer, 'mutation { placeOrder(input: { product: "x", idempotencyKey: "k" }) { __typename } }');
  expect([status, errors?.[0].extensions.code]).toEqual([500, 'UNEXPECTED']);
  expect(text).not.toContain('secret detail');
  expect(broken.lines.find(({ id }) => id === errors?.[0].extensions.id)).toMatchObject({ level: 50, err: { message: 'secret detail' } });
  await broken.stop();
});

test('time is never advanced in production, and elsewhere only by those who see the order', async () => {
  const advance =
    'mutation ($order: ID!) { sandboxAdvanceTime(order: $order, byMinutes: 1500) { ... on TimeAdvanced { fired effectsInFlight instance { stateName } } ... on Problem { code } } }';
  const { instance } = await api.command(buyer, 'placeOrder', { product: 'saas-activated' });
  expect((await api.ask({ ...buyer, id: 'buyer-b.wu' }, advance, { order: instance.id })).data.sandboxAdvanceTime).toEqual({ code: 'NOT_FOUND' });
  expect((await api.ask(buyer, advance, { order: instance.id })).data.sandboxAdvanceTime).toEqual({
    fired: ['unpaidTooLong'],
    effectsInFlight: 0,
    instance: { stateName: 'cancelled' },
  });
  const { instance: other } = await production.command(buyer, 'placeOrder', { product: 'saas-activated' });
  expect(await production.ask(manager, advance, { order: other.id })).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
});

test('health says alive without signing in, and ready while PostgreSQL answers, whatever Temporal does', async () => {
  expect(await (await fetch(`${api.base}/health/live`)).json()).toEqual({ ok: true });
  expect(await (await fetch(`${api.base}/health/ready`)).json()).toMatchObject({ ok: true, postgres: 'up', temporal: expect.stringContaining('down') });
  expect((await fetch(`${api.base}/nowhere`)).status).toBe(404);
});
