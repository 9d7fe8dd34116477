import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '../../workflows/wake.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, type Database } from '../world.ts';
import {
  advance as advanceOrder,
  anAcceptedOrder,
  effectOf,
  expectChainsToHold,
  logOf,
  minute,
  type Ordered,
  retryByHand,
  setPolicies,
  untilState,
} from './orders.ts';
import { answering, aTroubledCentre, type Trouble } from './troubled-centre.ts';

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await expectChainsToHold(database);
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const advance = ({ order }: Ordered, byMs: number) => advanceOrder(database, { waker: engine.waker, order, byMs });
const until = ({ supervision }: Ordered, isSo: (effect: Awaited<ReturnType<typeof effectOf>>) => boolean) =>
  eventually(() => effectOf(database, supervision), isSo);
const completed = ({ order }: Ordered) => untilState(database, order, 'completed');
const keeperOf = ({ supervision }: Ordered) => engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id: supervision }));

/** An order whose completion sync is being tried, in trouble from its first try on. */
async function aSynchronisingOrder(trouble?: Trouble): Promise<Ordered> {
  const ordered = await anAcceptedOrder(database);
  if (trouble) centre.troubles.set(ordered.orderNumber, trouble);
  await advance(ordered, 30 * minute);
  return ordered;
}

test("a bug in one order's effect stops that order alone, is an incident (BUG), and a retry by hand repairs it (SUP-4, PRD-5)", async () => {
  const bug: Trouble = () => Promise.reject(new TypeError("Cannot read properties of undefined (reading 'receipt')"));
  const [hurt, ...others] = await Promise.all([aSynchronisingOrder(bug), ...Array.from({ length: 5 }, () => aSynchronisingOrder())]);
  await Promise.all(others.map(completed));
  const broken = await until(hurt, ({ status }) => status === 'failed');
  expect(broken).toMatchObject({ incidents: ['BUG'], outcomes: ['unknown BUG'] });
  expect(engine.errors.map((error) => (error as Error).name)).toEqual(['TypeError']);
  expect(await keeperOf(hurt).query<{ state: string }>('state')).toMatchObject({ state: 'synchronising', effects: [] });

  centre.troubles.clear();
  await accepted(database.commit.command(retryByHand(hurt.supervision, broken.key)));
  await completed(hurt);
  expect(await effectOf(database, hurt.supervision)).toMatchObject({ status: 'done', incidents: [], outcomes: ['unknown BUG', 'succeeded'] });
  expect((await logOf(database, hurt.supervision)).slice(-3)).toEqual([
    'effectGaveUp by system via keeper',
    'retryEffect by operationsManager via api',
    'orderSynchronised by system via keeper',
  ]);
  for (const { orderNumber } of [hurt, ...others]) expect(centre.completionsOf(orderNumber)).toBe(1);
});

test('PostgreSQL busy or away inside an effect is no bug: an unknown outcome, tried again in the effect’s rhythm (SUP-4)', async () => {
  const ordered = await aSynchronisingOrder(() => Promise.reject(Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })));
  const tried = await until(ordered, ({ attempts, next_attempt_at }) => attempts === 1 && next_attempt_at !== null);
  expect(tried).toMatchObject({ incidents: [], outcomes: ['unknown DATABASE_UNAVAILABLE'] });
  centre.troubles.clear();
  await advance(ordered, 5 * minute);
  await completed(ordered);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('a refusal for good (409) is an incident, not tried again by itself; a retry by hand completes the order (SUP-4)', async () => {
  const ordered = await aSynchronisingOrder(answering(409, 'this order is closed'));
  const refused = await until(ordered, ({ status }) => status === 'failed');
  expect(refused).toMatchObject({ incidents: ['HTTP_409'], outcomes: ['failed HTTP_409'] });
  await advance(ordered, 60 * minute);
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ status: 'failed', attempts: 1 });
  centre.troubles.clear();
  await accepted(database.commit.command(retryByHand(ordered.supervision, refused.key)));
  await completed(ordered);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('a busy order centre (503) is asked again every 5 minutes; past the 3-hour window that is an incident, and goes on being tried (SUP-4)', async () => {
  const ordered = await aSynchronisingOrder(answering(503));
  for (let no = 1; no <= 3; no++) {
    const failed = await until(ordered, ({ attempts, next_attempt_at }) => attempts === no && next_attempt_at !== null);
    const sql = `select (extract(epoch from a.started_at) * 1000)::bigint + f.clock_offset_ms as started,
        (extract(epoch from a.finished_at) * 1000)::bigint + f.clock_offset_ms as finished from attempts a
      join instances i on i.id = a.instance_id join families f on f.id = i.family where a.instance_id = $1 and a.no = $2`;
    const { rows } = await database.pool.query(sql, [ordered.supervision, no]);
    const from = (failed.next_attempt_at ?? 0) - 5 * minute;
    expect(from).toBeGreaterThanOrEqual(rows[0].started);
    expect(from).toBeLessThanOrEqual(rows[0].finished);
    await advance(ordered, 4 * minute);
    expect((await effectOf(database, ordered.supervision)).attempts).toBe(no);
    await advance(ordered, minute);
  }
  await until(ordered, ({ attempts, next_attempt_at }) => attempts === 4 && next_attempt_at !== null);
  expect((await advance(ordered, 180 * minute))?.fired).toEqual(['completionWindowPassed']);
  const { rows } = await database.pool.query('select name, code from incidents where instance_id = $1 and closed_at is null', [ordered.supervision]);
  expect(rows).toEqual([{ name: 'completionWindowPassed', code: 'DEADLINE_PASSED' }]);
  await until(ordered, ({ attempts, next_attempt_at }) => attempts === 5 && next_attempt_at !== null);
  centre.troubles.clear();
  await advance(ordered, 5 * minute);
  await completed(ordered);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('an answer lost after the work was done is an unknown outcome: the next try asks first, and the work counts once (PRD-2)', async () => {
  centre.failures.dropAnswers = 1;
  const asked = centre.requests();
  const ordered = await aSynchronisingOrder();
  const unknown = await until(ordered, ({ attempts, next_attempt_at }) => attempts === 1 && next_attempt_at !== null);
  expect(unknown.outcomes[0]).toMatch(/^unknown /);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
  await advance(ordered, 5 * minute);
  await completed(ordered);
  expect(centre.requests() - asked).toBe(2);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('retries of a busy order centre leave no event in the history, and its unreadable answers are kept as text (SUP-4, PRD-3)', async () => {
  await setPolicies(database, { completionSyncEvery: { ms: 100 } });
  const ordered = await aSynchronisingOrder(answering(503, `${'x'.repeat(199)}👩‍🚀 \u0000`));
  const historyOf = async () => (await keeperOf(ordered).fetchHistory()).events?.length;
  await until(ordered, ({ attempts }) => attempts >= 2);
  const before = await historyOf();
  await until(ordered, ({ attempts }) => attempts >= 7);
  expect(await historyOf()).toBe(before);
  centre.troubles.clear();
  await completed(ordered);
  await keeperOf(ordered).result();
  await setPolicies(database, {});
  console.log(`history of a supervision: ${before} events after 2 tries and after 7, ${await historyOf()} when finished`);
});
