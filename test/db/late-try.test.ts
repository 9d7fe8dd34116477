import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Admission, beginAttempt, failAttempt } from '../../db/attempts.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { anAcceptedOrder, effectOf, minute } from '../faults/orders.ts';
import { eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

/** An effect that is due, with its tries: admitted for so many milliseconds, and failed with a code. */
async function aDueEffect() {
  const { pool, registry } = database;
  const { order, supervision } = await anAcceptedOrder(database);
  await createSandbox({ ...database, onNudged: () => {} }).advance({ instance: order, byMs: 30 * minute });
  const { key } = await effectOf(database, supervision);
  const effect = { instance: supervision, lifecycle: 'supervision', key, generation: 1 };
  const admitted = async (timeoutMs: number) => (await beginAttempt(pool, { ...effect, timeoutMs }, registry)) as Extract<Admission, { admitted: true }>;
  const failed = (of: Extract<Admission, { admitted: true }>, code: string) =>
    failAttempt(pool, { effect: { ...effect, timeoutMs: 10_000 }, no: of.no, token: of.token, unknown: true, error: { code, message: 'm' }, registry });
  return { pool, supervision, key, admitted, failed };
}
/** A lease that has passed when it is given: what a suspended worker's looks like. */
const passed = -5_001;

/** The effect's tries: how each ended, and with which code. */
const triesOf = async (key: string) =>
  (await database.pool.query("select outcome, error ->> 'code' as code from attempts where effect = $1 order by no", [key])).rows;

/** Resolves when so many transactions wait for a lock. */
const waiting = (count: number) =>
  eventually(
    async () => {
      const { rows } = await database.pool.query(
        'select count(distinct l.pid)::int as count from pg_locks l join pg_stat_activity a on a.pid = l.pid where not l.granted and a.datname = current_database()',
      );
      return rows[0].count as number;
    },
    (seen) => seen >= count,
  );

test('a try that comes back after its lease, while the next is under way, gives nothing up and says so only in its own record (PRD-5)', async () => {
  const { supervision, key, admitted, failed } = await aDueEffect();
  const late = await admitted(passed);
  const current = await admitted(10_000);

  expect([late.no, current.no, current.askFirst]).toEqual([1, 2, true]);
  expect(await failed(late, 'LATE')).toBe('superseded');
  expect(await effectOf(database, supervision)).toMatchObject({ status: 'open', incidents: [] });
  expect(await failed({ ...current, token: late.token }, 'LATE')).toBe('superseded');
  expect(await failed(current, 'CURRENT')).toEqual({ nextInMs: expect.any(Number) });
  expect(await triesOf(key)).toEqual([
    { outcome: 'unknown', code: 'LATE' },
    { outcome: 'unknown', code: 'CURRENT' },
  ]);
});

test('a try that comes back at the moment in which the next is admitted counts no more, and keeps its record (PRD-5)', async () => {
  const { pool, supervision, key, admitted, failed } = await aDueEffect();
  const late = await admitted(passed);
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select from effects where key = $1 for update', [key]);
  const next = admitted(10_000);
  await waiting(1);
  const came = failed(late, 'LATE');
  await waiting(2);
  await holder.query('commit').then(() => holder.release());

  expect(await next).toMatchObject({ no: 2, askFirst: true });
  expect(await came).toBe('superseded');
  expect(await triesOf(key)).toEqual([
    { outcome: 'unknown', code: 'LATE' },
    { outcome: 'running', code: null },
  ]);
  expect(await effectOf(database, supervision)).toMatchObject({ status: 'open', incidents: [] });
});
