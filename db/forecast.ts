import { createFork } from '../lifecycles/fork.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { instancesByFamily } from './read/instances.ts';
import { type Reader, rowRule } from './read/reader.ts';
import { worldOf } from './whatIf.ts';

/** What will happen by itself, of one kind: a deadline that passes, or an effect that is tried again. Instants are epoch milliseconds. */
export type ForecastKind = {
  kind: 'deadline' | 'retry';
  lifecycle: string;
  name: string;
  count: number;
  first: number;
  last: number;
  /** Passing it is an incident for an operator. */
  incident: boolean;
  /** Whom it happens to first; at most `samples`. Instances that do not exist yet are not among them. */
  instances: string[];
};

export type Forecast = { kinds: ForecastKind[]; families: number; truncated: boolean };

/** Families looked at in one forecast: those whose next deadline is due first. */
const mostFamilies = 5_000;
const batchSize = 100;
const samples = 20;

/**
 * What will happen by itself until an instant of PostgreSQL's clock, over all that the caller may see: each family with a
 * deadline in that time is played forward by the rules, so what a deadline leads to is told as well. Effects' results are
 * not known, so nothing that follows from them is.
 */
export async function forecast(
  reader: Reader,
  { registry, until, lifecycles }: { registry: Registry; until: number; lifecycles: readonly string[] },
): Promise<Forecast> {
  const kinds = new Map<string, ForecastKind>();
  const families = await familiesDue(reader, until);
  const looked = families.slice(0, mostFamilies);
  for (let at = 0; at < looked.length; at += batchSize) {
    const batch = looked.slice(at, at + batchSize);
    const rows = Map.groupBy(
      await instancesByFamily(
        reader,
        batch.map(({ family }) => family),
      ),
      ({ instance }) => instance.family,
    );
    for (const { family, offsetMs } of batch) {
      const [first, ...rest] = rows.get(family) ?? [];
      if (!first) continue;
      const fork = createFork({ world: worldOf(registry, first), family: [first, ...rest].map(({ instance }) => instance), now: first.now });
      for (const { instance, name, at: instant } of fork.advance(until + offsetMs)) {
        const { lifecycle, version } = fork.of(instance);
        const incident = registry.of(lifecycle, version).deadlines[name]?.incident === true;
        count({ kind: 'deadline', lifecycle, name, count: 1, first: instant - offsetMs, last: instant - offsetMs, incident, instances: [instance] });
      }
    }
  }
  for (const retry of await retriesDue(reader, until)) count(retry);
  const chosen = [...kinds.values()].filter(({ lifecycle }) => lifecycles.length === 0 || lifecycles.includes(lifecycle));
  return { kinds: chosen.sort((one, other) => one.first - other.first), families: looked.length, truncated: families.length > looked.length };

  function count(found: ForecastKind) {
    const key = `${found.kind} ${found.lifecycle} ${found.name}`;
    const known = kinds.get(key) ?? { ...found, count: 0, instances: [] };
    const instances = [...known.instances, ...found.instances.filter((id) => !id.startsWith('new-'))].slice(0, samples);
    kinds.set(key, {
      ...known,
      count: known.count + found.count,
      first: Math.min(known.first, found.first),
      last: Math.max(known.last, found.last),
      instances,
    });
  }
}

function parametersOf(reader: Reader, ...given: unknown[]) {
  const values = [...given];
  const rule = rowRule(reader.actor, (value) => `$${values.push(value)}`);
  return { values, where: rule.map((condition) => ` and ${condition}`).join('') };
}

function familiesDue(reader: Reader, until: number): Promise<{ family: string; offsetMs: number }[]> {
  const { values, where } = parametersOf(reader, new Date(until).toISOString(), mostFamilies + 1);
  const text = `select i.family, f.clock_offset_ms as "offsetMs" from deadlines d join instances i on i.id = d.instance_id join families f on f.id = i.family
    where d.status = 'armed' and d.due_real <= $1${where} group by i.family, f.clock_offset_ms order by min(d.due_real), i.family limit $2`;
  return reader.rows({ text, values });
}

async function retriesDue(reader: Reader, until: number): Promise<ForecastKind[]> {
  const { values, where } = parametersOf(reader, new Date(until).toISOString(), samples);
  const text = `select i.lifecycle, e.name, count(*)::int as count, (extract(epoch from min(r.at)) * 1000)::bigint as first,
      (extract(epoch from max(r.at)) * 1000)::bigint as last, (array_agg(i.id order by r.at))[1:$2] as instances
    from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family
      cross join lateral (select e.next_attempt_at - make_interval(secs => f.clock_offset_ms / 1000.0) as at) r
    where e.status = 'open' and r.at <= $1${where} group by 1, 2`;
  const rows = await reader.rows<Pick<ForecastKind, 'lifecycle' | 'name' | 'count' | 'first' | 'last' | 'instances'>>({ text, values });
  return rows.map((row) => ({ ...row, kind: 'retry' as const, incident: false }));
}
