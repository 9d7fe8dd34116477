import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommit } from '../../db/commit.ts';
import { connect } from '../../db/connect.ts';
import { createPolicies, type PolicyRequest } from '../../db/policies.ts';
import { type Settings, settingsFrom, settingsIn, settingsRows, versionsOf } from '../../db/settings.ts';
import { verifyChains } from '../../db/verify.ts';
import { order as orders } from '../../lifecycles/order.ts';
import { messageOf, type Problem } from '../../lifecycles/problem.ts';
import { aCommand, accepted, aDatabase, administer, buyer, type Database, machine, manager, merchant } from '../world.ts';

let database: Database;
let policies: ReturnType<typeof createPolicies>;
beforeAll(async () => {
  database = await aDatabase();
  policies = createPolicies(database);
});
afterAll(() => database.drop());

const hour = 3_600_000;
const hours = (n: number) => ({ ms: n * hour });

/** Sets the policies of `order` on the newest version, whatever it is. */
async function set(request: Partial<PolicyRequest>) {
  const { lifecycle = 'order', product = null } = request;
  const { rows } = await database.pool.query(
    'select coalesce(max(version), 0) as version from policies where lifecycle = $1 and ($2::text is null or product is null or product = $2)',
    [lifecycle, product],
  );
  return policies.setPolicies({
    actor: manager,
    lifecycle,
    product,
    values: [],
    reason: 'agreed in the weekly meeting',
    expectedVersion: rows[0].version,
    ...request,
  });
}

async function problemOf(request: Partial<PolicyRequest>): Promise<Problem> {
  const answer = await set(request);
  if (answer.ok) throw new Error(`expected a problem, got version ${answer.version}`);
  return answer.problem;
}

async function anOrder({ commit, product = 'saas-activated' }: { commit?: Database['commit']; product?: string } = {}): Promise<string> {
  const input = { product, period: { unit: 'year', count: 1 } };
  return (await accepted((commit ?? database.commit).command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input })))).instance;
}

/** How long the first deadline of an order runs, in hours. */
async function hoursToPay(instance: string): Promise<number> {
  const { rows } = await database.pool.query(
    "select extract(epoch from due_at - armed_at) / 3600 as hours from deadlines where instance_id = $1 and name = 'unpaidTooLong'",
    [instance],
  );
  return Number(rows[0].hours);
}

test('a product’s value beats the installation’s, which beats the default, from the first deadline of a new instance on (ORD-4)', async () => {
  expect(await hoursToPay(await anOrder())).toBe(24);
  await set({ values: [{ name: 'payWithin', value: hours(12) }] });
  expect(await hoursToPay(await anOrder())).toBe(12);
  await set({ product: 'saas-activated', values: [{ name: 'payWithin', value: hours(2) }] });
  expect([await hoursToPay(await anOrder()), await hoursToPay(await anOrder({ product: 'saas-instant' }))]).toEqual([2, 12]);
  // given back: the level below is in force again
  await set({ product: 'saas-activated', values: [] });
  expect(await hoursToPay(await anOrder())).toBe(12);
  await set({ values: [] });
  expect(await hoursToPay(await anOrder())).toBe(24);
});

test('acceptance on a silent buyer’s behalf is set for a product, never for all of them (SUP-7)', async () => {
  const values = [{ name: 'autoAcceptAfter', value: 10 }];
  const problem = await problemOf({ lifecycle: 'supervision', values });
  expect(problem).toMatchObject({ kind: 'Invalid', fields: [{ path: 'values.0.name' }] });
  expect(messageOf(problem).en).toContain('name a product');
  expect(await set({ lifecycle: 'supervision', product: 'saas-instant', values })).toMatchObject({ ok: true });
});

