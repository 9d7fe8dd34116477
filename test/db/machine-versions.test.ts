import { afterAll, beforeAll, expect, test } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { migrateInstances } from '../../db/migrate-instances.ts';
import { commandOf, type Lifecycle } from '../../lifecycles/declaration.ts';
import { createRegistry, lifecycles } from '../../lifecycles/registry.ts';
import { hours, minutes, spanOf } from '../../lifecycles/spans.ts';
import { aCommand, accepted, aDatabase, buyer, type Database } from '../world.ts';

/** A lifecycle that exists only here, in two versions: the second renames a state, adds context, and shortens a deadline. */
const label = { zh: '测试', en: 'Test' };
const step = commandOf()({ label, description: label, by: ['buyer'], input: z.object({}), reason: 'optional', rules: ['TIM-2'] });
const stateLabel = { ...label, description: label, waitsFor: ['buyer'] as const };

function aTrial(version: 1 | 2): Lifecycle {
  const waiting = version === 1 ? 'waiting' : 'onTrial';
  const machine = setup({ types: { context: {} as { note: string; seats?: number } } }).createMachine({
    id: 'trial',
    initial: waiting,
    context: version === 1 ? { note: 'v1' } : { note: 'v2', seats: 1 },
    states: { [waiting]: { on: { endTrial: 'ended', reminderDue: {}, overdue: 'ended' } }, ended: { type: 'final' } },
  });
  return {
    name: 'trial',
    version,
    prefix: 'TR',
    label,
    machine,
    context: version === 1 ? z.object({ note: z.string() }) : z.object({ note: z.string(), seats: z.number() }),
    states: { [waiting]: stateLabel, ended: { ...stateLabel, waitsFor: [] } },
    opening: { name: 'startTrial', command: step as never, start: () => ({ input: {}, parties: { buyer: 'buyer-a', merchant: 'merchant-a' } }) },
    commands: { endTrial: step as never },
    events: {},
    effects: {},
    onEnter: {},
    notices: {},
    deadlines: {
      reminderDue: { in: [waiting], due: ({ policies }) => spanOf(policies, 'remind'), label, rules: ['TIM-2'] },
      overdue: { in: [waiting], due: ({ policies }) => spanOf(policies, 'end'), label, rules: ['TIM-2'] },
    },
    policies: {
      remind: { default: version === 1 ? hours(2) : hours(1), label, rule: 'TIM-2' },
      end: { default: version === 1 ? hours(10) : minutes(30), label, rule: 'TIM-2' },
    },
    rules: ['TIM-2'],
    ...(version === 2
      ? {
          migrations: [
            {
              from: 1,
              states: { waiting: 'onTrial' },
              context: (old: { note: string }) => ({ ...old, seats: 5 }),
              deadlines: { reminderDue: 'recompute' as const, overdue: 'keep' as const },
            },
          ],
        }
      : {}),
  };
}

let database: Database;
beforeAll(async () => {
  database = await aDatabase({ lifecycles: [...lifecycles, aTrial(1)] });
  await database.pool.query('alter table instances drop constraint state_is_of_lifecycle');
});
afterAll(() => database.drop());

const both = createRegistry([...lifecycles, aTrial(1), aTrial(2)]);
const row = async (id: string) => (await database.pool.query('select version, state, context, revision from instances where id = $1', [id])).rows[0];
const dueOf = async (id: string) =>
  Object.fromEntries(
    (
      await database.pool.query("select name, extract(epoch from due_at - armed_at)::int as after from deadlines where instance_id = $1 and status = 'armed'", [
        id,
      ])
    ).rows.map(({ name, after }) => [name, after]),
  );
const aTrialOf = async () => (await accepted(database.commit.command(aCommand({ lifecycle: 'trial', command: 'startTrial', actor: buyer })))).instance;

test('a dry run says what would move and changes nothing', async () => {
  const id = await aTrialOf();
  const before = await row(id);
  expect(await migrateInstances({ pool: database.pool, registry: both, dryRun: true })).toMatchObject({ movable: 1, moved: 0, stuck: [] });
  expect(await row(id)).toEqual(before);
});

test('an instance moves to the new version by its plan: state, context and each deadline as declared (TIM-2)', async () => {
  const id = await aTrialOf();
  const report = await migrateInstances({ pool: database.pool, registry: both, dryRun: false });
  expect(report.stuck).toEqual([]);
  expect(await row(id)).toEqual({ version: 2, state: 'onTrial', context: { note: 'v1', seats: 5 }, revision: 2 });
  expect(await dueOf(id)).toEqual({ reminderDue: 3600, overdue: 36_000 });
  expect((await database.pool.query('select kind, via, machine_version from events where instance_id = $1 and revision = 2', [id])).rows[0]).toEqual({
    kind: 'migrated',
    via: 'migration',
    machine_version: 2,
  });
});

test('an instance that no plan fits stays where it is, and nothing else moves before an operator says so', async () => {
  const id = await aTrialOf();
  const fits = await aTrialOf();
  await database.pool.query(`update instances set context = '{"note": 7}' where id = $1`, [id]);
  const report = await migrateInstances({ pool: database.pool, registry: both, dryRun: false });
  expect(report.stuck.map(({ instance, problems }) => ({ instance, problems }))).toEqual([
    { instance: id, problems: [expect.stringContaining('context.note')] },
  ]);
  expect(await row(fits)).toMatchObject({ version: 1 });
  expect(await migrateInstances({ pool: database.pool, registry: both, dryRun: false, force: true })).toMatchObject({ moved: 1 });
  expect(await row(fits)).toMatchObject({ version: 2 });
});

test('versions live side by side: an old instance keeps its own rules until it drains', async () => {
  const id = await aTrialOf();
  expect(await row(id)).toMatchObject({ version: 1, state: 'waiting' });
  await accepted(database.commit.command(aCommand({ lifecycle: 'trial', instance: id, command: 'endTrial', actor: buyer })));
  expect(await row(id)).toMatchObject({ version: 1, state: 'ended' });
});
