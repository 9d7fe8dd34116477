import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ForecastFilter, forecast } from '../../db/forecast.ts';
import { instancesById } from '../../db/read/instances.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { seeded } from '../faults/random.ts';
import { aDatabase, aFile, aPaidOrder, buyer, type Database, manager, merchant, otherBuyer, otherMerchant } from '../world.ts';
import { standingClock } from './comparing.ts';
import { done, everything, readerOf, sandboxOf, someWishes, supervisedOrders } from './supposing.ts';

const { seed, random } = seeded();
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const day = 86_400_000;
const orders: string[] = [];
let database: Database;
let now: number;
/** Orders of every way, each some random commands on its way; some in a sandbox that is days ahead. */
beforeAll(async () => {
  database = await aDatabase();
  now = await standingClock(database);
  const ordered = await supervisedOrders(database);
  const files = new Map<string, string>();
  for (const actor of [buyer, merchant]) files.set(actor.id, await aFile(database.pool, actor));
  for (let no = 0; no < 30; no++) {
    const { order } = await aPaidOrder(database, ordered[no % ordered.length]);
    orders.push(order);
    const [row] = await instancesById(readerOf(database), [order]);
    if (row) await done(database, await someWishes(database, { row, count: no % 6, any, random, files }));
    if (no % 5 === 0) await sandboxOf(database).advance({ instance: order, byMs: Math.floor(random() * 3 * day) });
  }
  orders.push((await aPaidOrder(database, { product: 'saas-activated-b', by: otherBuyer })).order);
});
afterAll(() => database.drop());

const asked = (actor: Actor, more: { filter?: ForecastFilter; until?: number; most?: number } = {}) =>
  forecast(readerOf(database, actor), { registry: database.registry, until: now + 60 * day, ...more });
const sum = (counts: readonly { count: number }[]) => counts.reduce((total, { count }) => total + count, 0);

test('a party is told of its own records alone (ACT-1)', async () => {
  const [all, one, other] = [await asked(manager), await asked(buyer), await asked(otherBuyer)];
  expect(other).toEqual(await asked(otherMerchant));
  expect(other.families).toBe(1);
  expect(sum(one.kinds) + sum(other.kinds)).toBe(sum(all.kinds));
  expect(await asked(manager, { filter: { buyer: 'buyer-b' } })).toEqual(other);
  expect((await asked(buyer, { filter: { buyer: 'buyer-b' } })).kinds).toEqual([]);
});

test('a filter by lifecycle and name leaves the rest of the count as it is', async () => {
  const { kinds } = await asked(manager);
  for (const { lifecycle, name } of kinds)
    expect((await asked(manager, { filter: { lifecycle: [lifecycle], name: [name] } })).kinds).toEqual(
      kinds.filter((kind) => kind.lifecycle === lifecycle && kind.name === name),
    );
  expect((await asked(manager, { filter: { lifecycle: [], name: [] } })).kinds).toEqual(kinds);
  expect((await asked(manager, { filter: { name: ['noSuchDeadline'] } })).kinds).toEqual([]);
});

test('past its cap a forecast tells of those that are due first, and that there are more', async () => {
  const all = await asked(manager);
  const some = await asked(manager, { most: 3 });
  expect([all.truncated, some.truncated, some.families]).toEqual([false, true, 3]);
  expect(some.kinds[0]?.first).toBe(all.kinds[0]?.first);
  expect(sum(some.kinds)).toBeLessThan(sum(all.kinds));
  expect((await asked(manager, { most: all.families })).truncated).toBe(false);
});

test('nothing is due by an instant that has passed', async () => {
  expect(await asked(manager, { until: now - day })).toEqual({ kinds: [], families: 0, truncated: false });
});

test('an effect that waits for its next try is told as a retry', async () => {
  const at = now + 3_600_000;
  const { order, supervision } = await aPaidOrder(database);
  await database.pool.query(
    `insert into effects (key, instance_id, name, params, status, generation, tries, opened_at, next_attempt_at)
     values ($1 || ':9:synchroniseOrder', $1::uuid, 'synchroniseOrder', '{}', 'open', 1, 2, now(), $2)`,
    [supervision, new Date(at)],
  );
  const retries = async (by: number) =>
    (await asked(buyer, { until: by, filter: { name: ['synchroniseOrder'] } })).kinds.filter(({ kind }) => kind === 'retry');
  const told = [{ kind: 'retry', lifecycle: 'supervision', name: 'synchroniseOrder', count: 1, first: at, last: at, incident: false }];
  expect(await retries(at)).toEqual(told.map((kind) => ({ ...kind, occurrences: [{ at, instance: supervision }] })));
  expect(await retries(at - 1)).toEqual([]);
  await database.pool.query('delete from effects where instance_id = $1', [supervision]);
  orders.push(order);
});

test('the forecast is what then fires: each deadline of each instance at its instant, those included to which others lead (TIM-2)', async () => {
  const before = await everything(database);
  const told = await asked(manager);
  expect(await everything(database)).toBe(before);
  const { rows: known } = await database.pool.query('select i.id, i.revision, f.clock_offset_ms as offset from instances i join families f on f.id = i.family');
  const since = new Map(known.map(({ id, revision, offset }) => [id, { revision, offset }]));
  for (const order of orders) {
    // what is in a sandbox comes as much later on its clock
    const advanced = await sandboxOf(database).advance({ instance: order, byMs: 60 * day });
    expect(advanced).not.toBeNull();
  }
  const { rows } = await database.pool.query(
    `select i.lifecycle, e.type as name, i.id as instance, e.revision, (extract(epoch from e.at) * 1000)::bigint as at from events e join instances i on i.id = e.instance_id where e.kind = 'deadline'`,
  );
  const fired = rows.filter(({ instance, revision }) => revision > (since.get(instance)?.revision ?? 0));
  const byKind = Object.groupBy(fired, ({ lifecycle, name }) => `${lifecycle} ${name}`);
  const counts = Object.fromEntries(Object.entries(byKind).map(([kind, of]) => [kind, of?.length]));
  expect([seed, Object.fromEntries(told.kinds.map(({ lifecycle, name, count }) => [`${lifecycle} ${name}`, count]))]).toEqual([seed, counts]);
  for (const { lifecycle, name, occurrences } of told.kinds) {
    const real = (byKind[`${lifecycle} ${name}`] ?? []).map(({ instance, at }) => ({ instance, at: at - since.get(instance)?.offset }));
    const apart = occurrences.map(({ instance, at }) => Math.min(...real.filter((one) => one.instance === instance).map((one) => Math.abs(one.at - at))));
    expect([seed, name, apart.filter((ms) => ms !== 0)]).toEqual([seed, name, []]);
    expect(occurrences.map(({ instance }) => instance).sort()).toEqual(real.map(({ instance }) => instance).sort());
  }
  console.log(`seed ${seed}: ${fired.length} deadlines of ${told.kinds.length} kinds over ${told.families} families`);
  // a deadline of an instance that has fired one before
  expect(fired.length).toBeGreaterThan(new Set(fired.map(({ instance }) => instance)).size);
  const incidents = told.kinds.filter(({ incident }) => incident);
  expect(sum(incidents)).toBeGreaterThan(0);
});