test('what an order caused goes by its product’s values as well: its supervision, its completion (SUP-4)', async () => {
  await set({ lifecycle: 'supervision', product: 'saas-activated', values: [{ name: 'decisionWithin', value: { workingDays: 1 } }] });
  const order = await anOrder();
  const { rows } = await database.pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [order]);
  const input = { amount: rows[0].amount, means: 'balance', reference: 'PAY' };
  await accepted(database.commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input })));
  const { rows: found } = await database.pool.query("select id, context from instances where refs ->> 'order' = $1 and lifecycle = 'supervision'", [order]);
  expect(found[0].context.product).toBe('saas-activated');
  await accepted(
    database.commit.command(
      aCommand({ lifecycle: 'supervision', instance: found[0].id, command: 'fileAppeal', actor: buyer, reason: 'not as agreed', input: { files: [] } }),
    ),
  );
  const { rows: due } = await database.pool.query(
    "select (extract(epoch from armed_at) * 1000)::bigint as from, (extract(epoch from due_at) * 1000)::bigint as due from deadlines where instance_id = $1 and name = 'decisionDue'",
    [found[0].id],
  );
  const armed = due[0];
  const { calendar } = await settingsAt({ policyVersion: 0, calendarVersion: await versionOf(found[0].id) });
  expect(calendar.addWorkingDays(armed.from, 1)).toBe(armed.due);
});

/** As an export of the event would be decided again: from its versions and their rows alone. */
async function settingsAt(event: Parameters<typeof versionsOf>[0]): Promise<Settings> {
  const versions = versionsOf(event);
  return settingsFrom(versions, await settingsRows(database.pool, versions));
}

const versionOf = async (instance: string): Promise<string> =>
  (await database.pool.query('select calendar_version from events where instance_id = $1 order by revision desc limit 1', [instance])).rows[0].calendar_version;

test('a change counts for deadlines armed afterwards; one that runs keeps its instant (TIM-2)', async () => {
  const order = await anOrder();
  const dueOf = async () => (await database.commit.agenda(order))?.deadlines.map(({ name, dueAt }) => [name, dueAt]);
  const before = await dueOf();
  await set({ values: [{ name: 'payWithin', value: hours(1) }] });
  expect(await dueOf()).toEqual(before);
  expect(await hoursToPay(await anOrder())).toBe(1);
});

test('every event names the version that decided it, and that version can be asked again: defaults, installation and product (TIM-2)', async () => {
  const placed: { instance: string; hours: number }[] = [];
  for (const [product, n] of [
    [null, 5],
    ['saas-activated', 3],
    ['saas-activated', 4],
  ] as const) {
    await set({ product, values: [{ name: 'payWithin', value: hours(n) }] });
    placed.push({ instance: await anOrder(), hours: n });
  }
  for (const { instance, hours: n } of placed) {
    const {
      rows: [event],
    } = await database.pool.query('select policy_version, calendar_version from events where instance_id = $1 and revision = 1', [instance]);
    const { rows } = await database.pool.query('select context from instances where id = $1', [instance]);
    const then = await settingsAt({ policyVersion: event.policy_version, calendarVersion: event.calendar_version });
    expect(then.policiesOf(orders, rows[0].context)).toEqual({ payWithin: hours(n), openWithin: hours(4) });
    expect(await hoursToPay(instance)).toBe(n);
    expect((await verifyChains(database.pool, instance)).broken).toBeNull();
  }
  expect(new Set(placed.map(({ instance }) => instance)).size).toBe(3);
});

test('every process goes by the newest values with its next command, without a restart', async () => {
  const other = connect(database.url, { poolSize: 2 });
  const commit = createCommit({ pool: other.pool, registry: database.registry, onCommitted: () => {} });
  await set({ product: 'saas-activated', values: [] });
  for (const n of [7, 8]) {
    await set({ values: [{ name: 'payWithin', value: hours(n) }] });
    expect(await hoursToPay(await anOrder({ commit }))).toBe(n);
  }
  await other.close();
});

test('a statement that saw the settings before a change goes by those, though its process has read the change first (TIM-2)', async () => {
  for (const n of [5, 6]) await set({ values: [{ name: 'payWithin', value: hours(n) }] });
  const { rows } = await database.pool.query<{ version: number }>('select max(version) as version from policies');
  const newest = rows[0]?.version ?? 0;
  const other = connect(database.url, { poolSize: 1 });
  const at = async (policies: number) => (await settingsIn(other.pool).at({ policies, calendar: 0 }, other.pool)).policiesOf(orders).payWithin;
  expect([await at(newest), await at(newest - 1)]).toEqual([hours(6), hours(5)]);
  await other.close();
});

