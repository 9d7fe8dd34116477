import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Admission, beginAttempt } from '../../db/attempts.ts';
import { askAgainIn } from '../../db/lanes.ts';
import { aMerchant } from '../exit/merchants.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { aShop, callOf, month, order } from './shops.ts';

let database: Database;
let engine: Engine | null = null;
const shops: Awaited<ReturnType<typeof aShop>>[] = [];
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(async () => {
  await engine?.stop();
  await Promise.all(shops.map((shop) => shop.stop()));
  await database.drop();
});

const places = 4;

/** A merchant with so many calls that nobody has made yet. */
async function aMerchantWithCalls(name: string, many: number) {
  const { product } = await aMerchant(database, name);
  await database.pool.query("update products set access_type = 'SaaS' where id = $1", [product]);
  const shop = await aShop(database, { products: [product] });
  shops.push(shop);
  const orders = await Promise.all(Array.from({ length: many }, () => order(database, { product, period: month })));
  const calls = await Promise.all(orders.map((one) => callOf(database, one)));
  return { shop, calls };
}

async function asked(call: string): Promise<Admission> {
  const { rows } = await database.pool.query('select key, generation from effects where instance_id = $1', [call]);
  return beginAttempt(database.pool, { instance: call, lifecycle: 'productionCall', ...rows[0], timeoutMs: 6_000 }, database.registry);
}
const waitOf = async (call: string) => {
  const admission = await asked(call);
  return admission.admitted || admission.why !== 'busy' ? admission : admission.retryInMs;
};

test('the more wait for a merchant’s places, the more rarely each asks, down to every 15 s: together 20 times a second and place of one that answers at once, once in 1.5 s of one that hangs for 6 s (PRD-5)', () => {
  const perSecondAndPlace = (waiting: number, heldMs: number) => ((waiting / places) * 1_000) / askAgainIn({ waiting, places, heldMs });
  const rates = [1, 4, 40, 100, 1_000].map((waiting) => [20, 1_000, 6_000].map((heldMs) => Number(perSecondAndPlace(waiting, heldMs).toFixed(2))));
  expect(rates).toEqual([
    [0.5, 0.5, 0.5],
    [2, 2, 0.67],
    [20, 4, 0.67],
    [20, 4, 1.67],
    [20, 16.67, 16.67],
  ]);
  // a place that comes free is found: everybody has asked again in half a minute, with the jitter that doubles it at most
  expect(askAgainIn({ waiting: 100_000, places, heldMs: 60_000 })).toBe(15_000);
});

test('a call that finds its merchant’s places taken waits the longer the more wait, and the longer the places are held; the sweep leaves it alone (PRD-5)', async () => {
  const { calls } = await aMerchantWithCalls('waited', 12);
  const [first = '', ...rest] = calls;
  const admitted = await Promise.all([first, ...rest.slice(0, places - 1)].map(asked));
  expect(admitted.map((one) => one.admitted)).toEqual([true, true, true, true]);
  const ids = calls.slice(0, places);
  const heldFor = (seconds: number) =>
    database.pool.query('update attempts set started_at = clock_timestamp() - make_interval(secs => $2) where instance_id = any($1)', [ids, seconds]);

  const waiting = calls.at(-1) ?? '';
  expect(await waitOf(waiting)).toBe(500);
  await heldFor(5);
  // eight wait for four places: each twice a fourth of the 5 s
  expect(await waitOf(waiting)).toBeGreaterThanOrEqual(2_500);
  await database.pool.query("update effects set next_attempt_at = clock_timestamp() + interval '1 hour' where instance_id = any($1)", [
    calls.slice(places, -2),
  ]);
  expect(await waitOf(waiting)).toBeLessThan(2_500);

  await database.pool.query("update effects set opened_real = opened_real - interval '2 minutes' where instance_id = any($1)", [calls]);
  engine = await anEngine(database, { worker: false, sweepMs: 3_600_000 });
  await engine.sweep.sweep();
  const nudged = engine.repairs.filter(({ what }) => what === 'effect').map(({ instance }) => instance);
  // only the one that nobody came for, not the one that asked
  expect(nudged).toEqual([calls.at(-2)]);
});

test('a merchant’s 16 calls that come at once are all made, with fewer than four asks each, when it answers within 300 ms (PRD-5)', async () => {
  await engine?.stop();
  const { shop, calls } = await aMerchantWithCalls('prompt', 16);
  shop.switches.set([{ do: 'hang', ms: 300 }]);
  const running = await anEngine(database);
  engine = running;
  running.waker.wake(calls);
  await eventually(
    async () => shop.calls.length,
    (made) => made === calls.length,
  );
  const asks = await Promise.all(calls.map((call) => asksOf(running, call)));
  expect(asks.reduce((sum, one) => sum + one, 0)).toBeLessThan(4 * calls.length);
});

/** How often a call asked for a place, the ask that was answered with one too: Temporal counts an activity's tries. */
async function asksOf({ client }: Engine, call: string): Promise<number> {
  const handle = client.workflow.getHandle(`productionCall/${call}`);
  await handle.result();
  const { events = [] } = await handle.fetchHistory();
  const tries = (events ?? []).map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0);
  return tries.reduce((sum, one) => sum + one, 0);
}
