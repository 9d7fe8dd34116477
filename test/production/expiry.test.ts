import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../../db/sandbox.ts';
import { expectChainsToHold } from '../faults/orders.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, machine } from '../world.ts';
import { month, newest, order } from './shops.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

/** A service of a month with a renewal that waits for its payment, a millisecond before its period ends. */
async function aServiceAtItsEnd() {
  const product = 'saas-instant';
  const purchase = await order(database, { product, period: month });
  await accepted(database.commit.command(aCommand({ lifecycle: 'order', command: 'recordOpening', instance: purchase, actor: machine })));
  const service = await newest(database, 'serviceInstance', 'order', purchase);
  const placed = aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product, kind: 'renewal', instance: service, period: month } });
  const { instance: renewal } = await accepted(database.commit.command(placed));
  const { rows } = await database.pool.query(
    "select key, (extract(epoch from due_at) * 1000)::bigint as due from deadlines where instance_id = $1 and name = 'expired' and status = 'armed'",
    [service],
  );
  const { now } = (await createSandbox({ ...database, onNudged: () => {} }).advance({ instance: service, byMs: 0 })) as { now: number };
  await database.pool.query('update families set clock_offset_ms = clock_offset_ms + $2 where id = (select family from instances where id = $1)', [
    service,
    rows[0].due - now,
  ]);
  return { service, renewal, key: rows[0].key as string, due: rows[0].due as number };
}

test('a renewal that is paid as the period ends has one outcome, whichever comes first: the service runs to the new end, and never stands still with it (ORD-3, ORD-5)', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, aServiceAtItsEnd));
  await Promise.all(
    all.flatMap(({ service, renewal, key }, index) => {
      const pay = () =>
        database.commit.command(
          aCommand({
            lifecycle: 'order',
            command: 'recordPayment',
            instance: renewal,
            actor: machine,
            idempotencyKey: randomUUID(),
            input: { amount: 9_900, means: 'card', reference: 'PAY' },
          }),
        );
      const expire = () => database.commit.fire({ instance: service, lifecycle: 'serviceInstance', key, via: 'sweep' });
      return index % 2 ? [pay(), expire()] : [expire(), pay()];
    }),
  );
  for (const { service, renewal, due } of all) {
    const { rows } = await database.pool.query(
      "select state, (context ->> 'validUntil')::bigint as until, context ->> 'suspendedBecause' as why from instances where id = $1",
      [service],
    );
    const { rows: events } = await database.pool.query(
      "select type from events where instance_id = $1 and type in ('expired', 'changeDone') order by revision",
      [service],
    );
    expect(rows[0]).toMatchObject({ state: 'active', why: null });
    expect(rows[0].until).toBeGreaterThan(due + 27 * 86_400_000);
    expect([['changeDone'], ['expired', 'changeDone']]).toContainEqual(events.map(({ type }) => type));
    const { rows: bought } = await database.pool.query('select state from instances where id = $1', [renewal]);
    expect(bought[0].state).toBe('completed');
  }
  await expectChainsToHold(database);
});
