import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type ExampleMerchant, startMerchant } from '../../examples/merchant/server.ts';
import { untilState } from '../faults/orders.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { keeperOf } from '../workflows/keepers.ts';
import { eventsOf } from '../workflows/story.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, machine, merchant } from '../world.ts';

const key = '00000000-0000-4000-8000-000000000001';
const month = { unit: 'month', count: 1 };
let database: Database;
let engine: Engine;
const shops = {} as Record<'V1' | 'V2', ExampleMerchant>;
const products = { V1: 'saas-instant', V2: 'saas-activated' } as const;

beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
  for (const generation of ['V1', 'V2'] as const) {
    shops[generation] = await startMerchant({ key });
    await database.pool.query("insert into endpoints (product, generation, url, key, changed_by) values ($1, $2, $3, $4, 'test')", [
      products[generation],
      generation,
      `${shops[generation].url}/produce`,
      key,
    ]);
  }
  // supervision has its own tests; what is called is the same with and without
  await database.pool.query("update products set supervised = false where id = 'saas-activated'");
});
afterAll(async () => {
  await engine.stop();
  await Promise.all(Object.values(shops).map((shop) => shop.stop()));
  await database.drop();
});

const numberOf = async (id: string) => (await database.pool.query('select number from instances where id = $1', [id])).rows[0].number as string;
/** The newest instance of a lifecycle with a reference to that one. */
const newest = async (lifecycle: string, ref: string, id: string): Promise<string> =>
  (await database.pool.query('select id from instances where lifecycle = $1 and refs ->> $2 = $3 order by id desc limit 1', [lifecycle, ref, id])).rows[0]?.id;

async function order(input: Record<string, unknown>): Promise<string> {
  const { instance } = await accepted(database.commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input })));
  const { rows } = await database.pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [instance]);
  const paid = { amount: rows[0].amount, means: 'balance', reference: 'PAY' };
  await accepted(database.commit.command(aCommand({ lifecycle: 'order', instance, command: 'recordPayment', actor: machine, input: paid })));
  return instance;
}

async function bought(generation: 'V1' | 'V2'): Promise<{ purchase: string; service: string }> {
  const purchase = await order({ product: products[generation], period: month });
  await untilState(database, purchase, 'completed');
  return { purchase, service: await newest('serviceInstance', 'order', purchase) };
}

const attemptsOf = async (call: string) =>
  (await database.pool.query("select outcome, record ->> 'code' as code from attempts where instance_id = $1 order by no", [call])).rows as {
    outcome: string;
    code: string;
  }[];

async function skipTime(workflowId: string, { skip }: Pick<TestContext, 'skip'>): Promise<void> {
  const request = {
    namespace: engine.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
    updateMask: { paths: ['time_skipping_config'] },
  };
  const asked = () =>
    engine.client.workflowService.updateWorkflowExecutionOptions(request).then(
      () => null,
      (error: Error) => error.message,
    );
  const problem = await eventually(asked, (message) => !message?.includes('not found'));
  if (problem) skip(`this Temporal server cannot skip time (frontend.WorkflowTimeSkippingEnabled): ${problem}`);
}

describe.each(['V1', 'V2'] as const)('by %s of the production interface', (generation) => {
  test('what is bought is made at the merchant’s, once, and renewed there to the end that the order has (PRD-1, PRD-2, ORD-5)', async () => {
    const { purchase, service } = await bought(generation);
    const shop = shops[generation];
    const { rows } = await database.pool.query("select context ->> 'merchantInstance' as id from instances where id = $1", [service]);
    const instance = shop.store.of(rows[0].id);
    expect(shop.effectsOf({ activity: 'newInstance', orderId: await numberOf(purchase) })).toBe(1);
    expect(instance).toBeDefined();

    const renewal = await order({ product: products[generation], kind: 'renewal', instance: service, period: month });
    await untilState(database, renewal, 'completed');
    expect(shop.effectsOf({ activity: 'refreshInstance', orderId: await numberOf(renewal) })).toBe(1);
    const call = await newest('productionCall', 'order', renewal);
    const { rows: tries } = await database.pool.query('select record from attempts where instance_id = $1', [call]);
    expect(tries).toHaveLength(1);
    expect(tries[0].record).toMatchObject({ code: '000000', answer: { status: 200 } });
    expect(JSON.stringify(tries)).not.toContain(key);
  });
});

