import { canonical } from '../../db/chain.ts';
import type { Wish } from '../../db/decide.ts';
import { type InstanceRow, instancesByFamily } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { isSupposed, type WhatIf, whatIf } from '../../db/whatIf.ts';
import { allowed } from '../../lifecycles/ask.ts';
import type { Product } from '../../lifecycles/facts.ts';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { wayOf, ways } from '../../lifecycles/supervision/ways.ts';
import { aCommand, buyer, type Database, machine, manager, merchant, reviewer } from '../world.ts';

export type AskedWish = Wish & { instance: string; lifecycle: string };
const cast = [buyer, merchant, manager, reviewer, machine];

export const readerOf = ({ readPool }: Pick<Database, 'readPool'>, actor: Actor = manager) => createReader(readPool, actor);
export const sandboxOf = ({ pool, commit }: Pick<Database, 'pool' | 'commit'>) => createSandbox({ pool, commit, onNudged: () => {} });
export const familyOf = (database: Database, { instance }: InstanceRow) => instancesByFamily(readerOf(database), [instance.family]);

/** What is ordered so that every way of delivery (SUP-2) comes about, with and without a review where it has one. */
export async function supervisedOrders({ pool }: Pick<Database, 'pool'>): Promise<{ product: string; scenario: string }[]> {
  const { rows } = await pool.query<Pick<Product, 'id' | 'accessType' | 'licenceDelivery'>>(
    `select id, access_type as "accessType", licence_delivery as "licenceDelivery" from products where supervised and on_sale and whitelist is null and prices ? 'year' and merchant = 'merchant-a' order by id`,
  );
  const scenariosOf = (product: Pick<Product, 'accessType' | 'licenceDelivery'>) => {
    const way = wayOf(product);
    return way && ways[way].reviewed ? ['none', 'baseCloud'] : ['none'];
  };
  return rows.flatMap((product) => scenariosOf(product).map((scenario) => ({ product: product.id, scenario })));
}

/** Commands one after the other as people would send them: nine of ten are possible where the ones before have led. */
export async function someWishes(
  database: Database,
  {
    row,
    count,
    any,
    random,
    files,
  }: { row: InstanceRow; count: number; any: <T>(list: readonly T[]) => T; random: () => number; files: ReadonlyMap<string, string> },
): Promise<AskedWish[]> {
  const wishes: AskedWish[] = [];
  while (wishes.length < count) {
    const told = await whatIf(readerOf(database), { registry: database.registry, row, wishes, advanceMs: 0 });
    const here = [...told.instances.values()].filter(({ id }) => !isSupposed(id));
    const choices = here.flatMap((instance) => cast.map((actor) => ({ instance, actor, names: possible(instance, actor, told) })));
    const able = choices.filter(({ names }) => names.length > 0);
    const { instance, actor, names } = any(able.length > 0 && random() < 0.9 ? able : choices);
    const { commands } = database.registry.of(instance.lifecycle, instance.version);
    const command = any(names.length > 0 ? names : Object.keys(commands));
    const input = inputFor(commands[command]?.input, { told, instance, file: files.get(actor.id) ?? any([...files.values()]), any });
    wishes.push({ instance: instance.id, lifecycle: instance.lifecycle, command, actor, input, reason: random() < 0.95 ? '核实' : null });
  }
  return wishes;
}

function possible(instance: Instance, actor: Actor, { now, world }: WhatIf): string[] {
  const lifecycle = world.registry.of(instance.lifecycle, instance.version);
  const policies = world.policiesOf(lifecycle.name, instance.version, instance.context);
  return allowed({ lifecycle, instance, question: { actor, facts: {}, now, policies, calendar: world.calendar } }).filter((name) => name in lifecycle.commands);
}

type Given = { told: WhatIf; instance: Instance; file: string; any: <T>(list: readonly T[]) => T };

/** A sample of its input with a file and an amount that exist; instants are left out, as those of a sample are of no order's time. */
function inputFor(schema: Parameters<typeof samplesOf>[0] | undefined, { told, file, any }: Given) {
  const sample = JSON.stringify(schema ? any(samplesOf(schema)) : {}).replaceAll('11111111-1111-4111-8111-111111111111', file);
  const amount = [...told.instances.values()].find(({ lifecycle }) => lifecycle === 'order')?.context.amount;
  const input: Record<string, unknown> = JSON.parse(sample);
  for (const [key, value] of Object.entries(input)) {
    if (typeof value === 'string' && /^\d{4}-.*Z$/.test(value)) delete input[key];
    if (key === 'amount') input[key] = amount;
  }
  return input;
}

