import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCounting } from '../../db/inbound/counting.ts';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import { toId } from '../../graphql/ids.ts';
import { refused, unavailable } from '../../lifecycles/problem.ts';
import { merchant } from '../world.ts';
import { anInbound, aRecord, type Key } from './caller.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
});
afterAll(() => api.stop());

type Decide = (request: CommandRequest, revision: number) => Promise<Answer>;
const done: Decide = async ({ instance }, revision) => ({ ok: true, instance: instance as string, revision, replayed: false });

/** Counts as the rules would; what reached them, in order. */
function counted(decide: Decide = done) {
  const seen: CommandRequest[] = [];
  const counting = createCounting({ pool: api.pool, commit: { command: async (request) => decide(request, seen.push(request)) } });
  return { seen, ...counting };
}
const numbers = (seen: CommandRequest[]) => seen.map(({ input }) => (input as { meteringId: string }).meteringId);
const push = (usageRecords: unknown[]) => api.byNonce(key, 'usage/push', { usageRecords });

test('each record reaches its instance once and in order, whichever processes count, however often it was pushed (MET-1, MET-3)', async () => {
  const services = [await api.anInstance(), await api.anInstance()];
  const records = Array.from({ length: 60 }, (_, no) => aRecord((services[no % 2] as (typeof services)[0]).merchantInstance, { usageValue: '2.5000' }));
  await push(records);
  await push(records);
  const { seen, run } = counted();
  const ran = await Promise.all([run(), run(), run()]);
  expect(ran.reduce((sum, one) => sum + one, 0)).toBe(60);
  for (const { id, merchantInstance } of services) {
    const ours = records.filter(({ instanceId }) => instanceId === merchantInstance).map(({ meteringId }) => meteringId);
    expect(numbers(seen.filter(({ instance }) => instance === id))).toEqual(ours);
  }
  expect(seen[0]).toMatchObject({ lifecycle: 'serviceInstance', command: 'recordUsage', actor: { role: 'system' }, input: { usage: '2.5' } });
  expect(new Set(seen.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(60);
  expect(await run()).toBe(0);
});

test('a record that cannot be counted now waits with those behind it; other instances go on; a crash in between counts once', async () => {
  const [busy, free] = [await api.anInstance(), await api.anInstance()];
  const records = [busy, busy, free].map(({ merchantInstance }) => aRecord(merchantInstance));
  await push(records);
  const first = counted(async (request, revision) => (request.instance === busy.id ? { ok: false, problem: unavailable('busy') } : done(request, revision)));
  expect(await first.run()).toBe(1);
  // the command was committed, and the process died before it could note it
  const dying = counted(async () => {
    throw new Error('killed');
  });
  await expect(dying.run()).rejects.toThrow('killed');
  const second = counted();
  expect(await second.run()).toBe(2);
  expect(numbers(second.seen)).toEqual(records.slice(0, 2).map(({ meteringId }) => meteringId));
  // the same key again: the log answers it as a repetition
  expect(second.seen[0]?.idempotencyKey).toBe(dying.seen[0]?.idempotencyKey);
});

test('what the rules refuse is shown to the merchant with why, and does not block what follows', async () => {
  const service = await api.anInstance();
  const records = [aRecord(service.merchantInstance), aRecord(service.merchantInstance)];
  await push(records);
  const ended = refused('ENDED', { number: service.number }, 'released');
  const { run } = counted(async (request, revision) => (revision === 1 ? { ok: false, problem: ended } : done(request, revision)));
  expect(await run()).toBe(2);
  const query = `query ($id: ID!) { usageRecords(instance: $id) { nodes { meteringId state code message } } }`;
  const { data } = await api.ask(merchant, query, { id: toId('serviceInstance', service.id) });
  expect(data.usageRecords.nodes).toMatchObject([
    { meteringId: records[1]?.meteringId, state: 'counted', code: null },
    { meteringId: records[0]?.meteringId, state: 'refused', code: 'ENDED', message: expect.stringContaining(service.number) },
  ]);
});
