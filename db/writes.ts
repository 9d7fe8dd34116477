import type pg from 'pg';
import { organisationWrites } from './organisation/writes.ts';
import { owe } from './owed.ts';

/** One table's write: what each column of its rows is, and the statement that takes them from `r`. */
type Write = { columns: string; sql: (r: string) => string };

const instance =
  'id uuid, version int, state text, frozen boolean, final boolean, value jsonb, context jsonb, recorded jsonb, revision int, last_event_at timestamptz, last_actor text, head text, wake_name text';
const event =
  'instance_id uuid, revision int, kind text, type text, actor text, role text, party text, via text, at timestamptz, input jsonb, reason text, facts jsonb, before jsonb, after jsonb, changes jsonb, snapshot jsonb, applied boolean, machine_version int, policy_version int, calendar_version text, idempotency_key text, expected_revision int, previous text, hash text';
const namesOf = (columns: string) => columns.replaceAll(/ \w+(?=,|$)/g, '');

const writes = {
  families_new: { columns: 'id uuid, clock_offset_ms bigint', sql: (r) => `insert into families (id, clock_offset_ms) select id, clock_offset_ms from ${r}` },
  created: {
    columns: `${instance}, family uuid, refs jsonb, buyer text, merchant text, lifecycle text, number text, awake boolean`,
    sql: (r) => `insert into instances (${namesOf(instance)}, family, refs, buyer, merchant, lifecycle, number, created_at, wake_seq, woken_seq)
      select ${namesOf(instance)}, family, refs, buyer, merchant, lifecycle, number, last_event_at, 1, awake::int from ${r} returning id, wake_seq`,
  },
  updated: {
    columns: `${instance}, awake boolean`,
    sql: (r) => `update instances i set version = r.version, state = r.state, frozen = r.frozen, final = r.final, value = r.value, context = r.context,
      recorded = r.recorded, revision = r.revision, last_event_at = r.last_event_at, last_actor = r.last_actor, head = r.head, wake_name = r.wake_name,
      wake_seq = i.wake_seq + 1, woken_seq = case when r.awake then i.wake_seq + 1 else i.woken_seq end,
      wedged = case when r.awake then null else i.wedged end
      from ${r} where i.id = r.id returning i.id, i.wake_seq`,
  },
  wakes_owed: { columns: 'id uuid, urgent boolean', sql: owe },
  wakes_told: { columns: 'id uuid', sql: (r) => `delete from owed_wakes o using ${r} where o.instance_id = r.id` },
  logged: { columns: event, sql: (r) => `insert into events (${namesOf(event)}) select * from ${r}` },
  deadlines_kept: {
    columns: 'instance uuid, key text, name text, status text, armed_at timestamptz, due_at timestamptz, due_real timestamptz, remaining_ms bigint',
    sql: (r) => `insert into deadlines (instance_id, key, name, status, armed_at, due_at, due_real, remaining_ms) select * from ${r}
      on conflict (instance_id, key) do update set status = excluded.status, due_at = excluded.due_at, due_real = excluded.due_real, remaining_ms = excluded.remaining_ms`,
  },
  deadlines_closed: {
    columns: 'instance uuid, key text, status text, at timestamptz',
    sql: (r) => `update deadlines d set status = r.status, closed_at = r.at, due_real = null from ${r} where d.instance_id = r.instance and d.key = r.key`,
  },
  effects_kept: {
    columns: 'key text, instance uuid, name text, params jsonb, lane text, status text, generation int, opened_at timestamptz',
    sql: (r) => `insert into effects as e (key, instance_id, name, params, lane, status, generation, opened_at) select * from ${r}
      on conflict (key) do update set status = excluded.status, generation = excluded.generation, next_attempt_at = null,
      tries = case when excluded.generation > e.generation then 0 else e.tries end`,
  },
  effects_closed: {
    columns: 'key text, status text, at timestamptz',
    sql: (r) => `update effects e set status = r.status, closed_at = r.at, next_attempt_at = null from ${r} where e.key = r.key`,
  },
  attempt_done: {
    columns: 'effect text, no int, record jsonb',
    sql: (r) =>
      `update attempts a set outcome = 'succeeded', finished_at = clock_timestamp(), record = r.record from ${r} where a.effect = r.effect and a.no = r.no`,
  },
  incidents_new: {
    columns: 'instance uuid, subject text, name text, code text, message text, opened_at timestamptz',
    sql: (r) => `insert into incidents (instance_id, subject, name, code, message, opened_at) select * from ${r}`,
  },
  incidents_closed: {
    columns: 'instance uuid, subject text, at timestamptz',
    sql: (r) => `update incidents i set closed_at = r.at from ${r} where i.instance_id = r.instance and i.subject = r.subject and i.closed_at is null`,
  },
  messages: {
    columns:
      'instance uuid, revision int, event text, role text, party text, topic text, channels jsonb, text jsonb, about jsonb, once_until timestamptz, at timestamptz',
    // PRD-4: a message within the span of an earlier one belongs to that one and is not sent
    sql: (r) => `insert into outbox (instance_id, revision, event, to_role, to_party, topic, channels, text, about, once_until, created_at, merged_into)
      select r.*, case when r.once_until is not null then (select o.id from outbox o where o.instance_id = r.instance and o.event = r.event
        and o.to_role = r.role and o.merged_into is null and o.once_until > r.at order by o.id limit 1) end from ${r}`,
  },
  attached: {
    columns: 'file uuid, instance uuid, revision int',
    sql: (r) => `insert into attachments (file_id, instance_id, revision) select * from ${r}`,
  },
  ledger: {
    columns:
      'instance uuid, revision int, no int, order_id uuid, from_account text, to_account text, amount bigint, currency text, at timestamptz, counts_at timestamptz',
    sql: (r) => `insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at, counts_at) select * from ${r}`,
  },
  ...organisationWrites,
  bound: {
    columns: 'scope text, key text, fingerprint text, instance uuid, revision int',
    sql: (r) => `insert into idempotency_keys (scope, key, fingerprint, instance_id, revision) select * from ${r}`,
  },
} satisfies Record<string, Write>;