/** What of an instance must be the same, instants aside: they differ by the time that passes between asking and doing. */
export const shapeOf = (instance: Instance) => ({
  lifecycle: instance.lifecycle,
  value: canonical(instance.value),
  context: Object.keys(instance.context).sort(),
  revision: instance.revision,
  recorded: instance.recorded.map(({ event }) => event),
  incidents: instance.incidents.map(({ name, code }) => `${name} ${code}`).sort(),
  effects: instance.effects.map(({ name, status, generation, params }) => `${name} ${status} ${generation} ${Object.keys(params).sort()}`).sort(),
  deadlines: instance.deadlines.map(({ name, dueAt }) => `${name} ${dueAt === null ? 'frozen' : 'armed'}`).sort(),
});
export const instantsOf = (instance: Instance) =>
  instance.deadlines.toSorted((one, other) => one.name.localeCompare(other.name)).map(({ dueAt, remainingMs }) => dueAt ?? remainingMs ?? 0);
export const byLifecycle = (instances: Iterable<Instance>) => [...instances].sort((one, other) => one.lifecycle.localeCompare(other.lifecycle));

type Line = Pick<LogEntry, 'revision' | 'kind' | 'type' | 'before' | 'after' | 'reason' | 'applied' | 'changes' | 'input'> & { lifecycle: string; by: string };
const lineOf = ({ lifecycle, revision, kind, type, by, before, after, reason, applied, changes, input }: Line) =>
  `${lifecycle} ${revision} ${kind} ${type} by ${by}: ${canonical(before)} → ${canonical(after)} ${reason} ${applied} ${changedIn(changes)} ${Object.keys(input).sort()}`;
/** The same decision twice is one and the same at one supposed instant; the real clock moves in between. */
const changedIn = (changes: Line['changes']) =>
  Object.keys(changes)
    .filter((name) => name !== 'lastDecision')
    .sort();

/** The log's lines and the messages that were told. */
export function toldLog({ steps, instances }: WhatIf): { lines: string[]; messages: string[] } {
  const played = steps.flatMap(({ taken }) => (taken ? [taken.played] : []));
  const lifecycleOf = (id: string) => instances.get(id)?.lifecycle ?? '';
  return {
    lines: played.flatMap(({ entries }) => entries.map((entry) => lineOf({ ...entry, by: entry.actor.role, lifecycle: lifecycleOf(entry.instance) }))).sort(),
    messages: played
      .flatMap(({ messages }) =>
        messages.flatMap(({ instance, revision, event, to }) => to.map((role) => `${lifecycleOf(instance)} ${revision} ${event} to ${role}`)),
      )
      .sort(),
  };
}

/** The log's lines and the messages of a family since it was as `rows` say. */
export async function realLog({ pool }: Pick<Database, 'pool'>, rows: readonly InstanceRow[]): Promise<{ lines: string[]; messages: string[] }> {
  const since = new Map(rows.map(({ instance: { id, revision } }) => [id, revision]));
  const isNew = ({ id, revision }: { id: string; revision: number }) => revision > (since.get(id) ?? 0);
  const family = [rows[0]?.instance.family];
  const events = await pool.query(
    'select i.id, i.lifecycle, e.revision, e.kind, e.type, e.role as by, e.before, e.after, e.reason, e.applied, e.changes, e.input from events e join instances i on i.id = e.instance_id where i.family = $1',
    family,
  );
  const messages = await pool.query(
    'select i.id, i.lifecycle, o.revision, o.event, o.to_role from outbox o join instances i on i.id = o.instance_id where i.family = $1',
    family,
  );
  return {
    lines: events.rows.filter(isNew).map(lineOf).sort(),
    messages: messages.rows
      .filter(isNew)
      .map(({ lifecycle, revision, event, to_role }) => `${lifecycle} ${revision} ${event} to ${to_role}`)
      .sort(),
  };
}

/** Puts wishes to commit. @returns of each the problem's code, or null */
export async function done({ commit }: Pick<Database, 'commit'>, wishes: readonly AskedWish[]): Promise<(string | null)[]> {
  const codes: (string | null)[] = [];
  for (const wish of wishes) {
    const answer = await commit.command(aCommand(wish));
    codes.push(answer.ok ? null : answer.problem.code);
  }
  return codes;
}

/** Every row of every table, as one hash. */
export async function everything({ pool }: Pick<Database, 'pool'>): Promise<string> {
  const { rows: tables } = await pool.query(
    "select format('%I', c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1",
  );
  const hashes = tables.map(({ name }) => `(select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from ${name} t) as ${name}`);
  const { rows } = await pool.query(`select ${hashes.join(', ')}`);
  return JSON.stringify(rows[0]);
}
