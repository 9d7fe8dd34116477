import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toId } from '../../graphql/ids.ts';
import { aFile, buyer, machine, manager, merchant, otherBuyer, otherMerchant, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const done = { __typename: expect.stringMatching(/(Changed|Done)$/), replayed: false, effectsWaiting: false };
const eventsOf = async (id: string) => (await api.pool.query('select count(*)::int as n from events where instance_id = $1', [id])).rows[0].n;
const lastRefusal = async (id: string) =>
  (await api.pool.query('select command, actor, code from refusals where instance_id = $1 order by no desc limit 1', [id])).rows[0];

test('an order goes from placement through delivery, review, return, appeal and decision to acceptance by typed mutations (ORD-4, SUP-2 to SUP-6)', async () => {
  const placed = await api.command(buyer, 'placeOrder', { product: 'saas-activated', scenario: 'baseCloud', period: { unit: 'year', count: 1 } });
  expect(placed).toMatchObject({ ...done, __typename: 'OrderChanged', revision: 1, instance: { stateName: 'pendingPayment' } });
  const orderId = placed.instance.id;
  expect(await api.command(machine, 'recordPayment', { orderId, amount: 120_000, means: 'card', reference: 'PAY-1', expectedRevision: 1 })).toMatchObject(done);
  const { data } = await api.ask(buyer, 'query ($id: ID!) { node(id: $id) { ... on Order { family { id lifecycle } } } }', { id: orderId });
  const supervisionId = data.node.family[0].id;
  const file = await aFile(api.pool, merchant);
  const on = { supervisionId, expectedRevision: null };
  expect(await api.command(merchant, 'uploadAcceptance', { ...on, files: [file], comment: '已开通 🎉', openedAt: null })).toMatchObject(done);
  expect(await api.command(reviewer, 'returnReview', { ...on, reason: '缺少签字' })).toMatchObject({ instance: { stateName: 'awaitingDelivery' } });
  expect(await api.command(merchant, 'uploadAcceptance', { ...on, files: [file] })).toMatchObject(done);
  expect(await api.command(reviewer, 'passReview', on)).toMatchObject({ instance: { stateName: 'awaitingAcceptance' } });
  expect(await api.command(buyer, 'returnDelivery', { ...on, reason: 'not what was agreed' })).toMatchObject(done);
  expect(await api.command(merchant, 'uploadAcceptance', { ...on, files: [file] })).toMatchObject(done);
  expect(await api.command(reviewer, 'passReview', on)).toMatchObject(done);
  expect(await api.command(buyer, 'fileAppeal', { ...on, reason: 'the service is down' })).toMatchObject(done);
  expect(await api.command(buyer, 'acceptDelivery', on)).toMatchObject({ __typename: 'Refused', code: 'FROZEN_BY_APPEAL', allowed: ['withdrawAppeal'] });
  expect(await api.command(buyer, 'withdrawAppeal', on)).toMatchObject(done);
  expect(await api.command(merchant, 'fileAppeal', { ...on, reason: 'the buyer is silent' })).toMatchObject(done);
  expect(await api.command(manager, 'decideAppeal', { ...on, decision: 'dismiss', reason: 'go on' })).toMatchObject(done);
  expect(await api.command(buyer, 'acceptDelivery', on)).toMatchObject({ ...done, instance: { stateName: 'accepted' } });
});

test('an unsupervised order is opened by its delivery call, its service instance renewed; an unpaid one is cancelled (ORD-4, ORD-5)', async () => {
  const { instance: order } = await api.command(buyer, 'placeOrder', { product: 'saas-instant', period: { unit: 'month', count: 1 } });
  const on = { orderId: order.id, expectedRevision: null };
  expect(await api.command(machine, 'recordPayment', { ...on, amount: 9_900, means: 'balance', reference: 'PAY-2' })).toMatchObject(done);
  expect(await api.command(machine, 'recordOpening', on)).toMatchObject({ ...done, instance: { stateName: 'completed' } });
  const { data } = await api.ask(buyer, 'query ($id: ID!) { node(id: $id) { ... on Order { family { id lifecycle } } } }', { id: order.id });
  const serviceInstanceId = data.node.family[0].id;
  expect(await api.command(manager, 'renewInstance', { serviceInstanceId, months: 2, reason: 'goodwill', expectedRevision: 1 })).toMatchObject(done);
  const { instance: unpaid } = await api.command(buyer, 'placeOrder', { product: 'image-basic' });
  expect(await api.command(buyer, 'cancelOrder', { orderId: unpaid.id, expectedRevision: 1 })).toMatchObject({ ...done, instance: { stateName: 'cancelled' } });
});

test('a command after the end is refused with the way out (SUP-10)', async () => {
  const { instance } = await api.command(buyer, 'placeOrder', { product: 'image-basic' });
  await api.command(buyer, 'cancelOrder', { orderId: instance.id, expectedRevision: null });
  const answer = await api.command(buyer, 'cancelOrder', { orderId: instance.id, expectedRevision: null });
  expect(answer).toMatchObject({ __typename: 'Refused', code: 'ENDED', state: 'cancelled', allowed: [] });
  expect(answer.message).toContain('support ticket');
});

test('a refusal says state, since when and what is possible instead; it is kept and changes nothing (ACT-2)', async () => {
  const { supervision, uuid } = await api.aPaidOrder();
  const before = await eventsOf(uuid.supervision);
  const answer = await api.command(buyer, 'acceptDelivery', { supervisionId: supervision, expectedRevision: 1 });
  expect(answer).toMatchObject({ __typename: 'Refused', code: 'WRONG_STATE', state: 'awaitingDelivery', allowed: ['remindMerchant', 'fileAppeal'] });
  expect(Date.parse(answer.since)).toBeGreaterThan(0);
  expect(await eventsOf(uuid.supervision)).toBe(before);
  expect(await lastRefusal(uuid.supervision)).toEqual({ command: 'acceptDelivery', actor: buyer.id, code: 'WRONG_STATE' });
});

test('a role that may not is told who may (ACT-1)', async () => {
  const { supervision } = await api.aPaidOrder();
  const answer = await api.command(buyer, 'passReview', { supervisionId: supervision, expectedRevision: null });
  expect(answer).toMatchObject({ __typename: 'Refused', code: 'ROLE_NOT_ALLOWED', message: '"Pass review" is done by Reviewer; you act as Buyer.' });
  expect(await api.command(merchant, 'placeOrder', { product: 'saas-activated' })).toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
});

test('a decision on an older revision is stale and says who changed what it is now', async () => {
  const { order } = await api.aPaidOrder();
  const answer = await api.command(buyer, 'cancelOrder', { orderId: order, expectedRevision: 1 });
  expect(answer).toMatchObject({ __typename: 'Stale', currentRevision: 2, currentState: 'processing', changedBy: 'payments' });
});

test('an omitted expectedRevision is an error, an explicit null opts out', async () => {
  const { supervision } = await api.aPaidOrder();
  const on = { supervisionId: supervision, reason: 'r' };
  expect(await api.command(buyer, 'fileAppeal', on)).toMatchObject({ __typename: 'Invalid', fields: [{ path: 'expectedRevision' }] });
  expect(await api.command(buyer, 'fileAppeal', { ...on, expectedRevision: null })).toMatchObject(done);
});

test('a missing or blank reason is named where one is required', async () => {
  const { supervision } = await api.aPaidOrder();
  for (const reason of [undefined, null, ' '])
    expect(await api.command(buyer, 'fileAppeal', { supervisionId: supervision, expectedRevision: null, reason })).toMatchObject({
      __typename: 'Invalid',
      fields: [{ path: 'reason', message: 'expected a reason, got none' }],
    });
});

test('control characters and broken characters are refused wherever they stand; emoji are kept', async () => {
  const { supervision, uuid } = await api.aPaidOrder();
  const on = { supervisionId: supervision, expectedRevision: null };
  for (const reason of ['a\u0000b', 'bell \u0007', '\ud800 alone'])
    expect(await api.command(buyer, 'fileAppeal', { ...on, reason })).toMatchObject({
      __typename: 'Invalid',
      fields: expect.arrayContaining([expect.objectContaining({ path: 'reason' })]),
    });
  expect(await api.command(buyer, 'placeOrder', { product: 'saas\u0000' })).toMatchObject({ __typename: 'Invalid', fields: [{ path: 'product' }] });
  expect(await api.command(buyer, 'placeOrder', { product: 'saas-activated', idempotencyKey: '\u0000' })).toMatchObject({ __typename: 'Invalid' });
  expect(await api.command(buyer, 'fileAppeal', { ...on, reason: '服务不可用 👩🏽‍💻\n第二行' })).toMatchObject(done);
  const { rows } = await api.pool.query("select reason from events where instance_id = $1 and type = 'fileAppeal'", [uuid.supervision]);
  expect(rows[0].reason).toBe('服务不可用 👩🏽‍💻\n第二行');
});

test('input that only the rules can judge comes back by field', async () => {
  const { instance } = await api.command(buyer, 'placeOrder', { product: 'saas-activated' });
  const answer = await api.command(machine, 'recordPayment', { orderId: instance.id, amount: 1, means: 'card', reference: ' ', expectedRevision: null });
  expect(answer).toMatchObject({ __typename: 'Invalid', code: 'INVALID', fields: [{ path: 'reference' }] });
  expect(
    await api.command(machine, 'recordPayment', { orderId: instance.id, amount: 2 ** 40, means: 'card', reference: 'x', expectedRevision: null }),
  ).toMatchObject({
    fields: [{ path: 'amount', message: expect.stringMatching(/^expected \d+ \(CNY, minor units\), got 1099511627776$/) }],
  });
});

test("another party's record answers byte for byte like one that does not exist (ACT-1)", async () => {
  const { supervision } = await api.aPaidOrder();
  const unknown = toId('supervision', randomUUID());
  const query = `mutation ($input: FileAppealInput!) { fileAppeal(input: $input) { __typename ... on Problem { code zh: message(language: zh) en: message(language: en) } } }`;
  const told = async (actor: typeof buyer, id: string) =>
    (await api.ask(actor, query, { input: { supervisionId: id, reason: 'r', expectedRevision: null, idempotencyKey: 'k' } })).text.replaceAll(id, 'ID');
  const expected = await told(otherBuyer, unknown);
  expect(JSON.parse(expected).data.fileAppeal.code).toBe('NOT_FOUND');
  for (const actor of [otherBuyer, otherMerchant]) expect(await told(actor, supervision)).toBe(expected);
  const read = async (actor: typeof buyer, id: string) => (await api.ask(actor, 'query ($id: ID!) { node(id: $id) { id } }', { id })).text;
  expect(await read(otherBuyer, supervision)).toBe(await read(otherBuyer, unknown));
  expect(await read(otherBuyer, supervision)).toBe('{"data":{"node":null}}');
});

test('an id that is malformed, of another lifecycle or a bare uuid is not found, and the refusal is kept', async () => {
  const { order, uuid } = await api.aPaidOrder();
  for (const supervisionId of ['', 'nonsense', '\u{1f600}', order, uuid.supervision, toId('nothing', uuid.supervision)])
    expect(await api.command(buyer, 'acceptDelivery', { supervisionId, expectedRevision: null })).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND' });
  for (const id of ['nonsense', uuid.order, toId('nothing', uuid.order)])
    expect(await api.command(manager, 'retryEffect', { id, effect: 'x', reason: 'r', expectedRevision: null })).toMatchObject({ __typename: 'NotFound' });
  const { rows } = await api.pool.query("select count(*)::int as n from refusals where instance_id is null and code = 'NOT_FOUND'");
  expect(rows[0].n).toBeGreaterThan(5);
});

test('fifty identical commands in parallel are done once and answered fifty times', async () => {
  const { supervision, uuid } = await api.aPaidOrder();
  const input = { supervisionId: supervision, reason: 'r', expectedRevision: 1, idempotencyKey: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.command(buyer, 'fileAppeal', input)));
  expect(new Set(answers.map(({ __typename, revision }) => `${__typename} ${revision}`))).toEqual(new Set(['SupervisionChanged 2']));
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await eventsOf(uuid.supervision)).toBe(2);
});

