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

type Part = { name: string; sql: (parameter: string) => string; rows: unknown[] };

/**
 * Stores a play in one statement, the transaction's last: instances, log, deadlines, effects, incidents, messages, key. Nothing else in
 * Steward writes these tables' business columns. @returns wake_seq of every instance changed
 */
export async function save(client: pg.PoolClient, stored: Stored): Promise<Map<string, number>> {
  const parts = partsOf(stored);
  const used = parts.filter((part) => part.rows.length > 0);
  const ctes = used.map((part, index) => `${part.name} as (${part.sql(`$${index + 1}::jsonb`)})`);
  const returning = ['created', 'updated'].filter((name) => used.some((part) => part.name === name)).map((name) => `select id, wake_seq from ${name}`);
  const text = `with ${ctes.join(',\n')}\n${returning.join(' union all ')}`;
  const name = `save ${parts.map((part) => (part.rows.length > 0 ? '1' : '0')).join('')}`;
  const { rows } = await lastly<{ id: string; wake_seq: number }>(client, { name, text, values: used.map((part) => JSON.stringify(part.rows)) });
  return new Map(rows.map((row) => [row.id, row.wake_seq]));
}

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
      sql: (p) => `insert into families (id) select id from jsonb_to_recordset(${p}) as r(id uuid)`,
    },
    {
      name: 'created',
      rows: rows.filter(isNew),
      sql: (p) => `insert into instances (${instanceColumns}, family, refs, buyer, merchant, lifecycle, number, created_at, wake_seq)
        select ${instanceColumns}, family, refs, buyer, merchant, lifecycle, number, last_event_at, 1
        from jsonb_to_recordset(${p}) as r(${instanceTypes}, family uuid, refs jsonb, buyer text, merchant text, lifecycle text, number text) returning id, wake_seq`,
    },
    {
      name: 'updated',
      rows: rows.filter((row) => !isNew(row)),
      sql: (p) => `update instances i set version = r.version, state = r.state, frozen = r.frozen, final = r.final, value = r.value, context = r.context,
        recorded = r.recorded, revision = r.revision, last_event_at = r.last_event_at, last_actor = r.last_actor, head = r.head, wake_name = r.wake_name,
        wake_seq = i.wake_seq + 1, woken_seq = case when r.awake then i.wake_seq + 1 else i.woken_seq end,
        wedged = case when r.awake then null else i.wedged end
        from jsonb_to_recordset(${p}) as r(${instanceTypes}, awake boolean) where i.id = r.id returning i.id, i.wake_seq`,
    },
    {
      name: 'logged',
      rows: entries,
      sql: (p) => `insert into events (${eventColumns}) select ${eventColumns} from jsonb_to_recordset(${p}) as r(${eventTypes})`,
    },
    { name: 'deadlines_kept', rows: deadlineRows(stored), sql: deadlineSql },
    {
      name: 'deadlines_closed',
      rows: play.closedDeadlines.map((closed) => ({ ...closed, at: iso(loaded.now) })),
      sql: (
        p,
      ) => `update deadlines d set status = r.status, closed_at = r.at, due_real = null from jsonb_to_recordset(${p}) as r(instance uuid, key text, status text, at timestamptz)
        where d.instance_id = r.instance and d.key = r.key`,
    },
    { name: 'effects_kept', rows: effectRows(stored), sql: effectSql },
    {
      name: 'effects_closed',
      rows: play.closedEffects.map((closed) => ({ ...closed, at: iso(loaded.now) })),
      sql: (p) =>
        `update effects e set status = r.status, closed_at = r.at, next_attempt_at = null from jsonb_to_recordset(${p}) as r(key text, status text, at timestamptz) where e.key = r.key`,
    },
    {
      name: 'attempt_done',
      rows: stored.attempt ? [stored.attempt] : [],
      sql: (p) =>
        `update attempts a set outcome = 'succeeded', finished_at = clock_timestamp() from jsonb_to_recordset(${p}) as r(effect text, no int) where a.effect = r.effect and a.no = r.no`,
    },
    {
      name: 'incidents_new',
      rows: incidentRows(stored).opened,
      sql: (p) =>
        `insert into incidents (instance_id, subject, name, code, message, opened_at) select * from jsonb_to_recordset(${p}) as r(instance uuid, subject text, name text, code text, message text, opened_at timestamptz)`,
    },
    {
      name: 'incidents_closed',
      rows: incidentRows(stored).closed,
      sql: (p) =>
        `update incidents i set closed_at = r.at from jsonb_to_recordset(${p}) as r(instance uuid, subject text, at timestamptz) where i.instance_id = r.instance and i.subject = r.subject and i.closed_at is null`,
    },
    {
      name: 'messages',
      rows: messageRows(stored),
      sql: (p) =>
        `insert into outbox (instance_id, revision, event, to_role, to_party, text, created_at) select * from jsonb_to_recordset(${p}) as r(instance uuid, revision int, event text, role text, party text, text jsonb, at timestamptz)`,
    },
    {
      name: 'attached',
      rows: entries.flatMap((entry) =>
        ((entry.facts as LogEntry['facts']).evidence ?? []).map((file) => ({ file: file.id, instance: entry.instance_id, revision: entry.revision })),
      ),
      sql: (p) =>
        `insert into attachments (file_id, instance_id, revision) select * from jsonb_to_recordset(${p}) as r(file uuid, instance uuid, revision int)`,
    },
    {
      name: 'bound',
      rows: stored.key ? [{ ...stored.key, revision: play.changed.get(stored.key.instance)?.revision }] : [],
      sql: (p) =>
        `insert into idempotency_keys (scope, key, fingerprint, instance_id, revision) select * from jsonb_to_recordset(${p}) as r(scope text, key text, fingerprint text, instance uuid, revision int)`,
    },
  ];
}

const instanceColumns = 'id, version, state, frozen, final, value, context, recorded, revision, last_event_at, last_actor, head, wake_name';
const instanceTypes =
  'id uuid, version int, state text, frozen boolean, final boolean, value jsonb, context jsonb, recorded jsonb, revision int, last_event_at timestamptz, last_actor text, head text, wake_name text';

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
  'instance_id, revision, kind, type, actor, role, party, via, at, input, reason, facts, before, after, changes, snapshot, applied, machine_version, policy_version, calendar_version, idempotency_key, expected_revision, previous, hash';
const eventTypes =
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
const deadlineSql = (p: string) => `insert into deadlines (instance_id, key, name, status, armed_at, due_at, due_real, remaining_ms)
  select * from jsonb_to_recordset(${p}) as r(instance uuid, key text, name text, status text, armed_at timestamptz, due_at timestamptz, due_real timestamptz, remaining_ms bigint)
  on conflict (instance_id, key) do update set status = excluded.status, due_at = excluded.due_at, due_real = excluded.due_real, remaining_ms = excluded.remaining_ms`;

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
const effectSql = (p: string) => `insert into effects as e (key, instance_id, name, params, status, generation, opened_at)
  select * from jsonb_to_recordset(${p}) as r(key text, instance uuid, name text, params jsonb, status text, generation int, opened_at timestamptz)
  on conflict (key) do update set status = excluded.status, generation = excluded.generation, next_attempt_at = null,
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
