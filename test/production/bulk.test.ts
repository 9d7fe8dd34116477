import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExampleMerchant } from '../../examples/merchant/server.ts';
import type { ItemOutcome } from '../../lifecycles/callBatch/context.ts';
import { aMerchant, type Given, put } from '../exit/merchants.ts';
import { expectChainsToHold, setPolicies, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, manager, numberOf } from '../world.ts';
import { aShop, callOf, month, newest, order } from './shops.ts';

type Shop = Awaited<ReturnType<typeof aMerchant>> & { server: ExampleMerchant; service: string };
let database: Database;
let engine: Engine;
const shops: Shop[] = [];

/** Two merchants whose services can be renewed; a renewal that fails has one try, so that it stops at once. */
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
  await setPolicies(database, { renewAttempts: 1 }, 'productionCall');
  await setPolicies(database, { batchPerMerchant: 2 }, 'callBatch');
  for (const name of ['bulk-a', 'bulk-b']) {
    const made = await aMerchant(database, name);
    await database.pool.query("update products set access_type = 'SaaS' where id = $1", [made.product]);
    const server = await aShop(database, { products: [made.product] });
    shops.push({ ...made, server, service: '' });
  }
});
afterAll(async () => {
  await engine.stop();
  await Promise.all(shops.map(({ server }) => server.stop()));
  await database.drop();
});

/** Renewals whose calls have stopped. @returns the orders with their calls */
async function stoppedRenewals({ product, server }: Shop, count: number): Promise<{ renewal: string; call: string }[]> {
  server.switches.set([{ do: 'status', status: 500, activity: 'refreshInstance' }]);
  const made = Array.from({ length: count }, async () => {
    const purchase = await order(database, { product, period: month });
    await untilState(database, purchase, 'completed');
    const instance = await newest(database, 'serviceInstance', 'order', purchase);
    const renewal = await order(database, { product, kind: 'renewal', instance, period: month });
    const call = await callOf(database, renewal);
    await untilState(database, call, 'stopped');
    return { renewal, call };
  });
  const all = await Promise.all(made);
  server.switches.set([]);
  return all;
}

const inBulk = (by: Parameters<typeof put>[1], input: Record<string, unknown>, given: Given = {}) =>
  put(database, by, 'callBatch', 'callAgainInBulk', null, { input, reason: '接口已修复', ...given });
const itemsOf = async (batch: string) =>
  (await database.pool.query('select call, state, code from call_batch_items where batch = $1 order by no', [batch])).rows as {
    call: string;
    state: ItemOutcome;
    code: string | null;
  }[];
const refreshes = ({ server }: Shop) => server.calls.filter(({ activity }) => activity === 'refreshInstance').length;

test('a bulk makes every chosen call again, a few of each merchant at a time, and says of each what became of it (PRD-5)', async () => {
  const [a, b] = shops as [Shop, Shop];
  const [ofA, ofB] = await Promise.all([stoppedRenewals(a, 5), stoppedRenewals(b, 2)]);
  // one is done by hand before, and one merchant's server still fails
  const first = ofA[0] as { renewal: string; call: string };
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: first.call, command: 'callAgain', actor: a.person })));
  await untilState(database, first.renewal, 'completed');
  b.server.switches.set([{ do: 'code', resultCode: '000005', activity: 'refreshInstance' }]);
  const calls = [...ofA, ...ofB].map(({ call }) => call);
  const unknown = randomUUID();
  const { instance: batch } = await accepted(inBulk(manager, { calls: [...calls, unknown] }));
  await untilState(database, batch, 'ended');
  const items = await itemsOf(batch);
  const outcomeOf = (call: string) => items.find((item) => item.call === call);
  expect(outcomeOf(first.call)).toMatchObject({ state: 'succeededMeanwhile' });
  for (const { call } of ofA.slice(1)) expect(outcomeOf(call)).toMatchObject({ state: 'succeeded', code: '000000' });
  for (const { call } of ofB) expect(outcomeOf(call)).toMatchObject({ state: 'failed', code: '000005' });
  expect(outcomeOf(unknown)).toMatchObject({ state: 'refused', code: 'NOT_FOUND' });
  const { rows } = await database.pool.query("select context -> 'counts' as counts, context -> 'chosen' as chosen from instances where id = $1", [batch]);
  expect(rows[0]).toEqual({ counts: { succeeded: 4, failed: 2, refused: 1, alreadyRunning: 0, succeededMeanwhile: 1 }, chosen: 8 });
  for (const { renewal } of ofA) {
    await untilState(database, renewal, 'completed');
    expect(a.server.effectsOf({ activity: 'refreshInstance', orderId: await numberOf(database, renewal) })).toBe(1);
  }
  await expectChainsToHold(database);
  b.server.switches.set([]);
});

