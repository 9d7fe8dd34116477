import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../../db/sandbox.ts';
import { aDatabase, buyer, type Database, machine, manager } from '../world.ts';
import { aMerchant, codeOf, done, put, stateOf } from './merchants.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

test('what is sold by use stands in the way of an exit, by its order’s number, until its merchant’s notice and the time for the last reports are over (EXT-1, MET-2)', async () => {
  const { pool } = database;
  const leaving = await aMerchant(database, 'by-use');
  await pool.query(`update products set access_type = 'SaaS', offers = '{"unitPrice": 250}' where id = $1`, [leaving.product]);
  await done(put(database, buyer, 'buyerAccount', 'openBuyerAccount', null));
  const { instance: order } = await done(put(database, buyer, 'order', 'placeOrder', null, { input: { product: leaving.product, kind: 'onDemand' } }));
  await done(put(database, machine, 'order', 'recordOpening', order));
  const { rows } = await pool.query("select o.number, s.id from instances o join instances s on s.refs ->> 'order' = o.id::text where o.id = $1", [order]);
  const [{ number, id: service }] = rows;
  const apply = () => put(database, leaving.person, 'merchantExit', 'applyForExit', null, { input: { merchant: leaving.merchant } });

  expect(await stateOf(database, order)).toBe('completed');
  expect(await apply()).toMatchObject({ problem: { code: 'EXIT_ORDERS_RUNNING', details: { count: 1, numbers: number } } });
  await done(put(database, leaving.person, 'serviceInstance', 'endUse', service));
  expect(await codeOf(apply())).toBe('EXIT_ORDERS_RUNNING');
  const sandbox = createSandbox({ ...database, onNudged: () => {} });
  await sandbox.advance({ instance: order, byMs: 30 * 86_400_000 });
  expect([await stateOf(database, service), await codeOf(apply())]).toEqual(['suspended', 'EXIT_ORDERS_RUNNING']);
  await sandbox.advance({ instance: order, byMs: 86_400_000 });
  expect(await stateOf(database, service)).toBe('released');
  const { instance: exit } = await done(apply());
  await done(put(database, manager, 'merchantExit', 'approveExit', exit));
  expect(await codeOf(put(database, manager, 'merchantExit', 'freezeForExit', exit))).toBe('done');
});
