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

/** The tries of each instance's effects, oldest first; the newest `limit` of each. */
export async function attemptsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<AttemptRow[]> {
  const rows = await reader.rows<AttemptRow>({
    name: 'attempts',
    text: `select a.* from unnest($1::uuid[]) as asked cross join lateral (
        select a.instance_id as instance, a.effect, e.name, a.no, ${ms('a.started_at')} as "startedAt", ${ms('a.finished_at')} as "finishedAt", a.outcome, a.error, a.record
        from attempts a join effects e on e.key = a.effect where a.instance_id = asked order by a.started_at desc, a.no desc limit $2) a`,
    values: [instances, limit],
  });
  return rows.reverse();
}
