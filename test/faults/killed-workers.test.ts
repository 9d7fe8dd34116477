import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { anEngine, bundle, type Engine } from '../worker.ts';
import { endOf } from '../workflows/keepers.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, machine } from '../world.ts';
import { aChild } from './child.ts';
import { advance, amountOf, deliver, expectChainsToHold, logOf, minute, onSupervision, setPolicies, untilAllTold, untilState } from './orders.ts';
import type { WorkerFixture } from './worker-process.ts';

/** A place where the worker dies: after a step of the test's own, or where its own process holds. */
type Point = {
  name: string;
  /** Log lines and begun tries of the whole order that are persisted when it dies. */
  persisted: number;
  hold?: WorkerFixture['hold'];
  /** The completion sync comes due by the workflow's own timer instead of the sandbox's clock. */
  timer?: boolean;
};

// 2 and 3, as 10 to 12, are one commit each: payment and supervision, completion and its order and service
const steps: Point[] = [1, 3, 4, 5, 6, 7].map((persisted) => ({ name: `after line ${persisted}`, persisted }));
const at = (transaction: number, statement: number, when: 'before' | 'after' = 'before') => ({ transaction, statement, when });
const places: Point[] = [
  ...[2, 3, 4, 5].map((n) => ({ name: `try, before statement ${n}`, persisted: 8, hold: at(1, n) })),
  { name: 'try, after its commit', persisted: 9, hold: at(1, 5, 'after') },
  { name: 'before sending', persisted: 9, hold: { send: 'before' } },
  { name: 'after sending', persisted: 9, hold: { send: 'after' } },
  ...[2, 3, 4, 5].map((n) => ({ name: `completion, before statement ${n}`, persisted: 9, hold: at(2, n) })),
  { name: 'completion, after its commit', persisted: 12, hold: at(2, 5, 'after') },
  ...[2, 3, 4, 5].map((n) => ({ name: `deadline, before statement ${n}`, persisted: 7, hold: at(1, n), timer: true })),
  { name: 'deadline, after its commit', persisted: 8, hold: at(1, 5, 'after'), timer: true },
];

// the processes share it
const { codePath } = await bundle();

type Story = { database: Database; engine: Engine; order: string; supervision: string };

/** Log lines and begun tries, besides those of the example merchants and products. */
const persistedBy = async ({ pool }: Database) => {
  const examples = "lifecycle in ('merchant', 'product')";
  const events = `select count(*) from events join instances on instances.id = instance_id where not ${examples}`;
  return (await pool.query(`select (${events})::int + (select count(*) from attempts)::int as lines`)).rows[0].lines as number;
};

/** A whole order, step by step; after each, `lines` of the log are there. */
function* wholeOrder(story: Story, timer: boolean): Generator<{ persisted: number; take: () => Promise<unknown> }> {
  const { commit, pool } = story.database;
  const command = (...of: Parameters<typeof onSupervision>) => accepted(commit.command(onSupervision(...of)));
  const place = aCommand({
    lifecycle: 'order',
    command: 'placeOrder',
    actor: buyer,
    input: { product: 'saas-activated', scenario: 'none', period: { unit: 'year', count: 1 } },
  });
  yield { persisted: 1, take: async () => Object.assign(story, { order: (await accepted(commit.command(place))).instance }) };
  yield {
    persisted: 3,
    async take() {
      const input = { amount: await amountOf(story.database, story.order), means: 'balance', reference: 'PAY-1' };
      await accepted(commit.command(aCommand({ lifecycle: 'order', instance: story.order, command: 'recordPayment', actor: machine, input })));
      story.supervision = (await pool.query("select id from instances where lifecycle = 'supervision'")).rows[0].id;
    },
  };
  yield { persisted: 4, take: () => deliver(story.database, story.supervision) };
  yield { persisted: 5, take: () => command(story.supervision, 'returnDelivery', { reason: '文件缺页' }) };
  yield { persisted: 6, take: () => deliver(story.database, story.supervision) };
  if (timer) yield { persisted: 6, take: () => setPolicies(story.database, { completionSyncFirst: { ms: 100 } }) };
  yield { persisted: 7, take: () => command(story.supervision, 'acceptDelivery') };
  if (!timer) yield { persisted: 8, take: () => advance(story.database, { waker: story.engine.waker, order: story.order, byMs: 30 * minute }) };
}

