import { lifecycles } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

export type EffectRow = {
  instance: string;
  key: string;
  name: string;
  status: 'open' | 'parked' | 'failed' | 'done' | 'cancelled';
  params: Record<string, unknown>;
  generation: number;
  attempts: number;
  openedAt: number;
  nextAttemptAt: number | null;
  closedAt: number | null;
};

/** One try of an effect, on PostgreSQL's own clock. */
export type AttemptRow = {
  instance: string;
  effect: string;
  name: string;
  no: number;
  /** Who asked for it: by what opened the effect, or by a retry since the try before; null: the rhythm of the tries alone, or a try of before this was kept. */
  causedBy: { actor: string; role: Role } | null;
  startedAt: number;
  finishedAt: number | null;
  outcome: 'running' | 'succeeded' | 'failed' | 'unknown';
  error: { code: string; message: string } | null;
  record: Record<string, unknown> | null;
};

/** The effects of each instance, oldest first; the newest `limit` of each. */
export async function effectsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<EffectRow[]> {
  const rows = await reader.rows<EffectRow>({
    name: 'effects',
    text: `select e.* from unnest($1::uuid[]) as asked cross join lateral (
        select instance_id as instance, key, name, status, params, generation, attempts,
          ${ms('opened_at')} as "openedAt", ${ms('next_attempt_at')} as "nextAttemptAt", ${ms('closed_at')} as "closedAt"
        from effects where instance_id = asked order by opened_at desc, key desc limit $2) e`,
    values: [instances, limit],
  });
  return rows.reverse();
}

/** The commands by which a person has an effect tried at once (PRD-5). */
const retries = [...new Set(['retryEffect', ...lifecycles.flatMap(({ effects }) => Object.values(effects).flatMap(({ againOn = [] }) => againOn))])];

/** An effect's key names the revision that opened it. */
const causeSql = `(select jsonb_build_object('actor', v.actor, 'role', v.role) from events v where v.instance_id = a.instance_id and v.revision <= coalesce(a.revision, case when a.no = 1 then split_part(a.effect, ':', 2)::int end)
          and case when a.no = 1 then v.revision >= split_part(a.effect, ':', 2)::int
            else v.revision > (select p.revision from attempts p where p.effect = a.effect and p.no = a.no - 1) end
          and (v.type = any($3) or v.revision = split_part(a.effect, ':', 2)::int)
        order by v.revision desc limit 1) as "causedBy"`;

/** The tries of each instance's effects, oldest first; the newest `limit` of each. */
export async function attemptsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<AttemptRow[]> {
  const rows = await reader.rows<AttemptRow>({
    name: 'attempts',
    text: `select a.* from unnest($1::uuid[]) as asked cross join lateral (
        select a.instance_id as instance, a.effect, e.name, a.no, ${causeSql}, ${ms('a.started_at')} as "startedAt", ${ms('a.finished_at')} as "finishedAt", a.outcome, a.error, a.record
        from attempts a join effects e on e.key = a.effect where a.instance_id = asked order by a.started_at desc, a.no desc limit $2) a`,
    values: [instances, limit, retries],
  });
  return rows.reverse();
}
