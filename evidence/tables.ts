import { masked } from '../db/mask.ts';
import type { rowsOf } from '../db/rows.ts';
import { canonical } from '../lifecycles/canonical.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Row } from './format.ts';
import { asJsonb } from './jsonb.ts';
import { short, Unfit } from './unfit.ts';

type Rows = ReturnType<typeof rowsOf>;
export type Table = 'deadline' | 'effect' | 'incident' | 'message' | 'instance' | 'step';
type Kept = Map<string, Row>;

const labels = {
  deadline: { zh: '期限', en: 'the deadline' },
  effect: { zh: '任务', en: 'the effect' },
  incident: { zh: '事件', en: 'the incident' },
  message: { zh: '通知', en: 'the message' },
  instance: { zh: '实例', en: 'the instance' },
  step: { zh: '证据文件归属', en: 'the attachment' },
} as const;

const keyOf = {
  deadline: ({ instance_id, key }: Row) => `${instance_id} ${key}`,
  effect: ({ key }: Row) => String(key),
  incident: ({ instance_id, subject, opened_at }: Row) => `${instance_id} ${subject} ${opened_at}`,
  message: ({ instance_id, revision, event, to_role }: Row) => `${instance_id} ${revision} ${event} ${to_role}`,
  instance: ({ id }: Row) => String(id),
  step: ({ file, instance_id, revision }: Row) => `${file} ${instance_id} ${revision}`,
} satisfies Record<Table, (row: Row) => string>;

/** What must agree: all that the rules decide. Sentences may be put better since, and tries are counted outside the log. */
const compared = {
  deadline: ['name', 'status', 'armed_at', 'due_at', 'remaining_ms', 'closed'],
  effect: ['instance_id', 'name', 'params', 'status', 'opened_at', 'closed'],
  incident: ['name', 'code', 'closed'],
  message: ['to_party', 'topic', 'channels', 'created_at', 'once_until'],
  instance: [
    ...['lifecycle', 'version', 'number', 'family', 'refs', 'buyer', 'merchant', 'state', 'frozen', 'final', 'value', 'context', 'recorded'],
    ...['revision', 'created_at', 'last_event_at', 'last_actor', 'head'],
  ],
  step: [],
} as const satisfies Record<Table, readonly string[]>;

/** The tables that a log leads to, kept in memory as db/writes.ts keeps them in PostgreSQL, and compared with what a bundle says. */
export function createTables() {
  const tables = Object.fromEntries(Object.keys(labels).map((name) => [name, new Map()])) as Record<Table, Kept>;
  return { take, instanceAfter, compare, left };

  function take(rows: Rows): void {
    for (const { instance, ...row } of rows.deadlines_kept as Row[]) merge('deadline', { instance_id: instance, ...row }, ['armed_at']);
    for (const { instance, key, status } of rows.deadlines_closed as Row[]) merge('deadline', { instance_id: instance, key, status, closed: true });
    for (const { instance, ...row } of rows.effects_kept as Row[]) merge('effect', { instance_id: instance, ...row }, ['opened_at', 'params']);
    for (const { key, status } of rows.effects_closed as Row[]) merge('effect', { key, status, closed: true });
    for (const { instance, ...row } of rows.incidents_new as Row[]) merge('incident', { instance_id: instance, ...row });
    for (const { instance, subject } of rows.incidents_closed as Row[])
      for (const row of tables.incident.values()) if (row.instance_id === instance && row.subject === subject) row.closed = true;
    for (const { instance, role, party, at, ...row } of rows.messages as Row[])
      merge('message', { ...row, instance_id: instance, to_role: role, to_party: party, created_at: at });
    for (const { file, instance, revision } of rows.attached as Row[]) merge('step', { file, instance_id: instance, revision });
    for (const row of rows.created as Row[]) merge('instance', { ...row, created_at: row.last_event_at });
    for (const row of rows.updated as Row[]) merge('instance', row, ['created_at']);
  }

  /** A row written again keeps what PostgreSQL keeps of the first writing. */
  function merge(table: Table, row: Row, kept: readonly string[] = []): void {
    const key = keyOf[table](row);
    const known = tables[table].get(key);
    const first = Object.fromEntries(kept.flatMap((name) => (known && name in known ? [[name, known[name]]] : [])));
    tables[table].set(key, { closed: false, ...known, ...row, ...first });
  }

  /** An instance as the next command would load it: what is open, from the tables; JSON as PostgreSQL gives it back. */
  function instanceAfter(instance: Instance): Instance {
    const deadlineOf = (key: string) => tables.deadline.get(keyOf.deadline({ instance_id: instance.id, key }));
    const effectOf = (key: string) => tables.effect.get(key);
    return {
      ...instance,
      value: asJsonb(instance.value),
      context: asJsonb(instance.context),
      recorded: asJsonb(instance.recorded),
      deadlines: instance.deadlines
        .map((armed) => ({ ...armed, armedAt: Date.parse(String(deadlineOf(armed.key)?.armed_at)) }))
        .sort((one, other) => one.armedAt - other.armedAt || (one.key < other.key ? -1 : 1)),
      effects: instance.effects
        .map((open) => ({ ...open, params: asJsonb(effectOf(open.key)?.params as Row), openedAt: Date.parse(String(effectOf(open.key)?.opened_at)) }))
        .sort((one, other) => one.openedAt - other.openedAt || (one.key < other.key ? -1 : 1)),
    };
  }

  /** One row of the bundle against what the log leads to; it is then accounted for. */
  function compare(table: Table, row: Row, { line, rules, but = [] }: { line: number; rules: Bilingual; but?: readonly string[] }): void {
    const key = keyOf[table](row);
    const own = tables[table].get(key);
    const what = labels[table];
    if (!own) throw new Unfit('ROW_UNEXPLAINED', { what, key }, { line });
    tables[table].delete(key);
    const [is, said] = [shown(table, own), shown(table, { ...row, closed: row.closed ?? row.closed_at != null })];
    for (const field of compared[table]) {
      if (but.includes(field) || canonical(is[field] ?? null) === canonical(said[field] ?? null)) continue;
      throw new Unfit('ROW_DIFFERS', { what, key, field, expected: short(is[field]), got: short(said[field]), rules }, { line });
    }
  }

  /** What the log leads to and the bundle does not have, of all that `expected` says it must. */
  function left(expected: (table: Table, row: Row) => boolean): void {
    for (const [table, rows] of Object.entries(tables) as [Table, Kept][])
      for (const [key, row] of rows) if (expected(table, row)) throw new Unfit('ROW_MISSING', { what: labels[table], key });
  }
}

const shown = (table: Table, row: Row): Row => (table === 'effect' ? { ...row, params: masked(row.params) } : row);
