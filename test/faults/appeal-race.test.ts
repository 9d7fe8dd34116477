import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../db/requests.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, type Database, manager } from '../world.ts';
import { advance, anAcceptedOrder, expectChainsToHold, fileAppeal, logOf, minute, onSupervision, rowOf, untilState, withdrawAppeal } from './orders.ts';
import { seeded } from './random.ts';
import { aTroubledCentre } from './troubled-centre.ts';

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
  await engine.stop();
  await database.drop();
  await centre.stop();
});

type Outcome = 'completed' | 'recorded' | 'held';

/** One order whose buyer appeals at the very moment of its completion sync. */
async function race(index: number): Promise<Outcome> {
  const { order, supervision, orderNumber } = await anAcceptedOrder(database);
  const { promise: appealed, resolve } = Promise.withResolvers<Answer>();
  const appealAfter = (ms: number) => sleep(ms).then(() => database.commit.command(fileAppeal(supervision)).then(resolve));
  // two of three appeals come while the answer of the order centre is on its way back, the third at any time
  if (index % 3 === 0) void appealAfter(random() * 600);
  else
    centre.troubles.set(orderNumber, async (send) => {
      centre.troubles.delete(orderNumber);
      const result = await send();
      void appealAfter(random() * 10);
      await sleep(random() * 10);
      return result;
    });
  await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
  const answer = await appealed;

  if (!answer.ok) {
    expect(answer.problem.code).toBe('ENDED');
    expect((await rowOf(database, order)).state).toBe('completed');
    return 'completed';
  }
  expect(await rowOf(database, supervision)).toMatchObject({ frozen: true });
  const isSent = index % 3 !== 0 || centre.completionsOf(orderNumber) > 0;
  if (isSent)
    await eventually(
      () => logOf(database, supervision),
      (log) => log.at(-1) === 'orderSynchronised by system via keeper (recorded)',
    );
  expect(await rowOf(database, order)).toMatchObject({ state: 'processing' });
  const resumed =
    index % 2 === 0
      ? withdrawAppeal(supervision)
      : onSupervision(supervision, 'decideAppeal', { actor: manager, input: { decision: 'dismiss' }, reason: '已交付' });
  await accepted(database.commit.command(resumed));
  // it froze before the sync was due: what was left of the deadline runs on
  if ((await rowOf(database, supervision)).state === 'accepted') await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
  await untilState(database, order, 'completed');
  return isSent ? 'recorded' : 'held';
}

test('300 races of an appeal against the completion sync: each order is completed once, refused the appeal or froze first, never both (SUP-4, SUP-5)', async () => {
  const outcomes: Record<Outcome, number> = { completed: 0, recorded: 0, held: 0 };
  const indexes = Array.from({ length: 300 }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const index of indexes) outcomes[await race(index)] += 1;
    }),
  );
  console.log(`seed ${seed}: ${JSON.stringify(outcomes)}, ${engine.repairs.length} repairs, ${(await expectChainsToHold(database)).events} events`);
  expect(outcomes.completed).toBeGreaterThan(20);
  expect(outcomes.recorded).toBeGreaterThan(20);

  const { rows: doubled } = await database.pool.query(
    `select instance_id, type, count(*) from events where applied and type in ('orderSynchronised', 'supervisionFinished') group by 1, 2 having count(*) <> 1`,
  );
  expect(doubled).toEqual([]);
  const { rows: orders } = await database.pool.query<{ number: string; state: string }>("select number, state from instances where lifecycle = 'order'");
  expect(orders).toHaveLength(300);
  for (const { number, state } of orders) expect([state, centre.completionsOf(number)]).toEqual(['completed', 1]);
  expect(engine.errors).toEqual([]);
}, 600_000);
