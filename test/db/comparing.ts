import { type InstanceRow, instancesByFamily } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import { isSupposed, type WhatIf } from '../../db/whatIf.ts';
import type { EffectChange } from '../../lifecycles/difference.ts';
import type { Instance, LogEntry, OpenEffect } from '../../lifecycles/instance.ts';
import type { Message } from '../../lifecycles/notice.ts';
import type { Play } from '../../lifecycles/play.ts';
import { type Database, manager } from '../world.ts';

/** All that a family has become and what it has left behind, every value of it, each list in an order of its own. */
export type Outcome = { instances: unknown[]; log: unknown[]; messages: unknown[]; money: unknown[]; sent: unknown[] };

/**
 * PostgreSQL's clock stands in this database from here on, so that asking and doing come to the same millisecond: every
 * statement that is not told otherwise finds this clock before its own. Only a sandbox moves then.
 * @returns where it stands, epoch milliseconds
 */
export async function standingClock({ pool, name }: Pick<Database, 'pool' | 'name'>): Promise<number> {
  const now = Date.now();
  await pool.query(`create function public.clock_timestamp() returns timestamptz language sql stable
    as $$ select '${new Date(now).toISOString()}'::timestamptz $$`);
  await pool.query(`alter database ${name} set search_path = public, pg_catalog`);
  // connections that are open already know another path
  const pools = "application_name in ('steward', 'steward reads')";
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${pools}`);
  await pool.query('set search_path = public, pg_catalog');
  return now;
}

/** What commit leaves out of an instance, or keeps elsewhere. */
const shown = ({ deadlines, effects, incidents, ...instance }: Instance) => ({
  ...instance,
  deadlines: sorted(deadlines),
  effects: sorted(effects.map(({ lane: _, ...effect }) => effect)),
  incidents: sorted(incidents),
});
type Line = Omit<LogEntry, 'actor'> & { by: string; role: string; party: string | null };
const lineOf = ({ actor: { id, role, party }, ...entry }: LogEntry): Line => ({ ...entry, by: id, role, party: party ?? null });
const wordsOf = ({ to, ...message }: Message) => to.map((role) => ({ ...message, role }));

const sentOf = ({ key, name, params, openedAt }: OpenEffect) => ({ key, name, params, openedAt });
const isNew =
  (before: Instance | null) =>
  ({ effect: { key } }: EffectChange) =>
    !before?.effects.some((known) => known.key === key);

const sorted = <T>(list: readonly T[]): T[] => {
  const keyed = list.map((value) => [JSON.stringify(value, ordered), value] as const);
  return keyed.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)).map(([, value]) => value);
};
const ordered = (_: string, value: unknown) =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
/** As it is stored, through JSON. */
const plain = (outcome: Outcome): Outcome => {
  const stored = JSON.parse(JSON.stringify(outcome)) as Outcome;
  return Object.fromEntries(Object.entries(stored).map(([name, list]) => [name, sorted(list)])) as Outcome;
};

/** What a what-if tells, with the ids and numbers that its new instances then really got. */
export function toldOutcome({ steps, instances }: WhatIf, real: readonly Instance[]): Outcome {
  const taken = steps.flatMap((step) => (step.taken ? [step.taken] : []));
  const all = <T>(of: (played: Play) => readonly T[]) => taken.flatMap(({ played }) => of(played));
  return plain(
    renamed(
      [...instances.values()],
      real,
    )({
      instances: [...instances.values()].map(shown),
      log: all(({ entries }) => entries.map(lineOf)),
      messages: all(({ messages }) => messages.flatMap(wordsOf)),
      money: all(({ postings }) => postings.map((posting) => ({ ...posting, countsAt: posting.countsAt ?? null }))),
      sent: taken.flatMap(({ differences }) => differences.flatMap(({ before, effects }) => effects.filter(isNew(before)).map(({ effect }) => sentOf(effect)))),
    }),
  );
}

/** New instances have no ids yet where nothing is stored: those of a lifecycle are the real ones, in the order in which they came to be. */
function renamed(told: readonly Instance[], real: readonly Instance[]) {
  const known = new Set(told.map(({ id }) => id));
  const names = new Map<string, string>();
  const fresh = real.filter(({ id }) => !known.has(id));
  for (const one of told.filter(({ id }) => isSupposed(id))) {
    const at = fresh.findIndex(({ lifecycle }) => lifecycle === one.lifecycle);
    const [found] = at < 0 ? [] : fresh.splice(at, 1);
    if (found) names.set(one.id, found.id).set(one.number, found.number);
  }
  return (outcome: Outcome): Outcome => JSON.parse(JSON.stringify(outcome).replaceAll(/(?:[A-Z]{2}-)?new-\d+/g, (name) => names.get(name) ?? name)) as Outcome;
}

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

/** What has really become of a family, and what it has left behind since it was as `before` says. */
export async function realOutcome(
  { pool, readPool }: Pick<Database, 'pool' | 'readPool'>,
  before: readonly InstanceRow[],
): Promise<Outcome & { rows: Instance[] }> {
  const [first] = before;
  if (!first) throw new Error('expected a family');
  const { family } = first.instance;
  const since = new Map(before.map(({ instance: { id, revision } }) => [id, revision]));
  const sentBefore = new Set(before.flatMap(({ instance }) => instance.effects.map(({ key }) => key)));
  const rows = (await instancesByFamily(createReader(readPool, manager), [family])).sort(
    (one, other) => one.createdAt - other.createdAt || one.instance.number.localeCompare(other.instance.number),
  );
  const of = async (columns: string, table: string) => {
    const found = await pool.query(
      `select t.instance_id as instance, ${columns} from ${table} t join instances i on i.id = t.instance_id where i.family = $1`,
      [family],
    );
    return found.rows.filter(({ instance, revision }) => revision === undefined || revision > (since.get(instance) ?? 0));
  };
  const log = await of(
    `t.revision, t.kind, t.type, t.actor as by, t.role, t.party, ${ms('t.at')} as at, t.input, t.reason, t.facts, t.before, t.after, t.changes, t.applied`,
    'events',
  );
  const messages = await of(
    `t.revision, t.event, t.to_role as role, t.text, t.topic, t.channels, t.about, ${ms('t.created_at')} as at, ${ms('t.once_until')} as "onceUntil"`,
    'outbox',
  );
  const money = await of(
    `t.revision, t.order_id as "order", t.from_account as "from", t.to_account as "to", t.amount, t.currency, ${ms('t.at')} as at, ${ms('t.counts_at')} as "countsAt"`,
    'ledger',
  );
  const sent = await of(`t.key, t.name, t.params, ${ms('t.opened_at')} as "openedAt", split_part(t.key, ':', 2)::int as revision`, 'effects');
  const instances = rows.map(({ instance }) => instance);
  return {
    rows: instances,
    ...plain({
      instances: instances.map(shown),
      log,
      messages,
      money,
      sent: sent.filter(({ key }) => !sentBefore.has(key)).map(({ instance: _, revision: __, ...effect }) => effect),
    }),
  };
}
