import type pg from 'pg';
import type { Instance, LogEntry } from '../lifecycles/instance.ts';
import type { Play } from '../lifecycles/play.ts';
import { isFinal, isFrozen, type Registry, stateOf } from '../lifecycles/registry.ts';
import { link } from './chain.ts';
import type { Loaded } from './load.ts';
import { lastly } from './transaction.ts';

/** Which door a change came through; part of the log. */
export type Via = 'api' | 'update' | 'keeper' | 'sweep' | 'sandbox' | 'migration';

export type Stored = {
  registry: Registry;
  loaded: Omit<Loaded, 'family'> & { family: Loaded['family'] };
  play: Play;
  via: Via;
  calendarVersion: string;
  key?: { scope: string; key: string; fingerprint: string; instance: string };
  expectedRevision?: number | null;
  /** The instance whose own workflow made this change and gets the new agenda as its answer. */
  awake?: string;
  /** The try whose success this is. */
  attempt?: { effect: string; no: number };
};

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const snapshotEvery = 50;

/** Rows for one table: what each column is, and the statement that takes them from `r`. */
type Part = { name: string; columns: string; sql: (rows: string) => string; rows: object[] };

/** More rows than these make a statement that is not worth preparing. */
const preparedRows = 4;

/**
 * Stores a play in one statement, the transaction's last: instances, log, deadlines, effects, incidents, messages, key. Nothing else in
 * Steward writes these tables' business columns. @returns wake_seq of every instance changed
 */
export async function save(client: pg.PoolClient, stored: Stored): Promise<Map<string, number>> {
  const parts = partsOf(stored);
  const used = parts.filter((part) => part.rows.length > 0);
  const values: unknown[] = [];
  const ctes = used.map((part) => `${part.name} as (${part.sql(valuesOf(part, values))})`);
  const returning = ['created', 'updated'].filter((name) => used.some((part) => part.name === name)).map((name) => `select id, wake_seq from ${name}`);
  const text = `with ${ctes.join(',\n')}\n${returning.join(' union all ')}`;
  const isPrepared = used.every((part) => part.rows.length <= preparedRows);
  const { rows } = await lastly<{ id: string; wake_seq: number }>(client, {
    ...(isPrepared ? { name: `save ${parts.map((part) => part.rows.length).join('')}` } : {}),
    text,
    values,
  });
  return new Map(rows.map((row) => [row.id, row.wake_seq]));
}

/** `(values …) as r(…)` of a part's rows, whose values are added to the statement's: cheaper for PostgreSQL than JSON. */
function valuesOf({ columns, rows }: Part, values: unknown[]): string {
  const typed = columns.split(', ').map((column) => column.split(' ') as [string, string]);
  const tuples = rows.map((row) => {
    const given = row as Record<string, unknown>;
    return `(${typed.map(([name, type]) => `$${values.push(storedAs(type, given[name]))}::${type}`).join(', ')})`;
  });
  return `(values ${tuples.join(', ')}) as r(${typed.map(([name]) => name).join(', ')})`;
}

const storedAs = (type: string, value: unknown) => (value == null ? null : type === 'jsonb' ? JSON.stringify(value) : value);

