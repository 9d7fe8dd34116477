import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InstanceRow, instancesById } from '../../db/read/instances.ts';
import { whatIf } from '../../db/whatIf.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { seeded } from '../faults/random.ts';
import { aDatabase, aFile, aPaidOrder, buyer, type Database, merchant } from '../world.ts';
import { realOutcome, standingClock, toldOutcome } from './comparing.ts';
import { type AskedWish, done, everything, familyOf, readerOf, sandboxOf, someWishes, supervisedOrders } from './supposing.ts';

const { seed, random } = seeded();
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
let orders: Awaited<ReturnType<typeof supervisedOrders>>;
const files = new Map<string, string>();
let database: Database;
beforeAll(async () => {
  database = await aDatabase();
  await standingClock(database);
  orders = await supervisedOrders(database);
  for (const actor of [buyer, merchant]) files.set(actor.id, await aFile(database.pool, actor));
});
afterAll(() => database.drop());

async function rowOf(id: string): Promise<InstanceRow> {
  const [row] = await instancesById(readerOf(database), [id]);
  if (!row) throw new Error(`expected ${id} to be there`);
  return row;
}
const anOrder = () => aPaidOrder(database, any(orders));
const wishesFor = (row: InstanceRow, most: number) => someWishes(database, { row, count: Math.floor(random() * (most + 1)), any, random, files });
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const told = (wishes: readonly AskedWish[], advanceMs: number) =>
  `seed ${seed}: ${wishes.map(({ command, actor }) => `${command} by ${actor.role}`).join(', ')}, ${advanceMs} ms`;

/** Asks, then does the very same; both must come to the same in every value: refusals, deadlines that fire, log, messages, money, effects, instances. */
async function askedAndDone(order: string) {
  const row = await rowOf(order);
  const before = await familyOf(database, row);
  const wishes = await wishesFor(row, 3);
  const advanceMs = random() < 0.4 ? 0 : Math.floor(random() ** 3 * 40 * 86_400_000);
  const supposed = await whatIf(readerOf(database), { registry: database.registry, row, wishes, advanceMs });
  const problems = await done(database, wishes);
  const advanced = await sandboxOf(database).advance({ instance: order, byMs: advanceMs });
  const { rows, ...real } = await realOutcome(database, before);

  const what = told(wishes, advanceMs);
  const steps = (kind: string) => supposed.steps.filter((step) => step.kind === kind);
  expect([what, plain(steps('command').map(({ problem }) => problem))]).toEqual([what, plain(problems)]);
  expect([what, supposed.now, steps('deadline').map(({ name }) => name)]).toEqual([what, advanced?.now, advanced?.fired]);
  expect([what, toldOutcome(supposed, rows)]).toEqual([what, real]);
  return {
    asked: 1,
    taken: problems.filter((problem) => problem === null).length,
    refused: problems.filter(Boolean).length,
    fired: advanced?.fired.length ?? 0,
  };
}

test('what is told of a random sequence is what then really happens, in every value to the millisecond, 1,000 times (SUP-2 to SUP-7, TIM-2)', {
  timeout: 300_000,
}, async () => {
  const sum = { asked: 0, taken: 0, refused: 0, fired: 0 };
  let begun = 0;
  const lane = async () => {
    while (begun < 1_000) {
      const { order } = await anOrder();
      for (let round = 0; round < 10 && begun < 1_000; round++) {
        begun += 1;
        for (const [name, count] of Object.entries(await askedAndDone(order))) sum[name as keyof typeof sum] += count;
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  console.log(`seed ${seed}: asked and done ${sum.asked} times; ${sum.taken} commands taken, ${sum.refused} refused, ${sum.fired} deadlines fired`);
  expect(sum.asked).toBe(1_000);
  expect(Math.min(sum.taken, sum.fired)).toBeGreaterThan(300);
  expect(sum.refused).toBeGreaterThan(100);
});

test('taken to succeed, effects lead where their samples then really lead (SUP-4, SUP-6)', { timeout: 300_000 }, async () => {
  const kinds = { command: 0, deadline: 0, effect: 0 };
  for (let round = 0; round < 60; round++) {
    const { order } = await anOrder();
    const row = await rowOf(order);
    const before = await familyOf(database, row);
    const wishes = await wishesFor(row, 6);
    const supposed = await whatIf(readerOf(database), { registry: database.registry, row, wishes, advanceMs: 60 * 86_400_000, assume: 'succeeded' });
    const asked = [...wishes];
    for (const { kind, instance } of supposed.steps) {
      kinds[kind] += 1;
      if (kind === 'command') await done(database, asked.splice(0, 1));
      else if (kind === 'effect') await succeed(row);
      else await advanceToNext(order, instance);
    }
    const what = told(wishes, 0);
    const { rows, ...real } = await realOutcome(database, before);
    expect([what, toldOutcome(supposed, rows)]).toEqual([what, real]);
  }
  console.log(`seed ${seed}: ${JSON.stringify(kinds)}`);
  expect(Math.min(...Object.values(kinds))).toBeGreaterThan(0);
});

/** The open effect that was asked for first succeeds with the sample of its result. */
async function succeed(row: InstanceRow) {
  const rows = await familyOf(database, row);
  const open = rows.flatMap(({ instance }) => instance.effects.filter(({ status }) => status === 'open').map((effect) => ({ ...effect, instance })));
  const [first] = open.sort((one, other) => one.openedAt - other.openedAt || one.key.localeCompare(other.key));
  if (!first) throw new Error('expected an open effect');
  const { key, name, generation, instance } = first;
  const [result] = samplesOf(database.registry.of(instance.lifecycle).effects[name]?.result as never);
  await database.commit.effectSucceeded({ instance: instance.id, lifecycle: instance.lifecycle, key, generation, no: 1, result });
}

async function advanceToNext(order: string, instance: string) {
  const { now, instance: found } = await rowOf(instance.startsWith('new-') ? order : instance);
  const due = Math.min(...found.deadlines.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt])));
  const advanced = await sandboxOf(database).advance({ instance: order, byMs: Math.max(0, due - now) });
  expect(advanced?.fired).toHaveLength(1);
}

test('asking changes nothing, not even by a refusal', async () => {
  const { order } = await anOrder();
  const row = await rowOf(order);
  const wishes = await wishesFor(row, 5);
  const before = await everything(database);
  const refusals = wishes.map((wish) => ({ ...wish, command: 'noSuchCommand' }));
  for (let asked = 0; asked < 20; asked++)
    for (const assume of ['open', 'succeeded'] as const)
      await whatIf(readerOf(database), { registry: database.registry, row, wishes: [...wishes, ...refusals], advanceMs: 86_400_000 * asked, assume });
  expect(await everything(database)).toBe(before);
});
