import type pg from 'pg';
import { type Agenda, agendaOf } from '../lifecycles/agenda.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { owe } from './owed.ts';
import { settingsIn, versionsSql } from './settings.ts';

/** One snapshot of everything an agenda is derived from; no lock, so that waking never waits for a command. */
const agendasSql = `select i.id, i.lifecycle, i.version, i.number, i.value, i.context, i.revision, i.wake_seq, i.woken_seq, i.wake_name,
  (extract(epoch from clock_timestamp()) * 1000)::bigint + f.clock_offset_ms as now,
  (extract(epoch from i.last_event_at) * 1000)::bigint as at,
  ${versionsSql} as versions,
  (select coalesce(jsonb_agg(jsonb_build_object('key', d.key, 'name', d.name, 'dueAt', extract(epoch from d.due_at) * 1000)), '[]')
     from deadlines d where d.instance_id = i.id and d.status = 'armed') as deadlines,
  (select coalesce(jsonb_agg(jsonb_build_object('key', e.key, 'name', e.name, 'status', e.status, 'generation', e.generation)), '[]')
     from effects e where e.instance_id = i.id and e.status in ('open', 'parked', 'failed')) as effects
  from instances i join families f on f.id = i.family where i.id = any($1::uuid[])`;

export type Wake = {
  id: string;
  lifecycle: string;
  number: string;
  /** What happened last: the signal's name. */
  name: string;
  /** No wake of this instance was ever delivered: its workflow is to be started. */
  isNew: boolean;
  /** The seq that was marked as delivered when this agenda was read. */
  wokenSeq: number;
  agenda: Agenda;
};

/** The newest agendas of these instances, in one statement. */
export async function readAgendas(
  pool: pg.Pool,
  { ids, registry, onError }: { ids: readonly string[]; registry: Registry; onError: (error: unknown) => void },
): Promise<Wake[]> {
  const { rows } = await pool.query({ name: 'agendas', text: agendasSql, values: [ids] });
  if (rows.length === 0) return [];
  const settings = await settingsIn(pool).at(rows[0].versions, pool);
  return rows.flatMap((row) => {
    try {
      return [wakeFrom(row)];
    } catch (error) {
      // a version that only a newer process knows: that process wakes it
      onError(error);
      return [];
    }
  });

  // biome-ignore lint/suspicious/noExplicitAny: a row of the statement above
  function wakeFrom(row: any): Wake {
    const { id, lifecycle, version, number, wake_name: name, woken_seq: wokenSeq, wake_seq: seq } = row;
    const { policiesOf, calendar } = settings;
    const policies = policiesOf(registry.of(lifecycle, version), row.context);
    const agenda = agendaOf({ registry, instance: row as Instance, seq, now: Math.max(row.now, row.at), policies, calendar });
    return { id, lifecycle, number, name, isNew: wokenSeq === 0, wokenSeq, agenda };
  }
}

/**
 * Marks wakes as delivered; a newer one that came meanwhile stays owed. What has ended, and was marked by another since its agenda
 * was read, is owed a wake again: of the two deliveries a start may have come after the end.
 * @returns those that have ended and are owed one
 */
export async function markWoken(pool: pg.Pool, woken: readonly Pick<Wake, 'id' | 'agenda' | 'wokenSeq'>[]): Promise<string[]> {
  if (woken.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>({
    name: 'woken',
    text: `with woken as (update instances i set woken_seq = greatest(i.woken_seq, r.seq), wake_seq = i.wake_seq + (i.final and i.woken_seq <> r.seen)::int
        from (select * from jsonb_to_recordset($1::jsonb) as r(id uuid, seq int, seen int) order by id) r where i.id = r.id
        returning i.id, i.final, i.woken_seq >= i.wake_seq as told),
      gone as (delete from owed_wakes o using woken w where o.instance_id = w.id and w.told),
      again as (select id, true as urgent from woken where final and not told)
      ${owe('again')} returning instance_id as id`,
    values: [JSON.stringify(woken.map(({ id, agenda, wokenSeq }) => ({ id, seq: agenda.seq, seen: wokenSeq })))],
  });
  return rows.map(({ id }) => id);
}