function partsOf(stored: Stored): Part[] {
  const { play, loaded, registry } = stored;
  const entries = chained(stored);
  const last = new Map(entries.map((entry) => [entry.instance_id, entry]));
  const rows = [...play.changed.values()].map((instance) => instanceRow(registry, instance, last.get(instance.id), instance.id === stored.awake));
  const isNew = (row: { id: string }) => play.created.has(row.id);
  const families = new Set(rows.filter((row) => isNew(row) && !loaded.family.size).map((row) => row.family));
  return [
    {
      name: 'families_new',
      rows: [...families].map((id) => ({ id })),
      columns: 'id uuid',
      sql: (r) => `insert into families (id) select id from ${r}`,
    },
    {
      name: 'created',
      rows: rows.filter(isNew),
      columns: `${instanceColumns}, family uuid, refs jsonb, buyer text, merchant text, lifecycle text, number text`,
      sql: (r) => `insert into instances (${namesOf(instanceColumns)}, family, refs, buyer, merchant, lifecycle, number, created_at, wake_seq)
        select ${namesOf(instanceColumns)}, family, refs, buyer, merchant, lifecycle, number, last_event_at, 1 from ${r} returning id, wake_seq`,
    },
    {
      name: 'updated',
      rows: rows.filter((row) => !isNew(row)),
      columns: `${instanceColumns}, awake boolean`,
      sql: (r) => `update instances i set version = r.version, state = r.state, frozen = r.frozen, final = r.final, value = r.value, context = r.context,
        recorded = r.recorded, revision = r.revision, last_event_at = r.last_event_at, last_actor = r.last_actor, head = r.head, wake_name = r.wake_name,
        wake_seq = i.wake_seq + 1, woken_seq = case when r.awake then i.wake_seq + 1 else i.woken_seq end,
        wedged = case when r.awake then null else i.wedged end
        from ${r} where i.id = r.id returning i.id, i.wake_seq`,
    },
    {
      name: 'logged',
      rows: entries,
      columns: eventColumns,
      sql: (r) => `insert into events (${namesOf(eventColumns)}) select * from ${r}`,
    },
    { name: 'deadlines_kept', rows: deadlineRows(stored), columns: deadlineColumns, sql: deadlineSql },
    {
      name: 'deadlines_closed',
      rows: play.closedDeadlines.map((closed) => ({ ...closed, at: iso(loaded.now) })),
      columns: 'instance uuid, key text, status text, at timestamptz',
      sql: (r) => `update deadlines d set status = r.status, closed_at = r.at, due_real = null from ${r} where d.instance_id = r.instance and d.key = r.key`,
    },
    { name: 'effects_kept', rows: effectRows(stored), columns: effectColumns, sql: effectSql },
    {
      name: 'effects_closed',
      rows: play.closedEffects.map((closed) => ({ ...closed, at: iso(loaded.now) })),
      columns: 'key text, status text, at timestamptz',
      sql: (r) => `update effects e set status = r.status, closed_at = r.at, next_attempt_at = null from ${r} where e.key = r.key`,
    },
    {
      name: 'attempt_done',
      rows: stored.attempt ? [stored.attempt] : [],
      columns: 'effect text, no int',
      sql: (r) => `update attempts a set outcome = 'succeeded', finished_at = clock_timestamp() from ${r} where a.effect = r.effect and a.no = r.no`,
    },
    {
      name: 'incidents_new',
      rows: incidentRows(stored).opened,
      columns: 'instance uuid, subject text, name text, code text, message text, opened_at timestamptz',
      sql: (r) => `insert into incidents (instance_id, subject, name, code, message, opened_at) select * from ${r}`,
    },
    {
      name: 'incidents_closed',
      rows: incidentRows(stored).closed,
      columns: 'instance uuid, subject text, at timestamptz',
      sql: (r) => `update incidents i set closed_at = r.at from ${r} where i.instance_id = r.instance and i.subject = r.subject and i.closed_at is null`,
    },
    {
      name: 'messages',
      rows: messageRows(stored),
      columns: 'instance uuid, revision int, event text, role text, party text, text jsonb, at timestamptz',
      sql: (r) => `insert into outbox (instance_id, revision, event, to_role, to_party, text, created_at) select * from ${r}`,
    },
    {
      name: 'attached',
      rows: entries.flatMap((entry) =>
        ((entry.facts as LogEntry['facts']).evidence ?? []).map((file) => ({ file: file.id, instance: entry.instance_id, revision: entry.revision })),
      ),
      columns: 'file uuid, instance uuid, revision int',
      sql: (r) => `insert into attachments (file_id, instance_id, revision) select * from ${r}`,
    },
    {
      name: 'bound',
      rows: stored.key ? [{ ...stored.key, revision: play.changed.get(stored.key.instance)?.revision }] : [],
      columns: 'scope text, key text, fingerprint text, instance uuid, revision int',
      sql: (r) => `insert into idempotency_keys (scope, key, fingerprint, instance_id, revision) select * from ${r}`,
    },
  ];
}

const instanceColumns =
  'id uuid, version int, state text, frozen boolean, final boolean, value jsonb, context jsonb, recorded jsonb, revision int, last_event_at timestamptz, last_actor text, head text, wake_name text';
const namesOf = (columns: string) => columns.replaceAll(/ \w+(?=,|$)/g, '');

function instanceRow(registry: Registry, instance: Instance, last: ReturnType<typeof chained>[number] | undefined, awake: boolean) {
  return {
    id: instance.id,
    lifecycle: instance.lifecycle,
    version: instance.version,
    number: instance.number,
    family: instance.family,
    refs: instance.refs,
    buyer: instance.parties.buyer,
    merchant: instance.parties.merchant,
    state: stateOf(instance.value),
    frozen: isFrozen(instance.value),
    final: isFinal(registry.of(instance.lifecycle, instance.version), instance.value),
    value: instance.value,
    context: instance.context,
    recorded: instance.recorded,
    revision: instance.revision,
    last_event_at: iso(instance.at),
    last_actor: last?.actor ?? 'system',
    head: last?.hash ?? '',
    wake_name: last?.type ?? 'wake',
    awake,
  };
}

const eventColumns =
  'instance_id uuid, revision int, kind text, type text, actor text, role text, party text, via text, at timestamptz, input jsonb, reason text, facts jsonb, before jsonb, after jsonb, changes jsonb, snapshot jsonb, applied boolean, machine_version int, policy_version int, calendar_version text, idempotency_key text, expected_revision int, previous text, hash text';

