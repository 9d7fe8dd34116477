import { idleFor } from '../lifecycles/agenda.ts';
import type { Instance, LogEntry } from '../lifecycles/instance.ts';
import type { RowName } from '../lifecycles/organisation/rows.ts';
import { isFrozen, isOver, isSettled, type Registry, stateOf } from '../lifecycles/registry.ts';
import { partyFor } from '../lifecycles/roles.ts';
import { link } from './chain.ts';
import { organisationWrites } from './organisation/writes.ts';
import type { Stored } from './save.ts';
import type { Rows } from './writes.ts';

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const snapshotEvery = 50;

/** What a play changes, as rows of the tables that it changes. */
export function rowsOf(stored: Stored): Rows {
  const { play, loaded, registry } = stored;
  const entries = chained(stored);
  const last = new Map(entries.map((entry) => [entry.instance_id, entry]));
  const changed = [...play.changed.values()];
  const rows = changed.map((instance) => instanceRow(registry, instance, last.get(instance.id), isAwake(stored, instance)));
  const isNew = (row: { id: string }) => play.created.has(row.id);
  const families = new Set(rows.filter((row) => isNew(row) && !loaded.family.size).map((row) => row.family));
  const incidents = incidentRows(stored);
  return {
    families_new: [...families].map((id) => ({ id, clock_offset_ms: loaded.offsetMs })),
    created: rows.filter(isNew),
    updated: rows.filter((row) => !isNew(row)),
    wakes_owed: changed.filter((one) => !isAwake(stored, one)).map((one) => ({ id: one.id, urgent: idleAfter(stored, one) === 0 })),
    wakes_told: rows.filter((row) => row.awake && !isNew(row)),
    logged: entries,
    deadlines_kept: deadlineRows(stored),
    deadlines_closed: play.closedDeadlines.map((closed) => ({ ...closed, at: iso(loaded.now) })),
    effects_kept: effectRows(stored),
    effects_closed: play.closedEffects.map((closed) => ({ ...closed, at: iso(loaded.now) })),
    attempt_done: stored.attempt ? [stored.attempt] : [],
    incidents_new: incidents.opened,
    incidents_closed: incidents.closed,
    messages: messageRows(stored),
    attached: entries.flatMap((entry) =>
      ((entry.facts as LogEntry['facts']).evidence ?? []).map((file) => ({ file: file.id, instance: entry.instance_id, revision: entry.revision })),
    ),
    ledger: ledgerRows(stored),
    ...ownRows(stored),
    bound: stored.key ? [{ ...stored.key, revision: play.changed.get(stored.key.instance)?.revision }] : [],
  };
}

const atRest = (registry: Registry, instance: Instance): boolean =>
  isOver(registry.of(instance.lifecycle, instance.version), instance.value) && instance.effects.length === 0;

/** Whether nobody has to be told: its workflow made this change, or it begins at rest and needs none until something is owed. */
export const isAwake = ({ play, registry, awake }: Pick<Stored, 'play' | 'registry' | 'awake'>, instance: Instance): boolean =>
  play.created.has(instance.id) ? atRest(registry, instance) : instance.id === awake;

/** How long its workflow has nothing to do after this change; milliseconds. */
export const idleAfter = ({ registry, loaded }: Pick<Stored, 'registry' | 'loaded'>, instance: Instance): number =>
  idleFor({
    final: isSettled(registry.of(instance.lifecycle, instance.version), instance),
    effects: instance.effects.filter(({ status }) => status === 'open'),
    deadlines: instance.deadlines,
    at: loaded.now,
  });

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
    final: isOver(registry.of(instance.lifecycle, instance.version), instance.value),
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

/** The log's lines as they are stored, each linked to the one before it. */
function chained({ play, loaded, via, key, expectedRevision }: Stored) {
  const heads = new Map([...loaded.family].map(([id, locked]) => [id, locked.head]));
  return play.entries.map((entry) => {
    const instance = play.changed.get(entry.instance);
    const previous = heads.get(entry.instance) ?? '';
    const content = {
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
      policy_version: loaded.settings.policyVersion,
      calendar_version: loaded.settings.calendar.version,
      idempotency_key: key?.instance === entry.instance ? key.key : null,
      expected_revision: key?.instance === entry.instance ? (expectedRevision ?? null) : null,
    };
    const hash = link(previous, content);
    heads.set(entry.instance, hash);
    return { ...content, previous, hash };
  });
}

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
        lane: effect.lane ?? null,
        status: effect.status,
        generation: effect.generation,
        opened_at: iso(effect.openedAt),
      }));
  });
}
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

function ledgerRows({ play }: Stored) {
  const counts = new Map<string, number>();
  return play.postings.map(({ instance, revision, order, from, to, amount, currency, at, countsAt = null }) => {
    const event = `${instance}:${revision}`;
    const no = (counts.get(event) ?? 0) + 1;
    counts.set(event, no);
    return { instance, revision, no, order_id: order, from_account: from, to_account: to, amount, currency, at: iso(at), counts_at: iso(countsAt) };
  });
}

/** What events leave in tables of their lifecycles' own, by the write's name; numbered within each event and name. */
function ownRows({ play }: Stored): Record<RowName, object[]> {
  const kept = Object.fromEntries(Object.keys(organisationWrites).map((name) => [name, [] as object[]])) as Record<RowName, object[]>;
  const counts = new Map<string, number>();
  for (const { into, row, instance, revision, at } of play.rows) {
    const like = `${instance}:${revision}:${into}`;
    const no = (counts.get(like) ?? 0) + 1;
    counts.set(like, no);
    kept[into].push({ ...row, instance, revision, no, at: iso(at) });
  }
  return kept;
}

function messageRows({ play }: Stored) {
  return play.messages.flatMap(({ to, at, onceUntil, ...message }) =>
    to.map((role) => ({
      ...message,
      role,
      party: partyFor(role, play.changed.get(message.instance)?.parties),
      at: iso(at),
      once_until: iso(onceUntil),
    })),
  );
}