type Name = keyof typeof writes;
/** The rows that one transaction writes, by what it writes. */
export type Rows = Record<Name, object[]>;

const table = (Object.entries(writes) as [Name, Write][]).map(([name, { columns, sql }]) => ({
  name,
  sql,
  columns: columns.split(', ').map((column) => column.split(' ') as [string, string]),
}));
type Used = (typeof table)[number] & { rows: object[] };

/** More rows of a kind than these make a statement that is not worth keeping prepared. */
const preparedRows = 4;
const prepared = new Map<string, string>();

/** All writes in one statement, typed values instead of JSON, which costs PostgreSQL more. Prepared once per shape. */
export function statementFor(rows: Rows): pg.QueryConfig {
  const used = table.flatMap((write) => (rows[write.name].length > 0 ? [{ ...write, rows: rows[write.name] }] : []));
  const values = used.flatMap(({ columns, rows: kept }) =>
    kept.flatMap((row) => columns.map(([name, type]) => storedAs(type, (row as Record<string, unknown>)[name]))),
  );
  if (used.some((write) => write.rows.length > preparedRows)) return { text: textFor(used), values };
  const name = `save ${table.map((write) => rows[write.name].length).join('')}`;
  const text = prepared.get(name) ?? textFor(used);
  prepared.set(name, text);
  return { name, text, values };
}

function textFor(used: readonly Used[]): string {
  let no = 0;
  const ctes = used.map(({ name, columns, sql, rows }) => {
    const tuples = rows.map(() => `(${columns.map(([, type]) => `$${++no}::${type}`).join(', ')})`);
    return `${name} as (${sql(`(values ${tuples.join(', ')}) as r(${columns.map(([column]) => column).join(', ')})`)})`;
  });
  const returning = used.filter(({ name }) => name === 'created' || name === 'updated').map(({ name }) => `select id, wake_seq from ${name}`);
  return `with ${ctes.join(',\n')}\n${returning.join(' union all ')}`;
}

const storedAs = (type: string, value: unknown) => (value == null ? null : type === 'jsonb' ? JSON.stringify(value) : value);
