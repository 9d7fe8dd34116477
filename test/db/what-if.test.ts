import { afterAll, beforeAll, expect, test } from 'vitest';
import { forecast } from '../../db/forecast.ts';
import { type InstanceRow, instancesByFamily, instancesById } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { whatIf } from '../../db/whatIf.ts';
import { allowed } from '../../lifecycles/ask.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { stateOf } from '../../lifecycles/registry.ts';
import type { Actor, Role } from '../../lifecycles/roles.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { seeded } from '../faults/random.ts';
import { aCommand, aDatabase, aFile, aPaidOrder, buyer, type Database, machine, manager, merchant, reviewer } from '../world.ts';

const { seed, random } = seeded();
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const actors: Partial<Record<Role, Actor>> = { buyer, merchant, operationsManager: manager, reviewer, system: machine };
/** One of each way of delivery (SUP-2). */
let products: string[];
const files = new Map<string, string>();
let database: Database;
beforeAll(async () => {
  database = await aDatabase();
  products = (
    await database.pool.query("select id from products where supervised and on_sale and whitelist is null and prices ? 'year' and merchant = 'merchant-a'")
  ).rows.map(({ id }) => id);
  for (const actor of [buyer, merchant]) files.set(actor.id, await aFile(database.pool, actor));
});
afterAll(() => database.drop());

const readerOf = (actor: Actor) => createReader(database.readPool, actor);
const reader = () => readerOf(manager);
const sandbox = () => createSandbox({ ...database, onNudged: () => {} });

async function familyOf(row: InstanceRow): Promise<InstanceRow[]> {
  return instancesByFamily(reader(), [row.instance.family]);
}

function possible({ instance, now, settings: { policiesOf, calendar } }: InstanceRow, actor: Actor): string[] {
  const lifecycle = database.registry.of(instance.lifecycle, instance.version);
  return allowed({ lifecycle, instance, question: { actor, facts: {}, now, policies: policiesOf(lifecycle, instance.context), calendar } });
}

/** A command that may be accepted more often than not: mostly one that is possible now, with a sample of its input and a real file. */
function aWish(rows: readonly InstanceRow[], actor: Actor) {
  const row = any(rows);
  const { instance } = row;
  const lifecycle = database.registry.of(instance.lifecycle, instance.version);
  const all = Object.entries(lifecycle.commands);
  const theirs = all.filter(([name]) => possible(row, actor).includes(name));
  const [command, declared] = any(theirs.length > 0 && random() < 0.9 ? theirs : all);
  const own = files.get(actor.id) ?? any([...files.values()]);
  const input = JSON.parse(JSON.stringify(any(samplesOf(declared.input))).replaceAll('11111111-1111-4111-8111-111111111111', own));
  // sampled instants are of no order's time
  for (const [key, value] of Object.entries(input)) if (typeof value === 'string' && /^\d{4}-.*Z$/.test(value)) delete input[key];
  return { instance: instance.id, lifecycle: instance.lifecycle, command, actor, input, reason: random() < 0.9 ? '核实' : null };
}

/** What of an instance must be the same; instants of now differ by the time that passes between asking and doing. */
const shapeOf = (instance: Instance) => ({
  lifecycle: instance.lifecycle,
  value: instance.value,
  revision: instance.revision,
  recorded: instance.recorded.map(({ event }) => event),
  incidents: instance.incidents.map(({ name, code }) => `${name} ${code}`).sort(),
  effects: instance.effects.map(({ name, status, generation }) => `${name} ${status} ${generation}`).sort(),
  deadlines: instance.deadlines.map(({ name, dueAt }) => `${name} ${dueAt === null ? 'frozen' : 'armed'}`).sort(),
});
const instantsOf = (instance: Instance) =>
  instance.deadlines.toSorted((one, other) => one.name.localeCompare(other.name)).map(({ dueAt, remainingMs }) => dueAt ?? remainingMs ?? 0);
const byLifecycle = (instances: Iterable<Instance>) => [...instances].sort((one, other) => one.lifecycle.localeCompare(other.lifecycle));

async function everything(): Promise<string> {
  const tables = ['instances', 'events', 'deadlines', 'effects', 'incidents', 'outbox', 'idempotency_keys', 'refusals', 'families'];
  const { rows } = await database.pool.query(
    `select ${tables.map((table) => `(select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from ${table} t) as ${table}`).join(', ')}`,
  );
  return JSON.stringify(rows[0]);
}

