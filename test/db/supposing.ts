import type { Wish } from '../../db/decide.ts';
import { type InstanceRow, instancesByFamily } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { isSupposed, type WhatIf, whatIf } from '../../db/whatIf.ts';
import { allowed } from '../../lifecycles/ask.ts';
import type { Product } from '../../lifecycles/facts.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import type { Problem } from '../../lifecycles/problem.ts';
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

/** Puts wishes to commit. @returns of each the problem, or null */
export async function done({ commit }: Pick<Database, 'commit'>, wishes: readonly AskedWish[]): Promise<(Problem | null)[]> {
  const problems: (Problem | null)[] = [];
  for (const wish of wishes) {
    const answer = await commit.command(aCommand(wish));
    problems.push(answer.ok ? null : answer.problem);
  }
  return problems;
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