async function untilKilled(point: Point) {
  const database = await aDatabase({ poolSize: 4 });
  // on a busy machine this process's sweep would fire the deadline before the worker that is to be killed in it
  const engine = await anEngine(database, { worker: false, ...(point.timer ? { sweepMs: 30_000 } : {}) });
  const { taskQueue, namespace, centre } = engine;
  const fixture: WorkerFixture = {
    databaseUrl: database.url,
    address: inject('temporalAddress'),
    namespace,
    taskQueue,
    centreUrl: centre.url,
    codePath,
    hold: point.hold ?? null,
  };
  const worker = await aChild('worker-process.ts', fixture);
  const says = (message: string) =>
    worker.says(message).then(
      () => true,
      () => false,
    );
  const isReady = await says('ready');
  const story: Story = { database, engine, order: '', supervision: '' };
  const rest = wholeOrder(story, point.timer ?? false);
  // not a loop over it: leaving one would end the story
  for (let step = rest.next(); !step.done; step = rest.next()) {
    await step.value.take();
    if (!point.hold && step.value.persisted === point.persisted) break;
  }
  const isHeld = isReady && (!point.hold || (await says('held')));
  await worker.kill();
  return { story, rest, hit: isHeld && (await persistedBy(database)) === point.persisted };
}

async function expectTheWholeOrder({ database, engine, order, supervision }: Story): Promise<void> {
  await untilState(database, order, 'completed', 120_000);
  const types = async (id: string) => (await logOf(database, id)).map((line) => line.split(' ')[0]);
  const [service] = (await database.pool.query("select id from instances where lifecycle = 'serviceInstance'")).rows;
  expect(await types(order)).toEqual(['placeOrder', 'recordPayment', 'supervisionFinished']);
  const rounds = ['uploadAcceptance', 'returnDelivery', 'uploadAcceptance', 'acceptDelivery'];
  expect(await types(supervision)).toEqual(['supervisionCreated', ...rounds, 'completionSyncDue', 'orderSynchronised']);
  expect(await types(service.id)).toEqual(['serviceInstanceCreated']);
  // besides the example merchants and products
  const { rows: seeded } = await database.pool.query("select count(*)::int as count from instances where lifecycle in ('merchant', 'product')");
  expect(await expectChainsToHold(database)).toEqual({ instances: 3 + seeded[0].count, events: 11 + seeded[0].count, refusals: 0 });
  // by idempotency key, and by order
  expect([...engine.centre.completions.keys()]).toEqual([`${supervision}:6:synchroniseOrder`]);
  await untilAllTold(database);
  expect(['completed', undefined]).toContain((await endOf(engine, { lifecycle: 'order', id: order }))?.state);
  expect(await endOf(engine, { lifecycle: 'supervision', id: supervision })).toMatchObject({ state: 'finished' });
}

/** So many stories have an engine at a time. */
const sideBySide = 8;

/** Two processes start at a time, as there are two cores; what they then wait for, they await side by side. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
function inTurn<T>(index: number, work: () => Promise<T>): Promise<T> {
  const result = (lanes[index % 2] as Promise<unknown>).then(work, work);
  lanes[index % 2] = result.catch(() => {});
  return result;
}

/** What the engine's own sweep, slow until the worker was killed, would be too late for. @returns to end it */
function sweepOften({ sweep }: Engine): () => Promise<void> {
  let isOver = false;
  const ended = (async () => {
    for (; !isOver; await sleep(500)) await sweep.sweep().catch(() => {});
  })();
  return () => {
    isOver = true;
    return ended;
  };
}

/** The whole order, its worker killed on the way at a point. */
async function killedAt(point: Point, index: number) {
  const { story, rest, hit } = await inTurn(index, () => untilKilled(point));
  const start = performance.now();
  const endSweeping = sweepOften(story.engine);
  await story.engine.startWorker();
  for (const step of rest) await step.take();
  await expectTheWholeOrder(story).catch((error) => {
    throw new Error(`killed ${point.name}: ${error.message}`, { cause: error });
  });
  const seconds = (performance.now() - start) / 1_000;
  await endSweeping();
  await story.engine.stop();
  await story.database.drop();
  return { point, hit, seconds };
}

test('a worker killed after each persisted event of a whole order, and before, inside and after each of its own commits, leaves an order that completes, once (SUP-4)', async () => {
  // what Temporal notices last (30 s) goes first
  const killed: Awaited<ReturnType<typeof killedAt>>[] = [];
  const points = [...places.reverse(), ...steps].entries();
  const lane = async () => {
    for (const [index, point] of points) killed[index] = await killedAt(point, index);
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  // a busy machine may be too slow for a point; it is tried once more
  for (const [index, { point, hit }] of killed.entries()) if (!hit) killed[index] = await killedAt(point, index);
  const hits = killed.filter(({ hit }) => hit);
  console.log(
    `${hits.length} of ${killed.length} points hit; whole and all workflows closed after\n${killed.map(({ point, hit, seconds }) => `  ${seconds.toFixed(1).padStart(5)} s  ${point.name}${hit ? '' : ' (missed)'}`).join('\n')}`,
  );
  expect(hits.length / killed.length).toBeGreaterThanOrEqual(0.95);
}, 600_000);