/** Asks, then does the very same; both must come to the same. @returns how many commands were taken */
async function askedAndDone(order: string): Promise<{ taken: number; refused: number; fired: number }> {
  const [row] = (await instancesById(reader(), [order])) as [InstanceRow];
  const wishes = Array.from({ length: Math.floor(random() * 3) }, () => null);
  const rows = await familyOf(row);
  const able = Object.values(actors).filter((one) => rows.some((row) => possible(row, one).length > 0));
  const actor = any(random() < 0.8 ? able : Object.values(actors));
  const asked = wishes.map(() => aWish(rows, actor));
  const advanceMs = random() < 0.3 ? 0 : Math.floor(random() ** 3 * 40 * 86_400_000);
  const told = await whatIf(readerOf(actor), { registry: database.registry, row, wishes: asked, advanceMs });

  const problems: (string | null)[] = [];
  for (const { instance, lifecycle, command, actor, input, reason } of asked) {
    const answer = await database.commit.command(aCommand({ instance, lifecycle, command, actor, input, reason }));
    problems.push(answer.ok ? null : answer.problem.code);
  }
  const advanced = await sandbox().advance({ instance: order, byMs: advanceMs });
  const what = `seed ${seed}: ${asked.map(({ command, actor }) => `${command} by ${actor.role}`).join(', ')}, ${advanceMs} ms`;
  expect([what, told.steps.filter(({ kind }) => kind === 'command').map(({ problem }) => problem?.code ?? null)]).toEqual([what, problems]);
  expect([what, told.steps.filter(({ kind }) => kind === 'deadline').map(({ name }) => name)]).toEqual([what, advanced?.fired]);
  const real = byLifecycle((await familyOf(row)).map(({ instance }) => instance));
  const supposed = byLifecycle(told.instances.values());
  expect([what, supposed.map(shapeOf)]).toEqual([what, real.map(shapeOf)]);
  const apart = supposed.flatMap(instantsOf).map((instant, index) => Math.abs(instant - (real.flatMap(instantsOf)[index] ?? 0)));
  expect([what, Math.max(0, ...apart) < 5_000]).toEqual([what, true]);
  return {
    taken: problems.filter((code) => code === null).length,
    refused: problems.filter((code) => code !== null).length,
    fired: advanced?.fired.length ?? 0,
  };
}

test('what is told of a random sequence is what then really happens, 1,000 times (SUP-2 to SUP-7, TIM-2)', { timeout: 120_000 }, async () => {
  const sum = { taken: 0, refused: 0, fired: 0, asked: 0 };
  const lane = async () => {
    while (sum.asked < 1_000) {
      const { order } = await aPaidOrder(database, { product: any(products), scenario: any(['none', 'baseCloud']) });
      for (let round = 0; round < 10 && sum.asked < 1_000; round++) {
        sum.asked += 1;
        const { taken, refused, fired } = await askedAndDone(order);
        Object.assign(sum, { taken: sum.taken + taken, refused: sum.refused + refused, fired: sum.fired + fired });
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  console.log(`seed ${seed}: asked and done ${sum.asked} times; ${sum.taken} commands taken, ${sum.refused} refused, ${sum.fired} deadlines fired`);
  expect(sum.asked).toBe(1_000);
  expect(Math.min(sum.taken, sum.refused, sum.fired)).toBeGreaterThan(100);
});

test('asking changes nothing, not even by a refusal', async () => {
  const { order } = await aPaidOrder(database);
  const [row] = (await instancesById(reader(), [order])) as [InstanceRow];
  const before = await everything();
  const rows = await familyOf(row);
  for (let asked = 0; asked < 20; asked++)
    await whatIf(reader(), { registry: database.registry, row, wishes: Array.from({ length: 5 }, () => aWish(rows, manager)), advanceMs: 86_400_000 * asked });
  expect(await everything()).toBe(before);
});

test('the forecast is what then fires, per kind; a party is told of its own alone (TIM-2, ACT-1)', async () => {
  const own = await aDatabase();
  try {
    const orders: string[] = [];
    for (let no = 0; no < 12; no++) {
      const { order, supervision } = await aPaidOrder(own, { scenario: any(['none', 'baseCloud']) });
      orders.push(order);
      const on = { lifecycle: 'supervision', instance: supervision };
      if (no % 3 > 0)
        await own.commit.command(aCommand({ ...on, command: 'uploadAcceptance', actor: merchant, input: { files: [await aFile(own.pool, merchant)] } }));
      if (no % 3 > 1) await own.commit.command(aCommand({ ...on, command: 'acceptDelivery', actor: buyer }));
      if (no % 4 === 3) await own.commit.command(aCommand({ ...on, command: 'fileAppeal', actor: buyer, reason: '服务无法登录' }));
    }
    const until = Date.now() + 45 * 86_400_000;
    const asked = (actor: Actor) => forecast(createReader(own.readPool, actor), { registry: own.registry, until });
    const told = await asked(manager);
    const fired: Record<string, number> = {};
    for (const order of orders) {
      const advanced = await createSandbox({ ...own, onNudged: () => {} }).advance({ instance: order, byMs: until - Date.now() });
      for (const name of advanced?.fired ?? []) fired[name] = (fired[name] ?? 0) + 1;
    }
    const { rows } = await own.pool.query(
      `select i.lifecycle || ' ' || e.type as kind, count(*)::int from events e join instances i on i.id = e.instance_id where e.kind = 'deadline' group by 1 order by 1`,
    );
    expect(
      told.kinds.map(({ lifecycle, name, count }) => ({ kind: `${lifecycle} ${name}`, count })).sort((one, other) => (one.kind < other.kind ? -1 : 1)),
    ).toEqual(rows);
    expect(Object.values(fired).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(4);
    expect(told).toMatchObject({ families: expect.any(Number), truncated: false });
    expect((await asked({ id: 'buyer-b.wu', role: 'buyer', party: 'buyer-b' })).kinds).toEqual([]);
  } finally {
    await own.drop();
  }
});

test('a record that would only then exist is told by its lifecycle and state', async () => {
  const { order } = await aPaidOrder(database);
  const [row] = (await instancesById(reader(), [order])) as [InstanceRow];
  const { instances } = await whatIf(reader(), { registry: database.registry, row, wishes: [], advanceMs: 0 });
  expect([...instances.values()].map(({ lifecycle, value }) => `${lifecycle} ${stateOf(value)}`).sort()).toEqual([
    'order processing',
    expect.stringMatching(/^supervision /),
  ]);
});
