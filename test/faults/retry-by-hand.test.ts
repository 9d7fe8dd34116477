import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '../../workflows/wake.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { eventsOf, storyOf } from '../workflows/story.ts';
import { accepted, aDatabase, type Database } from '../world.ts';
import {
  advance,
  anAcceptedOrder,
  effectOf,
  expectChainsToHold,
  fileAppeal,
  minute,
  type Ordered,
  retryByHand,
  setPolicies,
  untilState,
  withdrawAppeal,
} from './orders.ts';
import { seeded } from './random.ts';
import { answering, aTroubledCentre, type Trouble, unreachable } from './troubled-centre.ts';

const { seed, random } = seeded();
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

async function aSynchronisingOrder(trouble: Trouble): Promise<Ordered & { key: string }> {
  const ordered = await anAcceptedOrder(database);
  centre.troubles.set(ordered.orderNumber, trouble);
  await advance(database, { waker: engine.waker, order: ordered.order, byMs: 30 * minute });
  return { ...ordered, key: (await effectOf(database, ordered.supervision)).key };
}

/** A sending that waits to be told how it ends. */
function aSlowSending() {
  const { promise: isSent, resolve: sent } = Promise.withResolvers<void>();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const trouble =
    (then: Trouble): Trouble =>
    async (send, sending) => {
      sent();
      await mayEnd;
      return then(send, sending);
    };
  return { isSent, end, trouble };
}

const retry = ({ supervision, key }: { supervision: string; key: string }) => accepted(database.commit.command(retryByHand(supervision, key)));
const keeperSees = (ordered: Ordered, generation: number) =>
  eventually(
    () =>
      engine.client.workflow
        .getHandle(workflowIdOf({ lifecycle: 'supervision', id: ordered.supervision }))
        .query<{ effects: { generation: number }[] }>('state'),
    ({ effects }) => effects[0]?.generation === generation,
  );
const closed = ({ supervision: id }: Ordered) => engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id })).result();
const until = ({ supervision }: Ordered, isSo: (effect: Awaited<ReturnType<typeof effectOf>>) => boolean) =>
  eventually(() => effectOf(database, supervision), isSo);
/** Less than a try's lease of 15 s, which whatever is not told of a try's end waits for. */
const soon = async (work: () => Promise<unknown>) => {
  const start = performance.now();
  await work();
  expect(performance.now() - start).toBeLessThan(12_000);
};

/** The tries that the history tells of after a retry by hand. */
async function triesAfterRetry({ supervision: id }: Ordered): Promise<string[]> {
  const story = storyOf(await eventsOf(engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id }))));
  return story.slice(story.indexOf('signal retryEffect')).filter((line) => line.startsWith('activity'));
}

test('retries by hand while a try runs start no second one; its success is taken and the workflow ends soon (PRD-5, SUP-4)', async () => {
  const { isSent, end, trouble } = aSlowSending();
  const ordered = await aSynchronisingOrder(trouble((send) => send()));
  await isSent;
  for (let i = 0; i < 3; i++) await retry(ordered);
  await keeperSees(ordered, 4);
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ attempts: 1, outcomes: ['running'] });
  end();
  await untilState(database, ordered.order, 'completed');
  await soon(() => closed(ordered));
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual(['succeeded']);
  expect([centre.completionsOf(ordered.orderNumber), centre.mostAtOnce()]).toEqual([1, 1]);
});

test('a refusal that a running try brings back after a retry by hand does not stop that retry (PRD-5)', async () => {
  const { isSent, end, trouble } = aSlowSending();
  const ordered = await aSynchronisingOrder(trouble(answering(409)));
  await isSent;
  await retry(ordered);
  centre.troubles.delete(ordered.orderNumber);
  end();
  await soon(() => untilState(database, ordered.order, 'completed'));
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual(['failed HTTP_409', 'succeeded']);
  expect([centre.completionsOf(ordered.orderNumber), centre.mostAtOnce()]).toEqual([1, 1]);
});

test('a retry by hand replaces the try that waits for its time: it runs at once, and the other never comes (PRD-5)', async () => {
  await setPolicies(database, { completionSyncEvery: { ms: 2_000 } });
  const ordered = await aSynchronisingOrder(unreachable);
  await until(ordered, ({ attempts, next_attempt_at }) => attempts === 1 && next_attempt_at !== null);
  const { isSent, end, trouble } = aSlowSending();
  centre.troubles.set(
    ordered.orderNumber,
    trouble((send) => send()),
  );
  await retry(ordered);
  await isSent;
  await sleep(3_500);
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ attempts: 2, outcomes: ['failed ECONNREFUSED', 'running'] });
  end();
  await untilState(database, ordered.order, 'completed');
  await closed(ordered);
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ attempts: 2, outcomes: ['failed ECONNREFUSED', 'succeeded'] });
  expect(await triesAfterRetry(ordered)).toEqual(['activity synchroniseOrder']);
  await setPolicies(database, {});
  expect([centre.completionsOf(ordered.orderNumber), centre.mostAtOnce()]).toEqual([1, 1]);
});

test('a freeze and its end while a try runs neither double nor lose it; the workflow ends soon (SUP-5)', async () => {
  const { isSent, end, trouble } = aSlowSending();
  const ordered = await aSynchronisingOrder(trouble((send) => send()));
  await isSent;
  await accepted(database.commit.command(fileAppeal(ordered.supervision)));
  await accepted(database.commit.command(withdrawAppeal(ordered.supervision)));
  await keeperSees(ordered, 2);
  end();
  await untilState(database, ordered.order, 'completed');
  await soon(() => closed(ordered));
  expect([centre.completionsOf(ordered.orderNumber), centre.mostAtOnce()]).toEqual([1, 1]);
});

test('a storm of retries by hand over failing and slow tries never has two at once, and ends in one completion (PRD-5)', async () => {
  await setPolicies(database, { completionSyncEvery: { ms: 300 } });
  let tries = 0;
  const moody: Trouble = async (send, sending) => {
    tries += 1;
    await sleep(random() * 400);
    return tries > 8 ? send() : tries % 2 ? unreachable(send, sending) : answering(503)(send, sending);
  };
  const ordered = await aSynchronisingOrder(moody);
  let retries = 0;
  for (let i = 0; i < 30; i++) {
    await sleep(random() * 200);
    const answer = await database.commit.command(retryByHand(ordered.supervision, ordered.key));
    if (answer.ok) retries += 1;
    else expect(['ENDED', 'NOTHING_TO_RETRY']).toContain(answer.problem.code);
  }
  await untilState(database, ordered.order, 'completed');
  await closed(ordered);
  await setPolicies(database, {});
  expect([centre.completionsOf(ordered.orderNumber), centre.mostAtOnce()]).toEqual([1, 1]);
  console.log(`seed ${seed}: ${retries} retries by hand, ${(await effectOf(database, ordered.supervision)).attempts} tries, never two at once`);
});