test('an opening command sent twenty times under one key opens one order', async () => {
  const input = { product: 'saas-activated', idempotencyKey: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.command(buyer, 'placeOrder', input)));
  expect(new Set(answers.map(({ instance }) => instance.id)).size).toBe(1);
});

test('a key that was used for something else is said to be', async () => {
  const idempotencyKey = randomUUID();
  await api.command(buyer, 'placeOrder', { product: 'saas-activated', idempotencyKey });
  expect(await api.command(buyer, 'placeOrder', { product: 'image-basic', idempotencyKey })).toMatchObject({ __typename: 'KeyReused', code: 'KEY_REUSED' });
});

test('an effect that gave up is retried by hand, once there is one (PRD-5)', async () => {
  const { supervision, uuid } = await api.aPaidOrder();
  const on = { id: supervision, reason: 'repaired', expectedRevision: null };
  expect(await api.command(manager, 'retryEffect', { ...on, effect: 'x' })).toMatchObject({ __typename: 'Refused', code: 'NOTHING_TO_RETRY' });
  await api.command(manager, 'fileAppeal', { supervisionId: supervision, reason: 'r', expectedRevision: null });
  const file = await aFile(api.pool, merchant);
  await api.command(merchant, 'uploadAcceptance', { supervisionId: supervision, files: [file], expectedRevision: null });
  await api.command(buyer, 'acceptDelivery', { supervisionId: supervision, expectedRevision: null });
  await api.ask(manager, 'mutation ($id: ID!) { sandboxAdvanceTime(order: $id, byMinutes: 30) { __typename } }', { id: supervision });
  const { data } = await api.ask(manager, 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { effects { key status } } } }', { id: supervision });
  expect(data.node.effects).toEqual([{ key: expect.stringContaining(uuid.supervision), status: 'open' }]);
  expect(await api.command(manager, 'retryEffect', { ...on, effect: data.node.effects[0].key })).toMatchObject({ ...done, __typename: 'RetryEffectDone' });
});

test('messages come in the language asked for, else in the request’s', async () => {
  const query = `mutation { cancelOrder(input: { orderId: "x", expectedRevision: null, idempotencyKey: "k" }) { ... on Problem { message en: message(language: en) } } }`;
  const { data } = await api.ask(buyer, query, {}, { 'accept-language': 'zh-CN,zh;q=0.9' });
  expect(data.cancelOrder).toEqual({ message: '找不到 x，或您无权查看。请核对编号。', en: 'x does not exist, or is not yours to see. Check the id.' });
});

test('several commands of one request are done in order, each seeing what the one before it changed', async () => {
  const { supervision } = await api.aPaidOrder();
  const { data } = await api.ask(
    buyer,
    `mutation ($id: ID!) {
      first: fileAppeal(input: { supervisionId: $id, reason: "r", expectedRevision: 1, idempotencyKey: "one" }) { ...told }
      second: withdrawAppeal(input: { supervisionId: $id, expectedRevision: 2, idempotencyKey: "two" }) { ...told }
    } fragment told on CommandDone { instance { frozen revision } }`,
    { id: supervision },
  );
  expect(data).toEqual({ first: { instance: { frozen: true, revision: 2 } }, second: { instance: { frozen: false, revision: 3 } } });
});