test('a merchant chooses among its own calls, and another’s ids are answered like ids that are none (ACT-1)', async () => {
  const [a, b] = shops as [Shop, Shop];
  const [mine, theirs] = await Promise.all([stoppedRenewals(a, 1), stoppedRenewals(b, 1)]);
  const before = refreshes(b);
  const calls = [mine[0]?.call, theirs[0]?.call];
  const { instance: batch } = await accepted(inBulk(a.person, { calls }));
  await untilState(database, batch, 'ended');
  expect((await itemsOf(batch)).map(({ call, state, code }) => [call === calls[0], state, code]).sort()).toEqual([
    [false, 'refused', 'NOT_FOUND'],
    [true, 'succeeded', '000000'],
  ]);
  // by what they are, another's are not there at all
  expect(await inBulk(a.person, { merchant: b.name })).toMatchObject({ ok: false, problem: { code: 'NO_CALLS_CHOSEN' } });
  expect(await inBulk(a.person, {})).toMatchObject({ ok: false, problem: { code: 'NO_CALLS_CHOSEN' } });
  expect(refreshes(b)).toBe(before);
  const { instance: other } = await accepted(inBulk(b.person, { states: ['stopped'], activities: ['refreshInstance'], product: b.product, code: 'HTTP_500' }));
  await untilState(database, other, 'ended');
  expect((await itemsOf(other)).map(({ call }) => call)).toContain(theirs[0]?.call);
});

test('a bulk survives its worker, its key makes it once, and no call is doubled (PRD-5)', async () => {
  const [a] = shops as [Shop];
  const renewals = await stoppedRenewals(a, 6);
  a.server.switches.set([{ do: 'hang', ms: 300, activity: 'refreshInstance' }]);
  const before = refreshes(a);
  const input = { calls: renewals.map(({ call }) => call) };
  const { instance: batch } = await accepted(inBulk(a.person, input, { key: 'bulk-once' }));
  expect(await inBulk(a.person, input, { key: 'bulk-once' })).toMatchObject({ ok: true, instance: batch, replayed: true });
  expect(await inBulk(a.person, { calls: [randomUUID()] }, { key: 'bulk-once' })).toMatchObject({ problem: { code: 'KEY_REUSED' } });
  await untilState(database, renewals[0]?.renewal ?? '', 'completed');
  await engine.stopWorker();
  await engine.startWorker();
  await untilState(database, batch, 'ended', 60_000);
  expect(new Set((await itemsOf(batch)).map(({ state }) => state))).toEqual(new Set(['succeeded']));
  expect(refreshes(a) - before).toBe(6);
  a.server.switches.set([]);
});

test('a call that is being made at that moment is left as it is (PRD-5)', async () => {
  const [a] = shops as [Shop];
  const [renewal] = await stoppedRenewals(a, 1);
  const call = renewal?.call ?? '';
  a.server.switches.set([{ do: 'hang', ms: 2_000, activity: 'refreshInstance' }]);
  const before = refreshes(a);
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: a.person })));
  await eventually(
    async () => refreshes(a),
    (count) => count > before,
  );
  const { instance: batch } = await accepted(inBulk(manager, { calls: [call] }));
  await untilState(database, batch, 'ended');
  expect(await itemsOf(batch)).toMatchObject([{ state: 'alreadyRunning' }]);
  await untilState(database, renewal?.renewal ?? '', 'completed');
  expect(refreshes(a)).toBe(before + 1);
  a.server.switches.set([]);
});

test.each([
  ['no id', { calls: ['../../etc/passwd'] }, 'INVALID'],
  ['no ids', { calls: [] }, 'INVALID'],
  ['too many ids', { calls: Array.from({ length: 501 }, () => randomUUID()) }, 'INVALID'],
  ['ids and more', { calls: [randomUUID()], product: 'p' }, 'INVALID'],
  ['a state that is none', { states: ['succeeded'] }, 'INVALID'],
  ['an activity of the prototype', { activities: ['toString'] }, 'INVALID'],
  ['a pattern for a code', { code: '%' }, 'NO_CALLS_CHOSEN'],
  ['SQL for a product', { product: "' or 1=1 --" }, 'NO_CALLS_CHOSEN'],
  ['NUL', { merchant: 'a\u0000b' }, 'INVALID'],
  ['a time that is none', { from: '2026-02-30T00:00:00Z' }, 'INVALID'],
  ['an end before the beginning', { from: '2026-03-02T00:00:00Z', before: '2026-03-01T00:00:00Z' }, 'INVALID'],
])('a choice with %s is refused and starts nothing (PRD-5)', async (_what, input, code) => {
  const count = async () => (await database.pool.query("select count(*)::int as n from instances where lifecycle = 'callBatch'")).rows[0].n as number;
  const before = await count();
  expect(await inBulk(manager, input)).toMatchObject({ ok: false, problem: { code } });
  expect(await inBulk(buyer, {})).toMatchObject({ ok: false, problem: { code: 'ROLE_NOT_ALLOWED' } });
  expect(await inBulk(manager, {}, { reason: ' ' })).toMatchObject({ ok: false, problem: { code: 'INVALID' } });
  expect(await count()).toBe(before);
});