/** The log's lines as they are stored, each linked to the one before it. */
function chained({ play, loaded, via, calendarVersion, key, expectedRevision }: Stored) {
  const heads = new Map([...loaded.family].map(([id, locked]) => [id, locked.head]));
  return play.entries.map((entry) => {
    const instance = play.changed.get(entry.instance);
    const previous = heads.get(entry.instance) ?? '';
    // through JSON, as it is stored: what is undefined is not there
    const content = asStored({
      instance_id: entry.instance,
      revision: entry.revision,
      kind: entry.kind,
      type: entry.type,
      actor: entry.actor.id,
      role: entry.actor.role,
      party: entry.actor.party ?? null,
      via,
      at: iso(entry.at),
      input: entry.input,
      reason: entry.reason ?? null,
      facts: entry.facts,
      before: entry.before,
      after: entry.after,
      changes: entry.changes,
      snapshot: entry.revision % snapshotEvery === 0 && entry.revision === instance?.revision ? instance.context : null,
      applied: entry.applied,
      machine_version: instance?.version ?? 0,
      policy_version: loaded.policyVersion,
      calendar_version: calendarVersion,
      idempotency_key: key?.instance === entry.instance ? key.key : null,
      expected_revision: key?.instance === entry.instance ? (expectedRevision ?? null) : null,
    });
    const hash = link(previous, content);
    heads.set(entry.instance, hash);
    return { ...content, previous, hash };
  });
}

const asStored = <T>(content: T): T => JSON.parse(JSON.stringify(content)) as T;

function deadlineRows({ play, loaded }: Stored) {
  return [...play.changed.values()].flatMap((instance) => {
    const before = loaded.family.get(instance.id)?.instance.deadlines ?? [];
    return instance.deadlines
      .filter((deadline) => !before.some((known) => known.key === deadline.key && known.dueAt === deadline.dueAt && known.remainingMs === deadline.remainingMs))
      .map((deadline) => ({
        instance: instance.id,
        key: deadline.key,
        name: deadline.name,
        status: deadline.dueAt === null ? 'frozen' : 'armed',
        armed_at: iso(deadline.armedAt),
        due_at: iso(deadline.dueAt),
        due_real: iso(deadline.dueAt === null ? null : deadline.dueAt - loaded.offsetMs),
        remaining_ms: deadline.remainingMs,
      }));
  });
}
const deadlineColumns = 'instance uuid, key text, name text, status text, armed_at timestamptz, due_at timestamptz, due_real timestamptz, remaining_ms bigint';
const deadlineSql = (rows: string) => `insert into deadlines (instance_id, key, name, status, armed_at, due_at, due_real, remaining_ms)
  select * from ${rows} on conflict (instance_id, key) do update set status = excluded.status, due_at = excluded.due_at, due_real = excluded.due_real, remaining_ms = excluded.remaining_ms`;

function effectRows({ play, loaded }: Stored) {
  return [...play.changed.values()].flatMap((instance) => {
    const before = loaded.family.get(instance.id)?.instance.effects ?? [];
    return instance.effects
      .filter((effect) => !before.some((known) => known.key === effect.key && known.status === effect.status && known.generation === effect.generation))
      .map((effect) => ({
        key: effect.key,
        instance: instance.id,
        name: effect.name,
        params: effect.params,
        status: effect.status,
        generation: effect.generation,
        opened_at: iso(effect.openedAt),
      }));
  });
}
const effectColumns = 'key text, instance uuid, name text, params jsonb, status text, generation int, opened_at timestamptz';
const effectSql = (rows: string) => `insert into effects as e (key, instance_id, name, params, status, generation, opened_at)
  select * from ${rows} on conflict (key) do update set status = excluded.status, generation = excluded.generation, next_attempt_at = null,
  tries = case when excluded.generation > e.generation then 0 else e.tries end`;

function incidentRows({ play, loaded }: Stored) {
  const opened: Record<string, unknown>[] = [];
  const closed: Record<string, unknown>[] = [];
  for (const instance of play.changed.values()) {
    const before = loaded.family.get(instance.id)?.instance.incidents ?? [];
    for (const { subject, name, code, message, openedAt } of instance.incidents)
      if (!before.some((known) => known.subject === subject)) opened.push({ instance: instance.id, subject, name, code, message, opened_at: iso(openedAt) });
    for (const { subject } of before)
      if (!instance.incidents.some((kept) => kept.subject === subject)) closed.push({ instance: instance.id, subject, at: iso(instance.at) });
  }
  return { opened, closed };
}

function messageRows({ play }: Stored) {
  return play.messages.flatMap((message) => {
    const instance = play.changed.get(message.instance);
    return message.to.map((role) => ({
      instance: message.instance,
      revision: message.revision,
      event: message.event,
      role,
      party: role === 'buyer' || role === 'merchant' ? (instance?.parties[role] ?? null) : null,
      text: message.text,
      at: iso(instance?.at ?? 0),
    }));
  });
}
