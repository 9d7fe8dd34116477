import { afterAll, beforeAll, expect, test } from 'vitest';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, buyer, type Database, manager } from '../world.ts';
import { aMerchant, done, put, stateOf } from './merchants.ts';

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

test('BIL-6: a worker writes an export; what rests, merchants and products among it, has no workflow', async () => {
  const { product } = await aMerchant(database, 'worked');
  await done(put(database, buyer, 'order', 'placeOrder', null, { input: { product } }));
  const { instance } = await done(put(database, manager, 'billExport', 'requestExport', null, { input: { what: 'orders', format: 'xlsx' } }));
  await eventually(
    () => stateOf(database, instance),
    (state) => state === 'ready',
  );
  const { rows } = await database.pool.query('select done, total from export_progress where instance_id = $1', [instance]);
  expect(rows).toEqual([{ done: 1, total: 1 }]);
  const owed = await database.pool.query("select count(*)::int as count from instances where lifecycle in ('merchant', 'product') and woken_seq < wake_seq");
  expect(owed.rows).toEqual([{ count: 0 }]);
  expect(engine.errors).toEqual([]);
});

test('PRD-6: an exhausted call counts against its product once, however often its effect is sent', async () => {
  const { life, product } = await aMerchant(database, 'reported');
  const { reportFailure } = (await import('../../activities/callFailures.ts')).createCallFailures(database);
  const call = { call: 'a call', number: 'PC-2026-000001', activity: 'newInstance', at: Date.now() - 1_000 };
  const sending = (key: string) => ({ params: { ...call, product }, idempotencyKey: key, signal: AbortSignal.timeout(5_000), record: () => {} }) as never;
  expect(await reportFailure.send(sending('one'))).toEqual({ counted: true });
  await reportFailure.send(sending('one'));
  await reportFailure.send(sending('two'));
  const { rows } = await database.pool.query("select context -> 'failedCalls' as calls from instances where id = $1", [life]);
  expect(rows[0].calls).toEqual([call]);
});
