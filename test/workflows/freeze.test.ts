import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandRequest } from '../../db/requests.ts';
import { aDeliveredOrder, advance, anAcceptedOrder, fileAppeal, minute, onSupervision, untilAllTold, untilState, withdrawAppeal } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, aFile, aPaidOrder, type Database, merchant } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';
import { eventsOf, spanOf, storyOf, summaryOf } from './story.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

const of = (supervision: string) => ({ lifecycle: 'supervision', id: supervision });
const known = (supervision: string, revision: number) =>
  eventually(
    () => stateQueried(engine, of(supervision)).catch(() => null),
    (state) => (state?.asOfRevision ?? 0) >= revision,
  );

/** Sends a command and waits until the keeper has heard of it, so that each is a signal of its own. */
async function tell(request: CommandRequest): Promise<void> {
  const { instance, revision } = await accepted(database.commit.command(request));
  await known(instance, revision);
}

async function deadlineOf(supervision: string, name: string) {
  const { rows } = await database.pool.query(
    `select status, (extract(epoch from due_at) * 1000)::bigint as due, remaining_ms as remaining from deadlines where instance_id = $1 and name = $2`,
    [supervision, name],
  );
  return rows[0] as { status: string; due: number | null; remaining: number | null };
}

const loggedAt = async (supervision: string, type: string) =>
  (
    await database.pool.query('select (extract(epoch from at) * 1000)::bigint as at from events where instance_id = $1 and type = $2 order by revision desc', [
      supervision,
      type,
    ])
  ).rows[0].at as number;

const storyOfKeeper = async (supervision: string) => storyOf(await eventsOf(keeperOf(engine, of(supervision))));
const firstTry = 'SUP-4 First try of the completion sync';
const reminded = 'SUP-6 Reminder: decide the appeal';
const decide = 'SUP-6 Time to decide the appeal';
const deliver = 'SUP-7 Reminder: deliver';
const accept = 'SUP-7 Reminder: accept the delivery';

test('an appeal cancels the timer; its deadline keeps what was left of it to the millisecond, also over a restart of the worker (SUP-5)', async () => {
  const { order, supervision, orderNumber } = await anAcceptedOrder(database);
  await known(supervision, 3);
  await advance(database, { waker: engine.waker, order, byMs: 11 * minute });
  const before = await deadlineOf(supervision, 'completionSyncDue');
  await tell(fileAppeal(supervision));
  const left = (before.due ?? 0) - (await loggedAt(supervision, 'fileAppeal'));
  expect(left).toBeGreaterThan(18 * minute);
  expect(await deadlineOf(supervision, 'completionSyncDue')).toEqual({ status: 'frozen', due: null, remaining: left });
  const count = (story: string[], line: string) => story.filter((one) => one === line).length;
  await eventually(
    () => storyOfKeeper(supervision),
    (story) => story.includes(`timer ${reminded}`) && count(story, `timer ${firstTry}`) === count(story, `cancelled ${firstTry}`),
  );

  await engine.stopWorker();
  await advance(database, { waker: engine.waker, order, byMs: 60 * minute });
  expect(await deadlineOf(supervision, 'completionSyncDue')).toEqual({ status: 'frozen', due: null, remaining: left });
  await engine.startWorker();

  await tell(withdrawAppeal(supervision));
  const resumedAt = await loggedAt(supervision, 'withdrawAppeal');
  expect(await deadlineOf(supervision, 'completionSyncDue')).toEqual({ status: 'armed', due: resumedAt + left, remaining: null });
  const events = await eventually(
    () => eventsOf(keeperOf(engine, of(supervision))),
    (seen) => count(storyOf(seen), `timer ${firstTry}`) > count(storyOf(seen), `cancelled ${firstTry}`),
  );
  const timer = spanOf(events.findLast((event) => summaryOf(event) === firstTry)?.timerStartedEventAttributes?.startToFireTimeout);
  expect(timer).toBeLessThanOrEqual(left);
  expect(timer).toBeGreaterThan(left - minute);

  expect((await advance(database, { waker: engine.waker, order, byMs: left - 1_000_000 }))?.fired).toEqual([]);
  expect((await advance(database, { waker: engine.waker, order, byMs: 1_000_000 }))?.fired).toEqual(['completionSyncDue']);
  await untilState(database, order, 'completed');
  expect(engine.centre.completionsOf(orderNumber)).toBe(1);
});

test('a keeper’s history reads as the order’s story: commands, deadlines and effects by their names and rules (SUP-2, SUP-4, SUP-5)', async () => {
  const { order, supervision, number } = await aPaidOrder(database);
  await known(supervision, 1);
  const file = await aFile(database.pool, merchant);
  await tell(onSupervision(supervision, 'uploadAcceptance', { actor: merchant, input: { files: [file] } }));
  await tell(fileAppeal(supervision));
  await tell(withdrawAppeal(supervision));
  await tell(onSupervision(supervision, 'acceptDelivery'));
  await eventually(
    () => storyOfKeeper(supervision),
    (story) => story.at(-2) === `timer ${firstTry}`,
  );
  await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
  const keeper = keeperOf(engine, of(supervision));
  expect(await keeper.result()).toEqual({ instance: supervision, state: 'finished', revision: 7 });
  expect(await storyOfKeeper(supervision)).toEqual([
    `timer ${deliver}`,
    'signal uploadAcceptance',
    `timer ${accept}`,
    `cancelled ${deliver}`,
    'signal fileAppeal',
    `timer ${reminded}`,
    `cancelled ${accept}`,
    'signal withdrawAppeal',
    `timer ${accept}`,
    `cancelled ${reminded}`,
    'signal acceptDelivery',
    `timer ${firstTry}`,
    `cancelled ${accept}`,
    'signal completionSyncDue',
    `cancelled ${firstTry}`,
    'activity synchroniseOrder',
  ]);
  expect(await (await keeper.describe()).staticSummary()).toBe(number);
  await untilAllTold(database);
  expect((await keeperOf(engine, { lifecycle: 'order', id: order }).result())?.state).toBe('completed');
});

test('who looks at a workflow sees who must act until when, and as of which revision (SUP-2, SUP-6)', async () => {
  const { supervision, number } = await aDeliveredOrder(database);
  const lookAt = async () =>
    ((await keeperOf(engine, of(supervision)).query('__temporal_workflow_metadata')) as { currentDetails: string }).currentDetails.split('\n');
  await known(supervision, 2);
  expect(await lookAt()).toEqual([
    `**${number}** 待验收 / Awaiting acceptance`,
    '',
    'waits for: buyer',
    '',
    'asOfRevision: 2',
    expect.stringContaining(accept),
    expect.stringMatching(/SUP-7 Time to accept the delivery$/),
  ]);
  await tell(fileAppeal(supervision));
  const { due } = await deadlineOf(supervision, 'decisionDue');
  expect(await lookAt()).toEqual([
    `**${number}** 待验收 / Awaiting acceptance (frozen by an appeal 申诉)`,
    '',
    expect.stringMatching(/^waits for: /),
    '',
    'asOfRevision: 3',
    expect.stringContaining(reminded),
    `- ${new Date(due ?? 0).toISOString()} ${decide}`,
  ]);
});
