import { hash } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import type { Instance } from '../../lifecycles/instance.ts';
import { type Settings, type Versions, versionsSql } from '../settings.ts';
import { type Filter, filterSql } from './filter.ts';
import { ms } from './instants.ts';
import { type Reader, type ReaderQuery, rowRule } from './reader.ts';

/** An instance with everything that is asked of it by a page: one statement reads it whole. */
export type InstanceRow = {
  instance: Instance;
  createdAt: number;
  /** The family's clock when this was read. */
  now: number;
  /** Why its workflow makes no progress, if it does not. */
  wedged: string | null;
  /** Of each open effect: how often it was tried, and when it is tried next. */
  tries: Record<string, { tries: number; nextAttemptAt: number | null }>;
  /** Policies and calendar in force. */
  settings: Settings;
};

export type Place = { at: number; id: string };
export type Direction = 'newestFirst' | 'oldestFirst';

/** Null when there are none. In order only where an index has them so, the others in rowOf: PostgreSQL sets up a sort for each list, and nearly all are of one or of none. */
const listOf = (pairs: Record<string, string>, from: string, order = '') =>
  `(select json_agg(json_build_object(${Object.entries(pairs)
    .map(([name, column]) => `'${name}', ${column}`)
    .join(', ')}) ${order}) from ${from})`;

const columns = `i.id, i.lifecycle, i.version, i.number, i.family, i.refs, i.buyer, i.merchant, i.value, i.context, i.recorded, i.revision, i.wedged,
  ${ms('i.last_event_at')} as at, ${ms('i.created_at')} as created_at, ${ms('clock_timestamp()')} + (select f.clock_offset_ms from families f where f.id = i.family) as now,
  (select ${versionsSql}::text) as versions,
  ${listOf(
    { key: 'd.key', name: 'd.name', armedAt: ms('d.armed_at'), dueAt: ms('d.due_at'), remainingMs: 'd.remaining_ms' },
    "deadlines d where d.instance_id = i.id and d.status in ('armed', 'frozen')",
  )} as deadlines,
  ${listOf(
    {
      key: 'e.key',
      name: 'e.name',
      params: 'e.params',
      status: 'e.status',
      generation: 'e.generation',
      openedAt: ms('e.opened_at'),
      tries: 'e.tries',
      nextAttemptAt: ms('e.next_attempt_at'),
    },
    "effects e where e.instance_id = i.id and e.status in ('open', 'parked', 'failed')",
  )} as effects,
  ${listOf(
    { subject: 'x.subject', name: 'x.name', code: 'x.code', message: 'x.message', openedAt: ms('x.opened_at') },
    'incidents x where x.instance_id = i.id and x.closed_at is null',
    'order by x.id',
  )} as incidents`;

type Tried = Instance['effects'][number] & { tries: number; nextAttemptAt: number | null };
type Raw = Omit<Instance, 'parties' | 'deadlines' | 'effects' | 'incidents'> & {
  buyer: string;
  merchant: string;
  created_at: number;
  now: number;
  wedged: string | null;
  /** JSON, the same in each row; read once. */
  versions: string;
  deadlines: Instance['deadlines'] | null;
  effects: Tried[] | null;
  incidents: Instance['incidents'] | null;
};

/** First by an instant, then by key. */
const byInstant =
  <One extends { key: string }>(instantOf: (one: One) => number) =>
  (one: One, other: One) =>
    instantOf(one) - instantOf(other) || (one.key < other.key ? -1 : 1);

async function rowsOf(reader: Reader, query: ReaderQuery): Promise<InstanceRow[]> {
  const rows = await reader.rows<Raw>(query);
  const [first] = rows;
  if (!first) return [];
  const settings = await reader.settings(JSON.parse(first.versions) as Versions);
  return rows.map((row) => rowOf(row, settings));
}

function rowOf({ buyer, merchant, created_at, now, wedged, versions: _versions, ...rest }: Raw, settings: Settings): InstanceRow {
  const deadlines = (rest.deadlines ?? []).sort(byInstant(({ armedAt }) => armedAt));
  const effects = (rest.effects ?? []).sort(byInstant(({ openedAt }) => openedAt));
  return {
    instance: {
      ...rest,
      parties: { buyer, merchant },
      deadlines,
      effects: effects.map(({ tries: _, nextAttemptAt: __, ...effect }) => effect),
      incidents: rest.incidents ?? [],
    },
    createdAt: created_at,
    now: Math.max(now, rest.at),
    wedged,
    tries: Object.fromEntries(effects.map(({ key, tries, nextAttemptAt }) => [key, { tries, nextAttemptAt }])),
    settings,
  };
}

