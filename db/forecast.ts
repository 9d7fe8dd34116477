import { createFork } from '../lifecycles/fork.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { filterSql } from './read/filter.ts';
import { instancesByFamily } from './read/instances.ts';
import { type Reader, rowRule } from './read/reader.ts';
import { isSupposed, worldOf } from './whatIf.ts';

/** Once that something happens. `at`: epoch milliseconds of PostgreSQL's clock, whatever a sandbox says. */
export type Occurrence = { at: number; instance: string };

/** What will happen by itself, of one kind: a deadline that passes, or an effect that is tried again. */
export type ForecastKind = {
  kind: 'deadline' | 'retry';
  lifecycle: string;
  name: string;
  count: number;
  first: number;
  last: number;
  /** Passing it is an incident for an operator. */
  incident: boolean;
  /** Soonest first, at most `told`. Those of instances that do not exist yet are counted, not listed. */
  occurrences: Occurrence[];
};

export type Forecast = { kinds: ForecastKind[]; families: number; truncated: boolean };

/** Absent or empty: all. */
export type ForecastFilter = { lifecycle?: readonly string[] | null; name?: readonly string[] | null; buyer?: string | null; merchant?: string | null };

/** Occurrences of one kind that are told one by one. */
export const told = 100;
/** Families looked at in one forecast: those whose next deadline is due first. */
export const mostFamilies = 5_000;
const batchSize = 100;
/** Deadlines read at once to find them. */
const pageSize = 2_000;

/**
 * What will happen by itself until an instant of PostgreSQL's clock, over all that the caller may see: each family with a
 * deadline in that time is played forward by the rules, so what a deadline leads to is told as well. Effects' results are
 * not known, so nothing that follows from them is. Only families with a deadline due by then are read, in batches.
 */
export async function forecast(
  reader: Reader,
  { registry, until, filter = {}, most = mostFamilies }: { registry: Registry; until: number; filter?: ForecastFilter; most?: number },
): Promise<Forecast> {
  const counted = createCount(filter);
  const families = await familiesDue(reader, { until, filter, most: most + 1 });
  const looked = families.slice(0, most);
  let truncated = families.length > most;
  for (let at = 0; at < looked.length; at += batchSize) {
    const batch = new Map(looked.slice(at, at + batchSize).map(({ family, offsetMs }) => [family, offsetMs]));
    const rows = Map.groupBy(await instancesByFamily(reader, [...batch.keys()]), ({ instance }) => instance.family);
    for (const [family, [first, ...rest]] of rows) {
      if (!first) continue;
      const offsetMs = batch.get(family) ?? 0;
      const fork = createFork({ world: worldOf(registry, first), family: [first, ...rest].map(({ instance }) => instance), now: first.now });
      for (const { instance, name, at: instant } of fork.advance(until + offsetMs)) {
        const { lifecycle, version } = fork.of(instance);
        const incident = registry.of(lifecycle, version).deadlines[name]?.incident === true;
        counted.add({ kind: 'deadline', lifecycle, name, incident, at: instant - offsetMs, instance });
      }
      truncated ||= fork.truncated();
    }
  }
  for (const retry of await retriesDue(reader, { until, filter })) counted.keep(retry);
  return { kinds: counted.kinds(), families: looked.length, truncated };
}

/** Counts what happens by kind; of each kind the soonest are kept. */
function createCount({ lifecycle: lifecycles, name: names }: ForecastFilter) {
  const kinds = new Map<string, ForecastKind>();
  const asked = (only: readonly string[] | null | undefined, value: string) => !only?.length || only.includes(value);
  return { add, keep, kinds: () => [...kinds.values()].sort((one, other) => one.first - other.first) };

  function keep(found: ForecastKind) {
    if (asked(lifecycles, found.lifecycle) && asked(names, found.name)) kinds.set(`${found.kind} ${found.lifecycle} ${found.name}`, found);
  }

  function add({ at, instance, ...kind }: Pick<ForecastKind, 'kind' | 'lifecycle' | 'name' | 'incident'> & Occurrence) {
    const known = kinds.get(`${kind.kind} ${kind.lifecycle} ${kind.name}`);
    if (!known) return keep({ ...kind, count: 1, first: at, last: at, occurrences: isSupposed(instance) ? [] : [{ at, instance }] });
    known.count += 1;
    known.first = Math.min(known.first, at);
    known.last = Math.max(known.last, at);
    if (!isSupposed(instance)) insert(known.occurrences, { at, instance });
  }
}

