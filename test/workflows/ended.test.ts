import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { order } from '../../lifecycles/order.ts';
import { lifecycles } from '../../lifecycles/registry.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { workflowIdOf } from '../../workflows/wake.ts';
import { answering, aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, manager } from '../world.ts';

const orderNumber = 'OF-AN-ORDER-THAT-ENDED';
const { synchroniseOrder } = supervision.effects;
/** An order that tells the order centre of itself while it is unpaid, and finishes that whatever comes of it. */
const telling: Lifecycle = {
  ...order,
  effects: {
    ...(order as Lifecycle).effects,
    synchroniseOrder: {
      ...synchroniseOrder,
      in: ['pendingPayment'],
      onLeave: 'finish',
      params: () => ({ orderNumber, acceptedAt: new Date(0).toISOString() }),
      retry: { ...synchroniseOrder.retry, every: () => ({ ms: 1_000 }) },
    },
  },
};

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase({ lifecycles: lifecycles.map((one) => (one.name === 'order' ? telling : one)) });
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const effect = async (id: string) => (await database.pool.query('select key, status from effects where instance_id = $1', [id])).rows[0];
const until = (id: string, status: string) =>
  eventually(
    () => effect(id),
    (seen) => seen?.status === status,
  );

test('what an ended record still owed and gave up is tried again by hand: its workflow starts anew, and ends with it (PRD-5)', async () => {
  centre.troubles.set(orderNumber, answering(409));
  const input = { product: 'saas-activated', period: { unit: 'year', count: 1 } };
  const { instance: id } = await accepted(database.commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input })));
  const { key } = await until(id, 'failed');
  const on = { lifecycle: 'order', instance: id, reason: 'because' };
  await accepted(database.commit.command(aCommand({ ...on, command: 'cancelOrder', actor: buyer })));
  const workflow = engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'order', id }));
  expect(await workflow.result()).toMatchObject({ instance: id, state: 'cancelled' });
  const { runId } = await workflow.describe();

  centre.troubles.delete(orderNumber);
  const retry = () => database.commit.command(aCommand({ ...on, command: 'retryEffect', actor: manager, input: { effect: key } }));
  await accepted(retry());
  await until(id, 'done');
  expect(await workflow.result()).toMatchObject({ instance: id, state: 'cancelled' });
  expect((await workflow.describe()).runId).not.toBe(runId);
  expect(centre.completionsOf(orderNumber)).toBe(1);
  const { rows } = await database.pool.query(
    'select state, final, (select count(*)::int from incidents where instance_id = i.id and closed_at is null) as open from instances i where i.id = $1',
    [id],
  );
  expect(rows).toEqual([{ state: 'cancelled', final: true, open: 0 }]);
  expect(await retry()).toMatchObject({ ok: false, problem: { code: 'ENDED' } });
  expect(engine.errors).toEqual([]);
});
