import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Admission, beginAttempt, failAttempt } from '../../db/attempts.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { anAcceptedOrder, effectOf, minute } from '../faults/orders.ts';
import { aDatabase, type Database } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

test('a try that comes back after its lease, while the next is under way, gives nothing up and says so only in its own record (PRD-5)', async () => {
  const { pool, registry } = database;
  const { order, supervision } = await anAcceptedOrder(database);
  await createSandbox({ ...database, onNudged: () => {} }).advance({ instance: order, byMs: 30 * minute });
  const { key } = await effectOf(database, supervision);
  const effect = { instance: supervision, lifecycle: 'supervision', key, generation: 1 };
  const admitted = async (timeoutMs: number) => (await beginAttempt(pool, { ...effect, timeoutMs }, registry)) as Extract<Admission, { admitted: true }>;
  // a lease that has passed when it is given: what a suspended worker's looks like
  const late = await admitted(-5_001);
  const current = await admitted(10_000);
  const failed = (of: typeof late, code: string) =>
    failAttempt(pool, { effect: { ...effect, timeoutMs: 10_000 }, no: of.no, token: of.token, unknown: true, error: { code, message: 'm' }, registry });

  expect([late.no, current.no, current.askFirst]).toEqual([1, 2, true]);
  expect(await failed(late, 'LATE')).toBe('superseded');
  expect(await effectOf(database, supervision)).toMatchObject({ status: 'open', incidents: [] });
  expect(await failed({ ...current, token: late.token }, 'LATE')).toBe('superseded');
  expect(await failed(current, 'CURRENT')).toEqual({ nextInMs: expect.any(Number) });
  const { rows } = await pool.query("select outcome, error ->> 'code' as code from attempts where effect = $1 order by no", [key]);
  expect(rows).toEqual([
    { outcome: 'unknown', code: 'LATE' },
    { outcome: 'unknown', code: 'CURRENT' },
  ]);
});
