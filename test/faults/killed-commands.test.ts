import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CommandRequest } from '../../db/requests.ts';
import { aCommand, accepted, aDatabase, aPaidOrder, buyer, type Database, machine } from '../world.ts';
import { aChild } from './child.ts';
import { amountOf, expectChainsToHold, onSupervision } from './orders.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

/** All that a command may change, counted. */
async function everything(): Promise<Record<string, number>> {
  const tables = ['instances', 'events', 'families', 'deadlines', 'effects', 'idempotency_keys', 'outbox', 'attachments', 'refusals'];
  const { rows } = await database.pool.query(`select ${tables.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')}`);
  return rows[0];
}

const place = async () =>
  aCommand({
    lifecycle: 'order',
    command: 'placeOrder',
    actor: buyer,
    input: { product: 'saas-activated', scenario: 'none', period: { unit: 'year', count: 1 } },
  });
// a process a point, which takes its time on a busy machine
vi.setConfig({ testTimeout: 180_000 });

const scenarios: [string, () => Promise<CommandRequest>, Record<string, number>][] = [
  ['placing an order (ORD-4)', place, { instances: 1, events: 1, families: 1, deadlines: 1, idempotency_keys: 1 }],
  [
    'a payment that starts supervision (SUP-1)',
    async () => {
      const { instance } = await accepted(database.commit.command(await place()));
      return aCommand({
        lifecycle: 'order',
        instance,
        command: 'recordPayment',
        actor: machine,
        input: { amount: await amountOf(database, instance), means: 'balance', reference: 'PAY-1' },
      });
    },
    { instances: 1, events: 2, deadlines: 2, idempotency_keys: 1, outbox: 1 },
  ],
  ['a refusal (ACT-2)', async () => onSupervision((await aPaidOrder(database)).supervision, 'acceptDelivery'), { refusals: 1 }],
];

test.each(scenarios)(
  '%s, its process killed before each statement and after commit, is whole or nothing; sent again it counts once',
  async (_name, prepare, effect) => {
    const points: string[] = [];
    for (let statement = 2; ; statement++) {
      const request = await prepare();
      const before = await everything();
      const child = await aChild('command-process.ts', { databaseUrl: database.url, request, hold: { transaction: 1, statement, when: 'before' } });
      const isKilledInside = (await child.says('held', 'answered')) === 'held';
      await child.kill();
      // a killed process's transaction is rolled back as soon as PostgreSQL sees the closed connection
      const whole = Object.fromEntries(Object.entries(before).map(([table, count]) => [table, count + (effect[table] ?? 0)]));
      expect(await everything()).toEqual(isKilledInside ? before : whole);
      const again = await database.commit.command(request);
      if ('refusals' in effect) expect(again).toMatchObject({ ok: false, problem: { code: 'WRONG_STATE' } });
      else expect(again).toMatchObject({ ok: true, replayed: !isKilledInside });
      expect(await everything()).toEqual('refusals' in effect && !isKilledInside ? { ...whole, refusals: (whole.refusals ?? 0) + 1 } : whole);
      points.push(isKilledInside ? `before statement ${statement}` : 'after commit');
      if (!isKilledInside) break;
    }
    await expectChainsToHold(database);
    // lock, rest, what is written, commit: less than that inside, and nothing was killed
    expect(points.length).toBeGreaterThanOrEqual(4);
    console.log(`${points.length} points hit: ${points.join(', ')}`);
  },
);
