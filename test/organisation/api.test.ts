import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrganisation } from '../../activities/organisation.ts';
import { makeLink } from '../../db/organisation/invitations.ts';
import { setAppKey } from '../../db/organisation/keys.ts';
import { fromId, toId } from '../../graphql/ids.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { type Answer, type Api, anApi, secret } from '../graphql/api.ts';
import { aCommand, accepted, buyer, machine, manager, merchant, otherBuyer } from '../world.ts';
import { aReceiver } from './receiver.ts';
import { admin, appKey, product } from './world.ts';

let api: Api;
let receiver: Awaited<ReturnType<typeof aReceiver>>;
let enterprise: string;
let binding: string;
const stranger: Actor = { id: 'wu', role: 'enterpriseAdmin', party: 'buyer-b' };

async function ask({ id, role, party }: Actor, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const token = await new SignJWT({ role, ...(party ? { party } : {}) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setAudience('steward')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  return api.post(JSON.stringify({ query, variables }), { authorization: `Bearer ${token}` });
}

/** Does the open effect of an instance as its worker would, one try. */
async function work(instance: string): Promise<boolean> {
  const { rows } = await api.pool.query("select key, name, params, generation from effects where instance_id = $1 and status = 'open'", [instance]);
  const [effect] = rows;
  if (!effect) return false;
  const outsides: Record<string, { send: (sending: never) => Promise<Record<string, unknown>> }> = {
    ...createOrganisation({ pool: api.pool, send: receiver.send }),
    callMerchant: { send: async () => ({ instanceId: 'made', frontEndUrl: null, adminUrl: null, inProgress: false }) },
    provisionEnterprise: { send: async () => ({ tenantId: 'T-1', tenantCode: 'T1' }) },
  };
  const sending = { instance, params: effect.params, idempotencyKey: effect.key, signal: AbortSignal.timeout(10_000), record() {} };
  const result = await outsides[effect.name]?.send(sending as never);
  const { lifecycle } = (await api.pool.query('select lifecycle from instances where id = $1', [instance])).rows[0];
  await api.commit.effectSucceeded({ instance, lifecycle, key: effect.key, generation: effect.generation, no: 1, result });
  return true;
}

const send = (actor: Actor, mutation: string, input: Record<string, unknown>) =>
  ask(
    actor,
    `mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { __typename ... on CommandDone { instance { id } } ... on Problem { code } } }`,
    { input: { idempotencyKey: crypto.randomUUID(), ...input } },
  ).then(({ data, text }) => data?.[mutation] ?? text);

beforeAll(async () => {
  [api, receiver] = await Promise.all([anApi(), aReceiver()]);
  await api.pool.query(
    "insert into endpoints (product, generation, url, key, changed_by) values ($1, 'V2', 'https://merchant.example.com', 'key', 'merchant-a.zhao')",
    [product],
  );
  await setAppKey(api.pool, { product, publicKey: appKey.publicKey, by: 'merchant-a.zhao' });
  enterprise = (await send(buyer, 'createEnterprise', { name: '甲公司', contactName: '李' })).instance.id;
  await work(fromId(enterprise)?.uuid ?? '');
  const members = ['a', 'b', 'c'].map((userName) => ({ userName, name: userName, department: 'sales' }));
  await send(admin, 'createDepartment', { enterpriseId: enterprise, expectedRevision: null, department: 'sales', name: '销售部', parent: 'root' });
  await send(admin, 'addMembers', { enterpriseId: enterprise, expectedRevision: null, members });
  await send(admin, 'createGroup', { enterpriseId: enterprise, expectedRevision: null, group: 'g', name: '项目组' });
  await send(admin, 'addToGroup', { enterpriseId: enterprise, expectedRevision: null, group: 'g', userNames: ['c'] });
  const order = (
    await accepted(
      api.commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product, period: { unit: 'year', count: 1 } } })),
    )
  ).instance;
  const { amount } = (await api.pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [order])).rows[0];
  const paid = { amount, means: 'balance', reference: 'PAY-1' };
  await accepted(api.commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input: paid })));
  await work((await api.pool.query("select id from instances where lifecycle = 'productionCall'")).rows[0].id);
  const service = (await api.pool.query("select id from instances where lifecycle = 'serviceInstance'")).rows[0].id;
  binding = (await send(admin, 'bindApp', { enterprise, serviceInstance: toId('serviceInstance', service) })).instance.id;
  const uuid = fromId(binding)?.uuid ?? '';
  while (await work(uuid));
  await send(admin, 'authoriseApp', { appBindingId: binding, expectedRevision: null, departments: ['sales'], licenceAgreed: true });
  while (await work(uuid));
  // not yet told to the app
  await send(admin, 'moveMembers', { enterpriseId: enterprise, expectedRevision: null, userNames: ['b'], department: 'root' });
}, 60_000);
afterAll(async () => {
  await api.stop();
  await receiver.stop();
});

