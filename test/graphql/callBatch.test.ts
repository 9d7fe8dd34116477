import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromId, toId } from '../../graphql/ids.ts';
import { setPolicies } from '../faults/orders.ts';
import { callOf, key, month, order } from '../production/shops.ts';
import { buyer, manager, merchant, otherMerchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
const calls: Record<'calling' | 'stopped' | 'withdrawn' | 'theirs', string> = { calling: '', stopped: '', withdrawn: '', theirs: '' };
beforeAll(async () => {
  api = await anApi();
  await api.pool.query("update products set supervised = false where id = 'saas-activated-b'");
  for (const product of ['saas-instant', 'saas-activated-b'])
    await api.pool.query("insert into endpoints (product, generation, url, key, changed_by) values ($1, 'V1', 'http://127.0.0.1:9/', $2, 'test')", [
      product,
      key,
    ]);
  for (const name of Object.keys(calls) as (keyof typeof calls)[]) {
    const call = await callOf(api, await order(api, { product: name === 'theirs' ? 'saas-activated-b' : 'saas-instant', period: month }));
    calls[name] = call;
    if (name === 'calling') continue;
    const { rows } = await api.pool.query('select key, generation from effects where instance_id = $1', [call]);
    // the order fails, and takes back its call
    await api.commit.effectGaveUp({ instance: call, ...rows[0], exit: 'exhausted', error: { code: 'HTTP_503', message: 'away' } });
    if (name !== 'withdrawn') await api.pool.query("update instances set state = 'stopped', value = '\"stopped\"', final = false where id = $1", [call]);
  }
});
afterAll(() => api.stop());

const idOf = (call: string) => toId('productionCall', call);
const query = `query ($choice: CallChoiceInput!) { previewCallsAgain(choice: $choice) { __typename
  ... on CallsAgainPreview { chosen again running problem { code } merchants { merchant chosen again } refused { code count } calls { again call { id } whyNot { code } } }
  ... on Invalid { fields { path } } } }`;
const preview = async (by: typeof buyer, choice: Record<string, unknown>) => (await api.ask(by, query, { choice })).data?.previewCallsAgain;

test('a preview says which calls would be made again, of whom, and which not and why, by the rules of the command (PRD-5)', async () => {
  expect(await preview(manager, {})).toMatchObject({
    chosen: 2,
    again: 2,
    problem: null,
    merchants: [
      { merchant: 'merchant-a', chosen: 1, again: 1 },
      { merchant: 'merchant-b', chosen: 1, again: 1 },
    ],
    refused: [],
  });
  expect(await preview(manager, { states: ['calling', 'stopped'], code: 'HTTP_503', product: 'saas-instant' })).toMatchObject({ chosen: 1, again: 1 });
  const ids = [idOf(calls.withdrawn), idOf(calls.calling), randomUUID()];
  expect(await preview(manager, { calls: ids })).toMatchObject({
    chosen: 3,
    again: 1,
    refused: expect.arrayContaining([
      { code: 'ENDED', count: 1 },
      { code: 'NOT_FOUND', count: 1 },
    ]),
  });
  await api.pool.query(
    `insert into attempts (effect, no, instance_id, token, started_at, lease_until, outcome)
      select key, 1, instance_id, gen_random_uuid(), now(), now() + interval '1 minute', 'running' from effects where instance_id = $1 and status = 'open'`,
    [calls.calling],
  );
  expect(await preview(manager, { calls: [idOf(calls.calling)] })).toMatchObject({ chosen: 1, again: 0, running: 1 });
});

test('a merchant previews and starts a bulk of its own calls alone; nobody else sees it (ACT-1)', async () => {
  expect(await preview(merchant, {})).toMatchObject({ chosen: 1, merchants: [{ merchant: 'merchant-a' }] });
  expect(await preview(merchant, { merchant: 'merchant-b' })).toMatchObject({ chosen: 0, problem: { code: 'NO_CALLS_CHOSEN' } });
  expect(await preview(merchant, { calls: [idOf(calls.theirs), idOf(calls.stopped)] })).toMatchObject({
    again: 1,
    calls: expect.arrayContaining([
      { again: true, call: { id: idOf(calls.stopped) }, whyNot: null },
      { again: false, call: null, whyNot: { code: 'NOT_FOUND' } },
    ]),
  });
  const done = await api.command(merchant, 'callAgainInBulk', { calls: [idOf(calls.stopped), idOf(calls.theirs)], reason: '已修复' });
  expect(done.instance).toMatchObject({ stateName: 'sending' });
  const shown = `query ($id: ID!) { node(id: $id) { ... on CallBatch { progress { waiting succeeded } items { totalCount { value } nodes { outcome message call { id } } } } } }`;
  const { data } = await api.ask(merchant, shown, { id: done.instance.id });
  expect(data.node).toMatchObject({ progress: { waiting: 2, succeeded: 0 }, items: { totalCount: { value: 2 } } });
  expect(data.node.items.nodes.map(({ call }: { call: { id: string } | null }) => call?.id ?? null).sort()).toEqual([idOf(calls.stopped), null].sort());
  expect((await api.ask(otherMerchant, shown, { id: done.instance.id })).data.node).toBeNull();
  const { createReader } = await import('../../db/read/reader.ts');
  const rowsSeen = async (by: typeof buyer) =>
    (await createReader(api.readPool, by).rows({ text: 'select from call_batch_items where batch = $1', values: [fromId(done.instance.id)?.uuid] })).length;
  expect([await rowsSeen(otherMerchant), await rowsSeen(buyer), await rowsSeen(merchant)]).toEqual([0, 0, 2]);
});

test('more calls than a bulk may have are refused before anything is called, and a preview says so (PRD-5)', async () => {
  await setPolicies(api, { batchCalls: 1 }, 'callBatch');
  expect(await preview(manager, {})).toMatchObject({ chosen: 1, problem: { code: 'TOO_MANY_CALLS' } });
  expect(await api.command(manager, 'callAgainInBulk', { reason: 'all' })).toMatchObject({ __typename: 'Refused', code: 'TOO_MANY_CALLS' });
});

test('a choice that is wrong is answered field by field, and other roles have no preview', async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ calls: ['no id'] }, 'calls.0'],
    [{ calls: [], states: ['stopped'] }, 'calls'],
    [{ calls: [idOf(calls.stopped)], code: 'HTTP_503' }, 'calls'],
    [{ merchant: 'a\u0007' }, 'merchant'],
    [{ product: '' }, 'product'],
    [{ from: '2026-03-02T00:00:00Z', before: '2026-03-01T00:00:00Z' }, 'before'],
  ];
  for (const [choice, path] of wrong) expect(await preview(manager, choice)).toMatchObject({ __typename: 'Invalid', fields: [{ path }] });
  expect((await api.ask(buyer, query, { choice: {} })).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
});