test('two operators at once: one sets, the other hears that its version is no longer the current one', async () => {
  const { rows } = await database.pool.query("select max(version) as version from policies where lifecycle = 'order'");
  const request = (n: number): PolicyRequest => ({
    actor: { ...manager, id: `manager.${n}` },
    lifecycle: 'order',
    product: null,
    values: [{ name: 'payWithin', value: hours(n) }],
    reason: `at the wish of ${n}`,
    expectedVersion: rows[0].version,
  });
  const answers = await Promise.all([10, 11].map((n) => policies.setPolicies(request(n))));
  const won = answers.findIndex(({ ok }) => ok);
  const lost = answers.find(({ ok }) => !ok);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(lost).toMatchObject({ problem: { kind: 'Stale', changedBy: `manager.${[10, 11][won]}`, details: { expectedRevision: rows[0].version } } });
  // the winner's request again, its answer having been lost: answered, not done again
  expect(await policies.setPolicies(request([10, 11][won] as number))).toEqual({ ...answers[won], replayed: true });
});

test('what a policy cannot be is refused field by field, in both languages, and kept (ACT-2)', async () => {
  const values: [string, unknown][] = [
    ['patience', hours(1)],
    ['constructor', hours(1)],
    ['payWithin', 3],
    ['payWithin', { ms: 0 }],
    ['payWithin', { ms: -60_000 }],
    ['payWithin', { workingDays: 1_000_000_000 }],
    ['payWithin', { ms: 1.5 }],
  ];
  const sentences: string[] = [];
  for (const [name, value] of values) {
    const problem = await problemOf({ values: [{ name, value: value as never }] });
    if (problem.kind !== 'Invalid') throw new Error(`expected Invalid, got ${problem.kind}`);
    sentences.push(...problem.fields.map(({ path, text }) => `${path} | ${text?.zh} | ${text?.en}`));
  }
  expect(sentences).toMatchInlineSnapshot(`
    [
      "values.0.name | “订单”没有名为 patience 的策略，可用的有：payWithin, openWithin。 | Order has no policy named patience; there are payWithin, openWithin.",
      "values.0.name | “订单”没有名为 constructor 的策略，可用的有：payWithin, openWithin。 | Order has no policy named constructor; there are payWithin, openWithin.",
      "values.0.value | 策略“支付时限”应为时长，收到的是 3。 | Policy "Time to pay" takes a length of time, you sent 3.",
      "values.0.value | 策略“支付时限”应为大于零且不超过五年（1250 个工作日），收到的是 0 毫秒。 | Policy "Time to pay" must be more than nothing and at most five years (1250 working days), you sent 0 milliseconds.",
      "values.0.value | 策略“支付时限”应为大于零且不超过五年（1250 个工作日），收到的是 -1 分钟。 | Policy "Time to pay" must be more than nothing and at most five years (1250 working days), you sent -1 minutes.",
      "values.0.value | 策略“支付时限”应为大于零且不超过五年（1250 个工作日），收到的是 1000000000 个工作日。 | Policy "Time to pay" must be more than nothing and at most five years (1250 working days), you sent 1000000000 working days.",
      "values.0.value | 策略“支付时限”应为大于零且不超过五年（1250 个工作日），收到的是 1.5 毫秒。 | Policy "Time to pay" must be more than nothing and at most five years (1250 working days), you sent 1.5 milliseconds.",
    ]
  `);
  const several = await problemOf({
    reason: ' ',
    values: [
      { name: 'payWithin', value: 1 },
      { name: 'openWithin', value: hours(1) },
      { name: 'openWithin', value: hours(2) },
    ],
  });
  if (several.kind !== 'Invalid') throw new Error(`expected Invalid, got ${several.kind}`);
  expect(several.fields.map(({ path }) => path)).toEqual(['reason', 'values.0.value', 'values.2.name']);
  expect(messageOf(several).zh).toContain('“支付时限”');
  const { rows } = await database.pool.query("select code, actor from refusals where command = 'setPolicies' order by id desc limit 1");
  expect(rows).toEqual([{ code: 'INVALID', actor: manager.id }]);
});