test('an answer that was lost after the merchant had done it is asked for again, and nothing is made twice (PRD-2)', async () => {
  shops.V1.switches.set([{ do: 'reset', when: 'after', activity: 'newInstance', times: 1 }]);
  const purchase = await order({ product: products.V1, period: month });
  const call = await eventually(
    () => newest('productionCall', 'order', purchase),
    (id) => id !== undefined,
  );
  await eventually(
    () => attemptsOf(call),
    (tries) => tries[0]?.outcome === 'unknown',
  );
  // an hour to the next try: the merchant calls again by hand instead (PRD-5)
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await untilState(database, purchase, 'completed');
  expect(shops.V1.effectsOf({ activity: 'newInstance', orderId: await numberOf(purchase) })).toBe(1);
  expect(await attemptsOf(call)).toMatchObject([{ outcome: 'unknown' }, { outcome: 'succeeded', code: '000000' }]);
});

test('an instance that is still being made is asked about until it is there (PRD-1)', async (context) => {
  shops.V2.switches.set([{ do: 'inProgress', queries: 1, activity: 'newInstance', times: 1 }]);
  const purchase = await order({ product: products.V2, period: month });
  const call = await eventually(
    () => newest('productionCall', 'order', purchase),
    (id) => id !== undefined,
  );
  await skipTime(keeperOf(engine, { lifecycle: 'productionCall', id: call }).workflowId, context);
  await untilState(database, purchase, 'completed');
  const { rows } = await database.pool.query('select type from events where instance_id = $1 order by revision', [call]);
  expect(rows.map(({ type }) => type)).toEqual(['productionCallCreated', 'callAnswered', 'instanceReady']);
  expect(shops.V2.effectsOf({ activity: 'newInstance', orderId: await numberOf(purchase) })).toBe(1);
});

test('a renewal that fails is called 60 times, one every 2 minutes, told of once, stops, and is done by one call by hand (PRD-4, PRD-5)', async (context) => {
  const { service } = await bought('V1');
  shops.V1.switches.set([{ do: 'status', status: 503, activity: 'refreshInstance' }]);
  const renewal = await order({ product: products.V1, kind: 'renewal', instance: service, period: month });
  const call = await eventually(
    () => newest('productionCall', 'order', renewal),
    (id) => id !== undefined,
  );
  const keeper = keeperOf(engine, { lifecycle: 'productionCall', id: call });
  await skipTime(keeper.workflowId, context);
  await untilState(database, call, 'stopped', 90_000);
  const tries = await attemptsOf(call);
  expect(tries).toHaveLength(60);
  expect(new Set(tries.map(({ code }) => code))).toEqual(new Set(['HTTP_503']));
  const { rows } = await database.pool.query('select event, count(*)::int as count from outbox where instance_id = $1 and to_role = $2 group by 1 order by 1', [
    call,
    'merchant',
  ]);
  expect(rows).toEqual([
    { event: 'callExhausted', count: 1 },
    { event: 'callMerchantFailing', count: 1 },
  ]);
  // 60 tries are one activity: what grows with them is one event a skip, which real time has not
  const scheduled = (await eventsOf(keeper)).filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'callMerchant');
  expect(scheduled).toHaveLength(1);

  shops.V1.switches.set([]);
  await accepted(database.commit.command(aCommand({ lifecycle: 'productionCall', instance: call, command: 'callAgain', actor: merchant })));
  await untilState(database, renewal, 'completed');
  expect(shops.V1.effectsOf({ activity: 'refreshInstance', orderId: await numberOf(renewal) })).toBe(1);
});
