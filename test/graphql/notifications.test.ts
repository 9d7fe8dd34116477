import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../log.ts';
import { startDelivery } from '../../notifications/delivery.ts';
import { captured, Undeliverable } from '../../notifications/transport.ts';
import { fileAppeal } from '../faults/orders.ts';
import { eventually } from '../worker.ts';
import { accepted, buyer, manager, merchant, otherBuyer, otherMerchant, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
let delivery: ReturnType<typeof startDelivery>;
let refuses = true;
beforeAll(async () => {
  api = await anApi();
  const log = createLog('test', { level: 'silent' });
  const sms = captured('sms', log);
  const send: typeof sms.send = async (message, signal) => {
    if (refuses) throw new Undeliverable('no such number');
    return sms.send(message, signal);
  };
  delivery = startDelivery({ pool: api.pool, transports: [captured('mail', log), { ...sms, send }], baseUrl: null, everyMs: 10, onError: () => {} });
});
afterAll(async () => {
  await delivery.stop();
  await api.stop();
});

const list = `{ notifications(first: 10) { nodes { id event eventLabel topic topicLabel(language: zh) subject role party times readAt instance { number } } totalCount { value exact } } }`;
const listOf = async (actor: typeof buyer) => {
  const { data, errors } = await api.ask(actor, list);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.notifications;
};

/** An appealed order of the example buyer and merchant; everything about it is delivered. */
async function anAppealedOrder() {
  const placed = await api.aPaidOrder();
  await accepted(api.commit.command({ ...fileAppeal(placed.uuid.supervision), reason: '服务无法登录' }));
  await eventually(
    () =>
      api.pool.query("select (select count(*) from outbox where dispatched_at is null) + (select count(*) from deliveries where state = 'waiting') as open"),
    ({ rows }) => rows[0].open === 0,
  );
  return placed;
}

test('each sees in-app what was told to its own role and party, at once and in its language (NOT-1, ACT-1)', async () => {
  await anAppealedOrder();
  const [ofBuyer, ofMerchant, ofManager] = [await listOf(buyer), await listOf(merchant), await listOf(manager)];
  expect(ofBuyer.nodes[0]).toMatchObject({
    event: 'fileAppeal',
    eventLabel: 'File an appeal',
    subject: expect.stringMatching(/^\[Marketplace\] OR-\d{4}-\d+ An appeal was filed/),
    role: 'buyer',
    party: 'buyer-a',
    times: 1,
    readAt: null,
    instance: { number: expect.stringMatching(/^SV-/) },
  });
  expect(ofMerchant.nodes.map(({ event }: { event: string }) => event)).toEqual(expect.arrayContaining(['fileAppeal', 'recordPayment']));
  expect(ofManager.nodes[0]).toMatchObject({ event: 'fileAppeal', role: 'operationsManager', party: null });
  for (const [{ role, party }, { nodes }] of [
    [buyer, ofBuyer],
    [merchant, ofMerchant],
    [manager, ofManager],
  ] as const)
    expect(nodes.every((one: { role: string; party: string | null }) => one.role === role && one.party === party)).toBe(true);
  for (const stranger of [otherBuyer, otherMerchant, reviewer]) expect(await listOf(stranger)).toEqual({ nodes: [], totalCount: { value: 0, exact: true } });
});

test('read is read by a person, not by its party, and only of what was told to it', async () => {
  await anAppealedOrder();
  const [first] = (await listOf(buyer)).nodes;
  const mark = 'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) { marked unread } }';
  const unread = async (actor: typeof buyer) =>
    (await api.ask(actor, '{ notifications(unread: true) { totalCount { value } } }')).data.notifications.totalCount.value;
  const before = await unread(buyer);
  expect((await api.ask(merchant, mark, { ids: [first.id] })).data.markNotificationsRead.marked).toBe(0);
  expect((await api.ask(buyer, mark, { ids: [first.id, 'bm9uc2Vuc2U', first.id] })).data.markNotificationsRead).toEqual({ marked: 1, unread: before - 1 });
  expect((await api.ask(buyer, mark, { ids: [first.id] })).data.markNotificationsRead.marked).toBe(0);
  expect((await listOf(buyer)).nodes[0].readAt).toMatch(/^20/);
  const { rows } = await api.pool.query('select distinct person from notification_reads');
  expect(rows).toEqual([{ person: buyer.id }]);
  const { errors } = await api.ask(buyer, mark, { ids: Array(101).fill(first.id) });
  expect(errors?.[0].message).toBe('expected at most 100 ids, got 101');
});

test('pages go by cursor, newest first, both ways; a foreign cursor is refused', async () => {
  await anAppealedOrder();
  const ask = async (args: string) =>
    (await api.ask(merchant, `{ notifications(${args}) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } }`)).data?.notifications;
  const all = await ask('first: 100');
  const ids = all.edges.map(({ node }: { node: { id: string } }) => node.id);
  expect(ids.length).toBeGreaterThan(3);
  const second = await ask(`first: 2, after: "${all.edges[0].cursor}"`);
  expect(second.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(ids.slice(1, 3));
  expect(second.pageInfo).toEqual({ hasNextPage: ids.length > 3, hasPreviousPage: true });
  const back = await ask(`last: 2, before: "${all.edges[3].cursor}"`);
  expect(back.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(ids.slice(1, 3));
  const { errors } = await api.ask(merchant, `{ notifications(after: "${Buffer.from('["x"]').toString('base64url')}") { nodes { id } } }`);
  expect(errors?.[0].extensions.code).toBe('BAD_PAGE');
});

test('what became of each message is seen by its receiver and by operators, and operators try again what failed (NOT-1)', async () => {
  const { supervision } = await anAppealedOrder();
  const about = `query ($id: ID!) { node(id: $id) { ... on Lifecycle { notifications { role deliveries { id channel address state error attempts content { short } } } } } }`;
  const seen = async (actor: typeof buyer) =>
    (await api.ask(actor, about, { id: supervision })).data.node.notifications as {
      role: string;
      deliveries: { id: string; channel: string; state: string }[];
    }[];
  expect((await seen(buyer)).map(({ role }) => role)).toEqual(['buyer']);
  expect((await seen(manager)).map(({ role }) => role).sort()).toEqual(['buyer', 'merchant', 'operationsManager']);
  expect((await seen(buyer))[0]?.deliveries).toMatchObject([
    { channel: 'mail', address: 'buyer-a@example.com', state: 'captured', error: null, content: { short: expect.stringMatching(/^【云商店】OR-/) } },
    { channel: 'sms', address: '+8610000000001', state: 'failed', error: 'no such number', attempts: 1 },
  ]);
  expect((await seen(manager)).find(({ role }) => role === 'operationsManager')?.deliveries).toMatchObject([
    { channel: 'mail', address: null, state: 'noAddress' },
    { channel: 'sms', address: null, state: 'noAddress' },
  ]);
  const troubled = await api.ask(manager, '{ deliveries(first: 100, state: [failed]) { nodes { id state notification { subject } content { text } } } }');
  const ids = troubled.data.deliveries.nodes.map(({ id }: { id: string }) => id);
  expect(ids.length).toBeGreaterThan(1);
  expect((await api.ask(manager, '{ deliveries(state: [sent]) { nodes { id } } }')).errors?.[0].extensions.code).toBe('BAD_FILTER');
  const own = await api.ask(buyer, '{ deliveries(first: 100) { nodes { address } } }');
  expect(new Set(own.data.deliveries.nodes.map(({ address }: { address: string }) => address))).toEqual(new Set(['+8610000000001']));
  const retry = 'mutation ($ids: [ID!]!) { retryDeliveries(ids: $ids) { retried } }';
  expect((await api.ask(buyer, retry, { ids })).errors?.[0].extensions.code).toBe('FORBIDDEN');
  refuses = false;
  expect((await api.ask(manager, retry, { ids })).data.retryDeliveries.retried).toBe(ids.length);
  await eventually(
    () => seen(buyer),
    ([one]) => one?.deliveries.every(({ state }) => state === 'captured') ?? false,
  );
});

test('a party names its receivers by topic and gets back the account when it names none; bad addresses are named (ACT-3)', async () => {
  const set = `mutation ($input: SetMessageReceiversInput!) { setMessageReceivers(input: $input) {
    __typename ... on MessageReceiversSet { topic { topic receivers { channel address language usual } } } ... on Invalid { fields { path message } } } }`;
  const send = async (actor: typeof buyer, receivers: object[]) =>
    (await api.ask(actor, set, { input: { topic: 'disputes', receivers } })).data.setMessageReceivers;
  const account = [
    { channel: 'mail', address: 'buyer-b@example.com', language: 'en', usual: true },
    { channel: 'sms', address: '+8610000000002', language: 'en', usual: true },
  ];
  const read = async (actor: typeof buyer) =>
    (await api.ask(actor, '{ messageReceivers { topic receivers { channel address language usual } } }')).data.messageReceivers.find(
      ({ topic }: { topic: string }) => topic === 'disputes',
    ).receivers;
  expect(await read(otherBuyer)).toEqual(account);
  const legal = { channel: 'mail', address: 'legal@example.com', language: 'zh' };
  expect((await send(otherBuyer, [legal])).topic.receivers).toEqual([{ ...legal, usual: false }, account[1]]);
  expect((await send(otherBuyer, [{ ...legal, language: 'en' }])).topic.receivers[0]).toEqual({ ...legal, language: 'en', usual: false });
  expect(await read(buyer)).not.toContainEqual(expect.objectContaining({ address: 'legal@example.com' }));
  const bad = await send(otherBuyer, [
    { ...legal, address: 'a@example.com\r\nBcc: b@example.com' },
    { channel: 'sms', address: '12 34', language: 'zh' },
    legal,
    legal,
  ]);
  expect(bad.fields.map(({ path }: { path: string }) => path)).toEqual(['receivers.0.address', 'receivers.1.address', 'receivers.3.address']);
  expect(
    (
      await send(
        otherBuyer,
        Array.from({ length: 21 }, (_, n) => ({ ...legal, address: `n${n}@example.com` })),
      )
    ).fields[0].message,
  ).toBe('expected at most 20, got 21');
  expect((await send(otherBuyer, [])).topic.receivers).toEqual(account);
  const { rows } = await api.pool.query("select address, removed_by from receivers where party = 'buyer-b' order by id");
  expect(rows).toEqual(Array(2).fill({ address: 'legal@example.com', removed_by: otherBuyer.id }));
});