test('values that contradict each other are refused with the rule, whether set together, over the installation’s or under a product’s', async () => {
  const supervision = { lifecycle: 'supervision' };
  const together = await problemOf({ ...supervision, values: [{ name: 'completionSyncFirst', value: hours(3) }] });
  expect(messageOf(together)).toMatchInlineSnapshot(`
    {
      "en": "The policies contradict each other (the installation): expected that the first completion sync comes before its window ends, got First completion sync after acceptance 3 hours, Completion sync must have succeeded within 3 hours. Change them together and try again.",
      "zh": "策略自相矛盾（全平台）：要求“首次同步早于同步时限”，而现在是 验收后首次同步 3 小时、同步须成功的时限 3 小时。请一并调整后重试。",
    }
  `);
  await set({ ...supervision, product: 'saas-instant', values: [{ name: 'completionSyncFirst', value: hours(2) }] });
  const under = await problemOf({ ...supervision, values: [{ name: 'completionWindow', value: hours(1) }] });
  expect(messageOf(under).en).toContain('(saas-instant)');
  await set({ ...supervision, values: [{ name: 'completionWindow', value: hours(4) }] });
  const over = await problemOf({ ...supervision, product: 'saas-instant', values: [{ name: 'completionSyncEvery', value: { workingDays: 1 } }] });
  expect([together.code, under.code, over.code]).toEqual(Array(3).fill('POLICY_CONTRADICTION'));
});

test('only an operations manager sets policies, only of what there is (ACT-3)', async () => {
  expect(await problemOf({ actor: merchant })).toMatchObject({ kind: 'Refused', code: 'ROLE_NOT_ALLOWED' });
  expect(await problemOf({ lifecycle: 'nothing' })).toMatchObject({ kind: 'NotFound' });
  expect(await problemOf({ product: 'no-such-product' })).toMatchObject({ kind: 'NotFound' });
  expect(await problemOf({ lifecycle: 'serviceInstance', product: 'saas-instant' })).toMatchObject({ code: 'POLICY_NOT_PER_PRODUCT' });
});

test('values in the table that no policy can have stop nothing: the level below is in force', async () => {
  const junk = { payWithin: 'soon', openWithin: { workingDays: 1e12 }, unheardOf: [1] };
  const insert = `insert into policies (version, lifecycle, product, values, at, by, reason)
    select max(version) + 1, 'order', $1, $2, now(), 'somebody', 'by hand' from policies`;
  await database.pool.query(insert, [null, JSON.stringify(junk)]);
  expect(await hoursToPay(await anOrder())).toBe(24);
  await database.pool.query(insert, ['saas-activated', JSON.stringify({ payWithin: { ms: Number.MAX_SAFE_INTEGER, workingDays: 2 } })]);
  expect(await hoursToPay(await anOrder())).toBe(24);
  expect(await set({ values: [{ name: 'payWithin', value: hours(6) }] })).toMatchObject({ ok: true });
  expect(await hoursToPay(await anOrder())).toBe(6);
});

test('what was set is never changed or deleted (ACT-2)', async () => {
  for (const statement of ["update policies set reason = ''", 'delete from policies', 'truncate policies', 'truncate calendar_versions cascade'])
    await expect(database.pool.query(statement)).rejects.toThrow(/append-only/);
});

test('values that an earlier version of Steward kept in one document come over, lifecycle by lifecycle', async () => {
  const name = `${database.name}_before`;
  await administer(database.url, `create database ${name}`);
  const client = new pg.Client({ connectionString: Object.assign(new URL(database.url), { pathname: `/${name}` }).href });
  await client.connect();
  const run = async (file: string) => {
    for (const statement of readFileSync(new URL(`../../db/migrations/${file}.sql`, import.meta.url), 'utf8').split('--> statement-breakpoint'))
      await client.query(statement);
  };
  try {
    await run('0000_core');
    await run('0001_partitions_and_rights');
    const insert = "insert into policies (version, values, at, by, reason) values ($1, $2, now(), 'manager.qian', 'why')";
    await client.query(insert, [1, { order: { payWithin: hours(1) }, supervision: { completionWindow: hours(4) } }]);
    await client.query(insert, [2, { supervision: { completionWindow: hours(5) } }]);
    await run('0002_policies_and_calendar');
    const { rows } = await client.query('select version, lifecycle, product, values, based_on from policies order by 1, 2');
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1, 'order', null, { payWithin: hours(1) }, 0],
      [1, 'supervision', null, { completionWindow: hours(4) }, 0],
      [2, 'order', null, {}, 1],
      [2, 'supervision', null, { completionWindow: hours(5) }, 1],
    ]);
  } finally {
    await client.end();
    await administer(database.url, `drop database ${name} with (force)`);
  }
});
