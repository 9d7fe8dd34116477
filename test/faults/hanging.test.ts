import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { order } from '../../lifecycles/order.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, type Database } from '../world.ts';
import { advance, anAcceptedOrder, effectOf, expectChainsToHold, logOf, minute, type Ordered, retryByHand, setPolicies, untilState } from './orders.ts';
import { answering, aTroubledCentre, type Trouble, unreachable } from './troubled-centre.ts';

const { synchroniseOrder } = supervision.effects;
/** Supervision whose tries end after 2 s, three of them in all. */
const impatient: Lifecycle = {
  ...supervision,
  effects: { synchroniseOrder: { ...synchroniseOrder, retry: { ...synchroniseOrder.retry, attempts: () => 3, timeoutMs: 2_000 } } },
};

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre({ withinMs: 30_000 });
  database = await aDatabase({ lifecycles: [order, impatient, serviceInstance] });
  engine = await anEngine(database, { outsides: centre.outsides });
  await setPolicies(database, { completionSyncEvery: { ms: 200 } });
});
afterAll(async () => {
  await expectChainsToHold(database);
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const until = ({ supervision: id }: Ordered, isSo: (effect: Awaited<ReturnType<typeof effectOf>>) => boolean) => eventually(() => effectOf(database, id), isSo);

async function aSynchronisingOrder(trouble: Trouble): Promise<Ordered> {
  const ordered = await anAcceptedOrder(database);
  centre.troubles.set(ordered.orderNumber, trouble);
  await advance(database, { waker: engine.waker, order: ordered.order, byMs: 30 * minute });
  return ordered;
}

test.concurrent('a try that ignores its time-out is given up as unknown, asked about and made again, and holds up no stop: one completion', async () => {
  let tries = 0;
  const ordered = await aSynchronisingOrder((send) => (tries++ > 0 ? send() : new Promise(() => {})));
  await untilState(database, ordered.order, 'completed');
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual(['unknown TIMEOUT', 'succeeded']);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test.concurrent('a try that succeeds after its time-out, within its lease, is taken as the success it is', async () => {
  const ordered = await aSynchronisingOrder(async (send, { signal }) => {
    const receipt = await send();
    if (!signal.aborted) await once(signal, 'abort');
    return receipt;
  });
  await untilState(database, ordered.order, 'completed');
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual(['succeeded']);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test.concurrent('tries used up are an incident that says why; a retry by hand starts the count anew (SUP-4, PRD-5)', async () => {
  const ordered = await aSynchronisingOrder(unreachable);
  const gaveUp = await until(ordered, ({ status }) => status === 'failed');
  expect(gaveUp).toMatchObject({
    attempts: 3,
    tries: 3,
    incidents: ['ECONNREFUSED'],
    outcomes: ['failed ECONNREFUSED', 'failed ECONNREFUSED', 'failed ECONNREFUSED'],
  });
  await accepted(database.commit.command(retryByHand(ordered.supervision, gaveUp.key)));
  const again = await until(ordered, ({ status, attempts }) => status === 'failed' && attempts > 3);
  expect(again).toMatchObject({ attempts: 6, tries: 3 });
  centre.troubles.delete(ordered.orderNumber);
  await accepted(database.commit.command(retryByHand(ordered.supervision, gaveUp.key)));
  await untilState(database, ordered.order, 'completed');
  expect((await logOf(database, ordered.supervision)).filter((line) => line.startsWith('effectGaveUp'))).toHaveLength(2);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test.concurrent('an answer that is none is an incident, not a completion (PRD-3)', async () => {
  const ordered = await aSynchronisingOrder(answering(200, '{"receipt": ""}'));
  expect(await until(ordered, ({ status }) => status === 'failed')).toMatchObject({ attempts: 1, incidents: ['UNREADABLE_RESULT'] });
  expect(centre.completionsOf(ordered.orderNumber)).toBe(0);
});
