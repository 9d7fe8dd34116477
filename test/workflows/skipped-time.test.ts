import { afterAll, beforeAll, expect, test } from 'vitest';
import { anAcceptedOrder, effectOf, logOf, minute, type Ordered, untilState } from '../faults/orders.ts';
import { answering, aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { keeperOf, skipTime, stateQueried } from './keepers.ts';
import { eventsOf, type HistoryEvent, instantOf, spanOf, summaryOf } from './story.ts';

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

const supervisionOf = ({ supervision }: Ordered) => ({ lifecycle: 'supervision', id: supervision });

async function untilKnown(ordered: Ordered): Promise<void> {
  await eventually(
    () => stateQueried(engine, supervisionOf(ordered)).catch(() => null),
    (state) => state?.state === 'accepted',
  );
}

/** When a line of the log was written, by the family's clock. */
async function loggedAt({ supervision }: Ordered, type: string): Promise<number> {
  const { rows } = await database.pool.query('select (extract(epoch from at) * 1000)::bigint as at from events where instance_id = $1 and type = $2', [
    supervision,
    type,
  ]);
  return rows[0].at;
}

const offsetOf = async ({ order }: Ordered) =>
  (await database.pool.query('select clock_offset_ms as offset from families where id = $1', [order])).rows[0].offset as number;

const having = (events: readonly HistoryEvent[], name: keyof HistoryEvent) => events.filter((event) => event[name]);
const skipsIn = (events: readonly HistoryEvent[]) => having(events, 'workflowExecutionTimeSkippingTransitionedEventAttributes' as keyof HistoryEvent);

test('a timer of 30 minutes fires with its real duration in skipped time, and moves the family’s clock with it (SUP-4, TIM-2)', async (context) => {
  const ordered = await anAcceptedOrder(database);
  await untilKnown(ordered);
  const start = performance.now();
  await skipTime(engine, keeperOf(engine, supervisionOf(ordered)), context);
  await untilState(database, ordered.order, 'completed');
  expect(performance.now() - start).toBeLessThan(30_000);

  expect(await keeperOf(engine, supervisionOf(ordered)).result()).toMatchObject({ state: 'finished' });
  const events = await eventsOf(keeperOf(engine, supervisionOf(ordered)));
  const [timer] = having(events, 'timerStartedEventAttributes').filter((event) => summaryOf(event).includes('First try')) as [HistoryEvent];
  const [fired] = having(events, 'timerFiredEventAttributes') as [HistoryEvent];
  const duration = spanOf(timer.timerStartedEventAttributes?.startToFireTimeout);
  expect(duration).toBeGreaterThan(29 * minute);
  expect(duration).toBeLessThanOrEqual(30 * minute);
  expect(instantOf(fired) - instantOf(timer)).toBeGreaterThanOrEqual(duration);

  expect((await loggedAt(ordered, 'completionSyncDue')) - (await loggedAt(ordered, 'acceptDelivery'))).toBe(30 * minute);
  expect(await logOf(database, ordered.supervision)).toContain('completionSyncDue by system via keeper');
  const offset = await offsetOf(ordered);
  expect(offset).toBeGreaterThan(29 * minute);
  expect(offset).toBeLessThanOrEqual(30 * minute);
  expect(engine.repairs).toEqual([]);
});

test('an order centre that is away is tried again every 5 minutes, and no try grows the history (SUP-4)', async (context) => {
  const failures = 4;
  const ordered = await anAcceptedOrder(database);
  let tries = 0;
  centre.troubles.set(ordered.orderNumber, (send, sending) => (++tries <= failures ? answering(503)(send, sending) : send()));
  await untilKnown(ordered);
  await skipTime(engine, keeperOf(engine, supervisionOf(ordered)), context);
  await untilState(database, ordered.order, 'completed');
  expect(await keeperOf(engine, supervisionOf(ordered)).result()).toMatchObject({ state: 'finished' });
  expect(tries).toBe(failures + 1);
  expect((await effectOf(database, ordered.supervision)).outcomes).toEqual([...Array(failures).fill('unknown HTTP_503'), 'succeeded']);
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);

  const events = await eventsOf(keeperOf(engine, supervisionOf(ordered)));
  const scheduled = having(events, 'activityTaskScheduledEventAttributes').filter(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'synchroniseOrder',
  ) as [HistoryEvent];
  expect(scheduled).toHaveLength(1);
  const [started] = having(events, 'activityTaskStartedEventAttributes').filter(
    ({ activityTaskStartedEventAttributes: activity }) => String(activity?.scheduledEventId) === String(scheduled[0].eventId),
  ) as [HistoryEvent];
  // the first try was made inside a workflow task, and a timer waited for the second
  expect(started.activityTaskStartedEventAttributes?.attempt).toBe(failures);
  const [waiting] = having(events, 'timerStartedEventAttributes').filter((event) => summaryOf(event).startsWith('next try')) as [HistoryEvent];
  const waited = instantOf(started) - instantOf(waiting);
  expect(waited).toBeGreaterThanOrEqual(failures * 5 * minute);
  expect(waited).toBeLessThan(failures * 5 * minute + minute);
  // one event per skip: the timers, and each try’s wait
  expect(skipsIn(events).length).toBeLessThanOrEqual(failures + 2);
  const between = events.slice(events.indexOf(scheduled[0]) + 1, events.indexOf(started));
  expect(between.filter((event) => !skipsIn([event]).length).length).toBeLessThanOrEqual(3);
});