test('ORG-6: the tree, its members and groups are read by pages', async () => {
  const { data } = await ask(
    admin,
    `query ($id: ID!) { node(id: $id) { ... on Enterprise {
      context { name tenantId admins { person } }
      departments { nodes { code name parent members } }
      members(department: "sales", first: 1) { nodes { userName } pageInfo { hasNextPage endCursor } }
      ofGroup: members(group: "g") { nodes { userName department } }
      groups { nodes { code name members } } } } }`,
    { id: enterprise },
  );
  expect(data.node).toMatchObject({
    context: { name: '甲公司', tenantId: 'T-1', admins: [{ person: 'buyer-a.li' }] },
    departments: {
      nodes: [
        { code: 'root', name: '甲公司', parent: null, members: 2 },
        { code: 'sales', name: '销售部', parent: 'root', members: 2 },
      ],
    },
    members: { nodes: [{ userName: 'a' }], pageInfo: { hasNextPage: true } },
    ofGroup: { nodes: [{ userName: 'c', department: 'sales' }] },
    groups: { nodes: [{ code: 'g', name: '项目组', members: 1 }] },
  });
  const next = await ask(
    admin,
    'query ($id: ID!, $after: String) { node(id: $id) { ... on Enterprise { members(department: "sales", first: 1, after: $after) { nodes { userName } pageInfo { hasNextPage } } } } }',
    { id: enterprise, after: data.node.members.pageInfo.endCursor },
  );
  expect(next.data.node.members).toEqual({ nodes: [{ userName: 'c' }], pageInfo: { hasNextPage: false } });
  // ORG-6: the first member is prefilled from the creator
  const first = await ask(
    admin,
    'query ($id: ID!) { node(id: $id) { ... on Enterprise { members(department: "root", last: 1) { nodes { userName name role mail } } } } }',
    { id: enterprise },
  );
  expect(first.data.node.members.nodes).toEqual([{ userName: 'buyer-a.li', name: '李', role: 'admin', mail: 'buyer-a@example.com' }]);
});

test('ORG-2, ORG-4: each user’s state, and who may log in: a withdrawn authorisation counts before the app is told of it', async () => {
  const query = `query ($id: ID!) { node(id: $id) { ... on AppBinding { state
    authorisations { nodes { kind subject grantedBy } }
    users { totalCount { value } nodes { userName state authorised calls } }
    pending: users(state: pending) { nodes { userName } }
    a: loginProblem(userName: "a") { code } b: loginProblem(userName: "b") { code } nobody: loginProblem(userName: "x") { code message } } } }`;
  const { data } = await ask(admin, query, { id: binding });
  expect(data.node).toEqual({
    state: 'syncingUsers',
    authorisations: { nodes: [{ kind: 'department', subject: 'sales', grantedBy: 'buyer-a.li' }] },
    users: {
      totalCount: { value: 3 },
      nodes: [
        { userName: 'a', state: 'authorised', authorised: true, calls: 1 },
        { userName: 'b', state: 'pending', authorised: false, calls: 1 },
        { userName: 'c', state: 'authorised', authorised: true, calls: 1 },
      ],
    },
    pending: { nodes: [{ userName: 'b' }] },
    a: null,
    b: { code: 'USER_NOT_AUTHORISED' },
    nobody: { code: 'USER_NOT_AUTHORISED', message: expect.stringContaining('x is not authorised') },
  });
  await send(admin, 'disableApp', { appBindingId: binding, expectedRevision: null });
  expect((await ask(admin, query, { id: binding })).data.node.a).toEqual({ code: 'APP_DISABLED' });
});