function insert(list: Occurrence[], occurrence: Occurrence) {
  const place = list.findLastIndex(({ at }) => at <= occurrence.at) + 1;
  if (place < told) list.splice(place, 0, occurrence);
  if (list.length > told) list.pop();
}

function conditionsFor(reader: Reader, { buyer, merchant }: ForecastFilter, ...given: unknown[]) {
  const values = [...given];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [...rowRule(reader.actor, parameter), ...filterSql({ buyer, merchant }, parameter)];
  return { values, and: conditions.map((condition) => ` and ${condition}`).join('') };
}

const iso = (ms: number) => new Date(ms).toISOString();

type Family = { family: string; offsetMs: number };
type Due = { until: number; filter: ForecastFilter; most: number };

/** At most `most` families with a deadline due by then, those that are due first: of a party among its own, else along the index of what is due. */
async function familiesDue(reader: Reader, due: Due): Promise<Family[]> {
  const { values, and } = conditionsFor(reader, due.filter, iso(due.until), due.most);
  if (and === '') return alongDue(reader, due);
  const text = `select i.family, f.clock_offset_ms as "offsetMs" from deadlines d join instances i on i.id = d.instance_id join families f on f.id = i.family
    where d.status = 'armed' and d.due_real <= $1${and} group by i.family, f.clock_offset_ms order by min(d.due_real), i.family limit $2`;
  return reader.rows<Family>({ text, values });
}

async function alongDue(reader: Reader, { until, most }: Due): Promise<Family[]> {
  const families = new Map<string, Family>();
  const text = `select d.due_real::text as due, d.instance_id as id, d.key, i.family, f.clock_offset_ms as "offsetMs"
    from (select * from deadlines where status = 'armed' and due_real <= $1 and due_real >= $2 and (due_real, instance_id, key) > ($2, $3, $4)
      order by due_real, instance_id, key limit $5) d join instances i on i.id = d.instance_id join families f on f.id = i.family
    order by d.due_real, d.instance_id, d.key`;
  for (let after = ['-infinity', '00000000-0000-0000-0000-000000000000', '']; ; ) {
    const rows = await reader.rows<Family & { due: string; id: string; key: string }>({ text, values: [iso(until), ...after, pageSize] });
    for (const { family, offsetMs } of rows) if (!families.has(family)) families.set(family, { family, offsetMs });
    const last = rows.at(-1);
    if (!last || rows.length < pageSize || families.size >= most) return [...families.values()].slice(0, most);
    after = [last.due, last.id, last.key];
  }
}

async function retriesDue(reader: Reader, { until, filter }: { until: number; filter: ForecastFilter }): Promise<ForecastKind[]> {
  const { values, and } = conditionsFor(reader, filter, iso(until), told);
  const text = `select i.lifecycle, e.name, count(*)::int as count, min(r.at) as first, max(r.at) as last,
      (array_agg(r.at order by r.at, i.id))[1:$2] as instants, (array_agg(i.id order by r.at, i.id))[1:$2] as instances
    from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family
      cross join lateral (select (extract(epoch from e.next_attempt_at) * 1000)::bigint - f.clock_offset_ms as at) r
    where e.status = 'open' and r.at <= (extract(epoch from $1::timestamptz) * 1000)::bigint${and} group by 1, 2`;
  const rows = await reader.rows<Omit<ForecastKind, 'kind' | 'incident' | 'occurrences'> & { instants: number[]; instances: string[] }>({ text, values });
  return rows.map(({ instants, instances, ...row }) => ({
    ...row,
    kind: 'retry' as const,
    incident: false,
    occurrences: instances.map((instance, index) => ({ instance, at: Number(instants[index]) })),
  }));
}
