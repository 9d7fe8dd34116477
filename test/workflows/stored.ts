import type pg from 'pg';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';

/** What PostgreSQL holds of one family: every row as an instance, and the log's lines in no promised order over instances. */
export type Stored = { rows: Map<string, Instance>; log: LogEntry[] };

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

const rowsSql = `select id, lifecycle, version, number, family, refs, jsonb_build_object('buyer', buyer, 'merchant', merchant) as parties,
  value, context, revision, ${ms('last_event_at')} as at, recorded,
  (select coalesce(jsonb_agg(jsonb_build_object('key', d.key, 'name', d.name, 'armedAt', ${ms('d.armed_at')}, 'dueAt', ${ms('d.due_at')}, 'remainingMs', d.remaining_ms)
     order by d.key), '[]') from deadlines d where d.instance_id = i.id and d.status in ('armed', 'frozen')) as deadlines,
  (select coalesce(jsonb_agg(jsonb_build_object('key', e.key, 'name', e.name, 'params', e.params, 'status', e.status, 'generation', e.generation,
     'openedAt', ${ms('e.opened_at')}) order by e.key), '[]') from effects e where e.instance_id = i.id and e.status in ('open', 'parked', 'failed')) as effects,
  (select coalesce(jsonb_agg(jsonb_build_object('subject', n.subject, 'name', n.name, 'code', n.code, 'message', n.message, 'openedAt', ${ms('n.opened_at')})
     order by n.subject), '[]') from incidents n where n.instance_id = i.id and n.closed_at is null) as incidents
  from instances i where $1::uuid is null or family = $1`;

const logSql = `select i.family, e.instance_id as instance, e.revision, e.kind, e.type, jsonb_build_object('id', e.actor, 'role', e.role, 'party', e.party) as actor,
  ${ms('e.at')} as at, e.input, e.reason, e.facts, e.before, e.after, e.changes, e.applied
  from events e join instances i on i.id = e.instance_id where $1::uuid is null or i.family = $1 order by e.instance_id, e.revision`;

/** Every family, or the one named, as one moment shows it. */
export async function storedFamilies(pool: pg.Pool, family: string | null = null): Promise<Map<string, Stored>> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const rows = (await client.query<Instance>(rowsSql, [family])).rows;
    const log = (await client.query<LogEntry & { family: string }>(logSql, [family])).rows;
    const families = new Map<string, Stored>();
    for (const row of rows) {
      const stored = families.get(row.family) ?? { rows: new Map(), log: [] };
      stored.rows.set(row.id, row);
      families.set(row.family, stored);
    }
    for (const { family: of, ...entry } of log) families.get(of)?.log.push(entry);
    return families;
  } finally {
    await client.query('rollback').catch(() => {});
    client.release();
  }
}