test('ACT-1, ORG-3: who sees an enterprise and what of its people', async () => {
  const seen = async (actor: Actor) => {
    const { data, errors } = await ask(
      actor,
      'query ($e: ID!, $b: ID!) { e: node(id: $e) { id } b: node(id: $b) { id } enterprises { nodes { number } } orders { nodes { number } } }',
      { e: enterprise, b: binding },
    );
    const people = await ask(actor, 'query ($b: ID!) { node(id: $b) { ... on AppBinding { users { nodes { userName } } } } }', { b: binding });
    return errors
      ? errors[0].message
      : [
          data.e !== null,
          data.b !== null,
          data.enterprises.nodes.length,
          data.orders.nodes.length,
          people.data?.node?.users.nodes.length ?? people.errors?.[0]?.extensions?.code ?? null,
        ];
  };
  expect({
    'its administrator: no orders': await seen(admin),
    'its buyer': await seen(buyer),
    'the app’s merchant: the binding, not the people': await seen(merchant),
    operations: await seen(manager),
    'another buyer': await seen(otherBuyer),
    'an administrator of another buyer': await seen(stranger),
  }).toEqual({
    'its administrator: no orders': [true, true, 1, 0, 3],
    'its buyer': [true, true, 1, 1, 3],
    'the app’s merchant: the binding, not the people': [false, true, 0, 1, 'FORBIDDEN'],
    operations: [true, true, 1, 1, 3],
    'another buyer': [false, false, 0, 0, null],
    'an administrator of another buyer': [false, false, 0, 0, null],
  });
});

test('ORG-1: a merchant sets the key of its own product, RSA of at least 3,072 bits', async () => {
  const answer = async (actor: Actor, of: string, publicKey: string) => {
    const { data, errors } = await ask(
      actor,
      'mutation ($input: SetAppKeyInput!) { setAppKey(input: $input) { __typename ... on Invalid { fields { path message } } } }',
      {
        input: { product: of, publicKey },
      },
    );
    return errors?.[0]?.extensions?.code ?? data.setAppKey.fields?.[0].message ?? data.setAppKey.__typename;
  };
  const pem = (key: { publicKey: KeyObject }) => key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const aPrivateKey = appKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect({
    'its own': await answer(merchant, product, appKey.publicKey),
    'by operations': await answer(manager, product, appKey.publicKey),
    'of another merchant': await answer(merchant, 'saas-activated-b', appKey.publicKey),
    'by a buyer': await answer(buyer, product, appKey.publicKey),
    'too short': await answer(merchant, product, pem(generateKeyPairSync('rsa', { modulusLength: 2_048 }))),
    'of another kind': await answer(merchant, product, pem(generateKeyPairSync('ed25519'))),
    'no key': await answer(merchant, product, 'hello'),
    'a private key': await answer(merchant, product, aPrivateKey),
    'of a product with a NUL': await answer(merchant, `${product}\u0000`, appKey.publicKey),
  }).toEqual({
    'its own': 'AppKeySet',
    'by operations': 'AppKeySet',
    'of another merchant': 'NotFound',
    'by a buyer': 'FORBIDDEN',
    'too short': 'expected an RSA key of at least 3072 bits, got 2048',
    'of another kind': 'expected an RSA public key, got ed25519',
    'no key': 'expected an RSA public key as PEM (-----BEGIN PUBLIC KEY-----), got "hello"',
    'a private key': 'expected an RSA public key as PEM (-----BEGIN PUBLIC KEY-----), got a private key, of which nothing was kept',
    'of a product with a NUL': 'expected text without control characters and with whole characters',
  });
});

test('ORG-3: the link’s holder accepts through the API, and acts for the enterprise from then on', async () => {
  const invitation = (await send(admin, 'inviteAdmin', { enterprise, account: 'buyer-b', mail: 'wu@example.com' })).instance.id;
  const uuid = fromId(invitation)?.uuid ?? '';
  const { rows } = await api.pool.query("select key, generation from effects where instance_id = $1 and status = 'open'", [uuid]);
  const token = await makeLink(api.pool, { invitation: uuid, round: rows[0].key });
  await api.commit.effectSucceeded({ instance: uuid, lifecycle: 'adminInvitation', key: rows[0].key, generation: rows[0].generation, no: 1, result: {} });
  const accept = (actor: Actor, given: string) =>
    ask(
      actor,
      'mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename ... on CommandDone { revision } ... on Problem { code } } }',
      {
        input: { idempotencyKey: crypto.randomUUID(), adminInvitationId: invitation, expectedRevision: null, token: given },
      },
    ).then(({ data }) => data.acceptInvitation);
  expect(await accept(otherBuyer, 'a guess of somebody who has no mail')).toEqual({ __typename: 'NotFound', code: 'NOT_FOUND' });
  expect(await accept(otherBuyer, token)).toMatchObject({ __typename: 'AdminInvitationChanged' });
  const edit = { enterpriseId: enterprise, expectedRevision: null, group: 'h', name: '新群组' };
  expect((await send({ ...stranger, id: otherBuyer.id, party: 'buyer-a' }, 'createGroup', edit)).__typename).toBe('EnterpriseChanged');
});
