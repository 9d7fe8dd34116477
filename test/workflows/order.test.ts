import { afterAll, beforeAll, expect, test } from 'vitest';
import { advance, deliver, expectChainsToHold, logOf, minute, numbered, onSupervision, rowOf, untilAllTold, untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, aPaidOrder, type Database, reviewer } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';
import { eventsOf } from './story.ts';

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

const typesOf = async (id: string) => (await logOf(database, id)).map((line) => line.split(' ')[0]);

test.for([
  { scenario: 'none', reviewed: [] },
  { scenario: 'baseCloud', reviewed: ['passReview'] },
])(
  'a paid order whose delivery is accepted (review: $scenario) is completed by itself after 30 minutes, once (SUP-2, SUP-4, ORD-4)',
  async ({ scenario, reviewed }) => {
    const { order, supervision, orderNumber } = await numbered(database, await aPaidOrder(database, { scenario }));
    await eventually(
      () => stateQueried(engine, { lifecycle: 'order', id: order }).catch(() => null),
      (known) => known !== null,
    );
    await deliver(database, supervision);
    for (const command of reviewed) await accepted(database.commit.command(onSupervision(supervision, command, { actor: reviewer })));
    await accepted(database.commit.command(onSupervision(supervision, 'acceptDelivery')));
    const early = await advance(database, { waker: engine.waker, order, byMs: 29 * minute });
    expect(early).toMatchObject({ fired: [], effectsInFlight: 0 });
    expect(await rowOf(database, supervision)).toMatchObject({ state: 'accepted' });
    expect(await advance(database, { waker: engine.waker, order, byMs: minute })).toMatchObject({ fired: ['completionSyncDue'] });
    await untilState(database, order, 'completed');

    await untilAllTold(database);
    const keepers = [keeperOf(engine, { lifecycle: 'supervision', id: supervision }), keeperOf(engine, { lifecycle: 'order', id: order })];
    const ended = await Promise.all(keepers.map((keeper) => keeper.result()));
    expect(ended).toEqual([
      { instance: supervision, state: 'finished', revision: 5 + reviewed.length },
      { instance: order, state: 'completed', revision: 3 },
    ]);
    expect(await typesOf(order)).toEqual(['placeOrder', 'recordPayment', 'supervisionFinished']);
    expect((await typesOf(supervision)).slice(1)).toEqual(['uploadAcceptance', ...reviewed, 'acceptDelivery', 'completionSyncDue', 'orderSynchronised']);
    expect(engine.centre.completionsOf(orderNumber)).toBe(1);
    // the log is in PostgreSQL: Temporal's history has some 20 events of each, and as many again if every wake comes alone
    const lengths = await Promise.all(keepers.map(async (keeper) => (await eventsOf(keeper)).length));
    expect(lengths[0]).toBeLessThan(45);
    expect(lengths[1]).toBeLessThan(35);
    expect([engine.repairs, engine.errors]).toEqual([[], []]);
    await expectChainsToHold(database);
  },
);
