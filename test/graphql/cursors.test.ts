import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCursor } from '../../graphql/connection.ts';
import { toId } from '../../graphql/ids.ts';
import { aCommand, accepted, buyer, manager } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
const ids = { order: '', callBatch: '', buyerAccount: '', enterprise: '' };
beforeAll(async () => {
  api = await anApi();
  const opened = async (lifecycle: keyof typeof ids, command: string, input: Record<string, unknown>, actor = buyer) => {
    const { instance } = await accepted(api.commit.command(aCommand({ lifecycle, command, actor, input, reason: '说明' })));
    ids[lifecycle] = toId(lifecycle, instance);
  };
  await opened('order', 'placeOrder', { product: 'image-basic' });
  await opened('callBatch', 'callAgainInBulk', { calls: [randomUUID()] }, manager);
  await opened('buyerAccount', 'openBuyerAccount', {});
  await opened('enterprise', 'createEnterprise', { name: '甲公司', contactName: '李' });
});
afterAll(() => api.stop());

const lists = {
  orders: 'orders(after: $after) { nodes { id } }',
  lifecycles: 'lifecycles(before: $after, last: 2) { nodes { id } }',
  catalogue: 'catalogue(after: $after) { nodes { id } }',
  'lines of a bill': 'billLines(bill: "none", after: $after) { nodes { no } }',
  'obstacles to an exit': 'exitCheck(merchant: "merchant-a") { obstacles { records(after: $after) { nodes { id: number } } } }',
  'history of an order': 'node(id: $order) { ... on Lifecycle { history(after: $after) { nodes { revision } } } }',
  'calls of a bulk': 'node(id: $callBatch) { ... on CallBatch { items(after: $after) { nodes { code } } } }',
  'entries of an account': 'node(id: $buyerAccount) { ... on BuyerAccount { entries(after: $after) { nodes { event } } } }',
  'departments of an enterprise': 'node(id: $enterprise) { ... on Enterprise { departments(after: $after) { nodes { code } } } }',
};
const id = '01933333-3333-7333-8333-333333333333';
const foreign: (string | number)[][] = [
  [2 ** 53],
  [2 ** 31],
  [1e300, id],
  [0.5, id],
  [0, '-'.repeat(36)],
  [1e300, id, 1, 1],
  [0, id, 2 ** 31, 0],
  ['\u0000'],
  ['a', '\u0000'],
  [],
];

test.each(Object.entries(lists))('a cursor that no page of the list gave is refused with a sentence, never a fault of ours: %s', async (_name, field) => {
  const named = Object.keys(ids).filter((name) => field.includes(`$${name})`));
  const query = `query ($after: String${named.map((name) => `, $${name}: ID!`).join('')}) { ${field} }`;
  for (const place of foreign) {
    const { errors } = await api.ask(manager, query, { after: encodeCursor(place), ...ids });
    expect([place, errors?.[0]?.extensions?.code, errors?.[0]?.message]).toEqual([
      place,
      'BAD_PAGE',
      expect.stringMatching(/^expected a cursor that a page of this list gave, got "/),
    ]);
  }
});

test('text that PostgreSQL cannot hold is refused where it stands in a question, as a variable or written out', async () => {
  const ask = (search: string) => `{ orders(filter: { number: "${search}" }) { nodes { number } } }`;
  const refused = async (query: string, variables = {}) => {
    const { status, errors } = await api.ask(buyer, query, variables);
    return [status, errors?.[0].message, errors?.[0].extensions.code];
  };
  const expected = 'Expected text without NUL and with whole characters, at most 200 levels deep, got other at';
  expect(await refused(ask('OR\\u0000'))).toEqual([400, `${expected} character 27 of the query.`, 'BAD_INPUT']);
  const query = 'query ($filter: OrderFilter) { orders(filter: $filter) { nodes { number } } }';
  for (const number of ['OR\u0000', '\ud83d']) expect(await refused(query, { filter: { number } })).toEqual([400, `${expected} $filter.number.`, 'BAD_INPUT']);
  for (const raw of [ask('OR\u0000'), ask('""OR\u0000""')]) expect((await refused(raw))[2]).toBe('BAD_INPUT');
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const { status, errors } = await api.post(`{"query":"{ viewer { id } }","variables":{"deep":${deep}}}`, {
    authorization: `Bearer ${await api.tokenOf(buyer)}`,
  });
  expect([status, errors?.[0].extensions.code]).toEqual([400, 'BAD_INPUT']);
  expect((await api.ask(buyer, ask('OR\\u002d'))).errors).toBeUndefined();
});