/** Parameters of one statement, numbered as they are named. */
function parameters() {
  const values: unknown[] = [];
  return { values, parameter: (value: unknown) => `$${values.push(value)}` };
}

const named = (text: string) => ({ name: `read ${hash('sha1', text, 'base64')}`, text });

/** Found by key alone, whatever the statistics say of the caller's party; its plan is kept, for making one costs more than all its rows. */
async function rowsBy(reader: Reader, condition: (parameter: (value: unknown) => string) => string): Promise<InstanceRow[]> {
  const { values, parameter } = parameters();
  const found = `select i.* from instances i where ${condition(parameter)} offset 0`;
  const rule = rowRule(reader.actor, parameter);
  const text = `select ${columns} from (${found}) i ${rule.length > 0 ? `where ${rule.join(' and ')} ` : ''}order by i.created_at, i.id`;
  return rowsOf(reader, { ...named(text), values, keepPlan: true });
}

/** The instances of these ids that the caller may see. */
export async function instancesById(reader: Reader, ids: readonly string[]): Promise<InstanceRow[]> {
  const known = ids.filter((id) => isUuid(id));
  return known.length === 0 ? [] : rowsBy(reader, (parameter) => `i.id = any(${parameter(known)}::uuid[])`);
}

export async function instanceByNumber(reader: Reader, number: string): Promise<InstanceRow | null> {
  const [row] = await rowsBy(reader, (parameter) => `i.number = ${parameter(number)}`);
  return row ?? null;
}

/** All that belongs to these families, as far as the caller may see it. */
export async function instancesByFamily(reader: Reader, families: readonly string[]): Promise<InstanceRow[]> {
  return rowsBy(reader, (parameter) => `i.family = any(${parameter(families)}::uuid[])`);
}

export type PageRequest = {
  lifecycles: readonly string[];
  filter: Filter;
  direction: Direction;
  limit: number;
  /** Rows on the far side of this place in the direction of reading. */
  after: Place | null;
  before: Place | null;
  /** Read from the end: the last `limit` rows. */
  backwards: boolean;
};

const rowsRead = [2, 6, 11, 21, 31, 51, 101];

/**
 * One page by keyset, with one row more than asked for when there is more. Each lifecycle is read along its own index;
 * a page over several merges what each gives.
 */
export async function pageOf(reader: Reader, request: PageRequest): Promise<InstanceRow[]> {
  const { values, parameter } = parameters();
  const { lifecycles, filter, limit, after, before, backwards } = request;
  const descending = (request.direction === 'newestFirst') !== backwards;
  const beyond = request.direction === 'newestFirst' ? '<' : '>';
  const place = ({ at, id }: Place) => `(${parameter(new Date(at).toISOString())}::timestamptz, ${parameter(id)}::uuid)`;
  const conditions = [...rowRule(reader.actor, parameter), ...filterSql(filter, parameter)];
  if (after) conditions.push(`(i.created_at, i.id) ${beyond} ${place(after)}`);
  if (before) conditions.push(`(i.created_at, i.id) ${beyond === '<' ? '>' : '<'} ${place(before)}`);
  const order = descending ? 'i.created_at desc, i.id desc' : 'i.created_at, i.id';
  // written out, and of few sizes: the planner sees what it plans for, and a connection keeps few plans
  const most = rowsRead.find((rows) => rows > limit) ?? limit + 1;
  const along = (lifecycle: string) =>
    `select i.* from instances i where ${[`i.lifecycle = ${lifecycle}`, ...conditions].join(' and ')} order by ${order} limit ${most}`;
  const [only] = lifecycles;
  const page =
    lifecycles.length === 1
      ? along(parameter(only))
      : `select i.* from unnest(${parameter(lifecycles)}::text[]) as l cross join lateral (${along('l')}) i order by ${order} limit ${most}`;
  const text = `select ${columns} from (${page}) i order by ${order}`;
  const rows = (await rowsOf(reader, { ...named(text), values })).slice(0, limit + 1);
  return backwards ? rows.reverse() : rows;
}

/** How many match, counted up to `most`. */
export async function countOf(reader: Reader, { lifecycles, filter, most }: { lifecycles: readonly string[]; filter: Filter; most: number }): Promise<number> {
  const { values, parameter } = parameters();
  const conditions = [...rowRule(reader.actor, parameter), ...filterSql(filter, parameter)];
  const text = `select count(*)::int as count from (select from instances i
    where ${[`i.lifecycle = any(${parameter(lifecycles)}::text[])`, ...conditions].join(' and ')} limit ${parameter(most)}) matching`;
  const [row] = await reader.rows<{ count: number }>({ ...named(text), values });
  return row?.count ?? 0;
}
