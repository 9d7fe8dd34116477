import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Commit, createCommit } from '../../db/commit.ts';
import { type Connection, connect } from '../../db/connect.ts';
import type { CommandRequest } from '../../db/requests.ts';
import { verifyChains } from '../../db/verify.ts';
import { aCommand, aDatabase, aPaidOrder, buyer, type Database, machine, merchant } from '../world.ts';
import { aDeliveredOrder, amountOf, fileAppeal, logOf, onSupervision } from './orders.ts';

let database: Database;
/** Five processes' worth: a commit with a pool of its own each. */
let processes: { commit: Commit; connection: Connection }[];
beforeAll(async () => {
  database = await aDatabase();
  processes = Array.from({ length: 5 }, () => {
    const connection = connect(database.url, { poolSize: 6 });
    return { connection, commit: createCommit({ pool: connection.pool, registry: database.registry, onCommitted: () => {} }) };
  });
});
afterAll(async () => {
  for (const { connection } of processes) await connection.close();
  await database.drop();
});

/** The same 50 requests at once, dealt to the five processes. */
const atOnce = (requestOf: (index: number) => CommandRequest) =>
  Promise.all(Array.from({ length: 50 }, (_, index) => (processes[index % 5] as { commit: Commit }).commit.command(requestOf(index))));

function summaryOf(answers: Awaited<ReturnType<Commit['command']>>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = answer.ok ? (answer.replayed ? 'replayed' : 'accepted') : answer.problem.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const answersOf = (answers: Awaited<ReturnType<Commit['command']>>[]) =>
  new Set(answers.map((answer) => (answer.ok ? `${answer.instance}@${answer.revision}` : 'refused')));

test('the same command 50 times at once is one event and one answer, 49 of them replayed (ACT-2)', async () => {
  const { supervision } = await aDeliveredOrder(database);
  const request = onSupervision(supervision, 'acceptDelivery');
  const answers = await atOnce(() => ({ ...request }));
  expect(summaryOf(answers)).toEqual({ accepted: 1, replayed: 49 });
  expect(answersOf(answers)).toEqual(new Set([`${supervision}@3`]));
  expect((await logOf(database, supervision)).filter((line) => line.startsWith('acceptDelivery'))).toHaveLength(1);
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 3, refusals: 0, broken: null });
});

test('the same order placed and paid 50 times at once is one order, one supervision, one payment (ORD-4, REF-5)', async () => {
  const place = aCommand({
    lifecycle: 'order',
    command: 'placeOrder',
    actor: buyer,
    input: { product: 'saas-activated', scenario: 'none', period: { unit: 'year', count: 1 } },
  });
  const placed = await atOnce(() => ({ ...place }));
  expect(summaryOf(placed)).toEqual({ accepted: 1, replayed: 49 });
  expect(answersOf(placed).size).toBe(1);
  const [order] = placed.map((answer) => (answer.ok ? answer.instance : ''));
  const pay = aCommand({
    lifecycle: 'order',
    instance: order as string,
    command: 'recordPayment',
    actor: machine,
    input: { amount: await amountOf(database, order as string), means: 'balance', reference: 'PAY-1' },
  });
  const paid = await atOnce(() => ({ ...pay }));
  expect(summaryOf(paid)).toEqual({ accepted: 1, replayed: 49 });
  const { rows } = await database.pool.query("select lifecycle, revision from instances where id = $1 or refs ->> 'order' = $1::text order by lifecycle", [
    order,
  ]);
  expect(rows).toEqual([
    { lifecycle: 'order', revision: 2 },
    { lifecycle: 'supervision', revision: 1 },
  ]);
});

test('50 commands with keys of their own: one is accepted, 49 are refused, and every refusal is kept in a chain that verifies (ACT-2)', async () => {
  const { supervision } = await aDeliveredOrder(database);
  const answers = await atOnce(() => onSupervision(supervision, 'acceptDelivery'));
  expect(summaryOf(answers)).toEqual({ accepted: 1, WRONG_STATE: 49 });
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 3, refusals: 49, broken: null });
});

test('50 decisions on one revision: one is accepted, 49 hear that it moved (STALE), none is lost', async () => {
  const { supervision } = await aPaidOrder(database);
  const answers = await atOnce(() => ({ ...fileAppeal(supervision), expectedRevision: 1 }));
  expect(summaryOf(answers)).toEqual({ accepted: 1, STALE: 49 });
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 2, refusals: 49, broken: null });
});

test('one key for 50 different requests binds the first accepted one; the others are told that the key is used', async () => {
  const { supervision } = await aPaidOrder(database);
  const answers = await atOnce((index) => ({ ...fileAppeal(supervision), idempotencyKey: 'one-key', reason: `理由 ${index}` }));
  expect(summaryOf(answers)).toEqual({ accepted: 1, KEY_REUSED: 49 });
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 2, refusals: 49, broken: null });
});

test('a command over the 64 KiB limit, or to an id that does not exist, is answered 50 times over and changes nothing', async () => {
  const { supervision } = await aPaidOrder(database);
  const huge = await atOnce(() => ({ ...fileAppeal(supervision), reason: '大'.repeat(70_000) }));
  expect(summaryOf(huge)).toEqual({ INVALID: 50 });
  const nowhere = await atOnce(() => fileAppeal('01900000-0000-7000-8000-000000000000'));
  expect(summaryOf(nowhere)).toEqual({ NOT_FOUND: 50 });
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 1, refusals: 50, broken: null });
});

test('text that PostgreSQL cannot hold, and ids and keys that are none, are answered and change nothing; emoji pass (SUP-5)', async () => {
  const { supervision } = await aPaidOrder(database);
  const codeOf = async (request: CommandRequest) => {
    const answer = await database.commit.command(request);
    return answer.ok ? 'accepted' : answer.problem.code;
  };
  for (const text of ['a\u0000b', 'half a pair \ud800']) {
    expect(await codeOf({ ...fileAppeal(supervision), reason: text })).toBe('INVALID');
    expect(await codeOf({ ...fileAppeal(supervision), idempotencyKey: `key ${text}` })).toBe('INVALID');
    expect(await codeOf({ ...fileAppeal(supervision), instance: text })).toBe('NOT_FOUND');
    expect(await codeOf(onSupervision(supervision, 'uploadAcceptance', { actor: merchant, input: { files: [text], [text]: text } }))).toBe('INVALID');
  }
  expect(await codeOf({ ...fileAppeal(supervision), idempotencyKey: '' })).toBe('INVALID');
  expect(await codeOf({ ...fileAppeal(supervision), idempotencyKey: 'k'.repeat(5_000) })).toBe('INVALID');
  expect(await codeOf(onSupervision(supervision, 'uploadAcceptance', { actor: merchant, input: { files: ['👩‍🚀'.repeat(1_000)] } }))).toBe('INVALID');
  expect(await codeOf({ ...fileAppeal(supervision), reason: '👩‍🚀 无法登录' })).toBe('accepted');
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 2, refusals: 9, broken: null });
});
