import { sql } from 'drizzle-orm';
import { bigint, bigserial, boolean, check, index, integer, jsonb, pgSequence, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { RecordedFact, StateValue } from '../../lifecycles/instance.ts';
import { hash, instant } from '../columns.ts';

export const instanceNumbers = pgSequence('instance_numbers', { startWith: 1, increment: 50 });

/** One clock for an order and all that belongs to it; only the sandbox moves the offset. */
export const families = pgTable('families', {
  id: uuid().primaryKey(),
  clockOffsetMs: bigint('clock_offset_ms', { mode: 'number' }).notNull().default(0),
});

export const instances = pgTable(
  'instances',
  {
    id: uuid().primaryKey(),
    lifecycle: text().notNull(),
    version: integer().notNull(),
    number: text().notNull().unique(),
    family: uuid()
      .notNull()
      .references(() => families.id),
    refs: jsonb().$type<Record<string, string>>().notNull(),
    buyer: text().notNull(),
    merchant: text().notNull(),
    createdAt: instant('created_at').notNull(),
    state: text().notNull(),
    frozen: boolean().notNull(),
    final: boolean().notNull(),
    value: jsonb().$type<StateValue>().notNull(),
    context: jsonb().$type<Record<string, unknown>>().notNull(),
    recorded: jsonb().$type<RecordedFact[]>().notNull(),
    revision: integer().notNull(),
    lastEventAt: instant('last_event_at').notNull(),
    lastActor: text('last_actor').notNull(),
    /** Heads of the two chains (ACT-2). */
    head: hash('head').notNull(),
    refusals: integer().notNull().default(0),
    refusalHead: hash('refusal_head').notNull().default(''),
    /** A wake is owed while wake_seq > woken_seq; which those are, `owed_wakes` says, so that no index here changes with them. */
    wakeSeq: integer('wake_seq').notNull(),
    wokenSeq: integer('woken_seq').notNull().default(0),
    wakeName: text('wake_name').notNull(),
    /** Set when workflow tasks of this instance fail; shown as WEDGED. */
    wedged: text(),
  },
  (table) => [
    // a function of db/states.ts: PostgreSQL parses a list of all states anew in each statement that writes a row
    check('state_is_of_lifecycle', sql`is_state(${table.lifecycle}, ${table.state})`),
    check('context_at_most_32_kib', sql`octet_length(${table.context}::text) <= 32768`),
    index('instances_by_lifecycle').on(table.lifecycle, table.createdAt, table.id),
    index('instances_of_buyer').on(table.buyer, table.lifecycle, table.createdAt, table.id),
    index('instances_of_merchant').on(table.merchant, table.lifecycle, table.createdAt, table.id),
    index('instances_of_family').on(table.family),
  ],
);

/** Exactly the instances with wake_seq > woken_seq: a row comes and goes under the lock of its instance's row. A sweep takes rows over, by `since` alone. */
export const owedWakes = pgTable(
  'owed_wakes',
  {
    instanceId: uuid('instance_id').primaryKey(),
    /** PostgreSQL's clock: when the newest of what is to be told came, or a sweep took it over. */
    since: instant('since').notNull(),
    /** Something is to be done, as far as who wrote it knows: overdue after seconds, not after a minute and a half. */
    urgent: boolean().notNull(),
  },
  (table) => [index('owed_wakes_oldest').on(table.since)],
);

export const deadlines = pgTable(
  'deadlines',
  {
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    key: text().notNull(),
    name: text().notNull(),
    status: text().$type<'armed' | 'frozen' | 'fired' | 'cancelled'>().notNull(),
    armedAt: instant('armed_at').notNull(),
    dueAt: instant('due_at'),
    /** The due instant on PostgreSQL's own clock: due_at less the family's offset. */
    dueReal: instant('due_real'),
    remainingMs: bigint('remaining_ms', { mode: 'number' }),
    closedAt: instant('closed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.instance, table.key] }),
    check(
      'deadline_runs_or_rests',
      sql`status in ('armed', 'frozen', 'fired', 'cancelled') and (status <> 'armed' or due_at is not null) and (status <> 'frozen' or remaining_ms is not null)`,
    ),
    index('deadlines_due').on(table.dueReal).where(sql`status = 'armed'`),
  ],
);

export const effects = pgTable(
  'effects',
  {
    key: text().primaryKey(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    name: text().notNull(),
    params: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Tries of one lane share a limit; null: none. */
    lane: text(),
    status: text().$type<'open' | 'parked' | 'failed' | 'done' | 'cancelled'>().notNull(),
    generation: integer().notNull(),
    attempts: integer().notNull().default(0),
    /** Attempts since it was last opened, resumed or retried by hand; what the policy's limit counts. */
    tries: integer().notNull().default(0),
    openedAt: instant('opened_at').notNull(),
    /** The same by PostgreSQL's own clock, which the sweep goes by: a sandbox moves the family's. */
    openedReal: instant('opened_real').notNull().default(sql`clock_timestamp()`),
    /** When the next try is due, on the family's clock; null before the first try and when none will follow. */
    nextAttemptAt: instant('next_attempt_at'),
    /** The sweep's last repair, or its last ask for a place in a full lane: the sweep repairs in a calm rhythm. */
    nudgedAt: instant('nudged_at'),
    closedAt: instant('closed_at'),
  },
  (table) => [
    check('effect_status', sql`status in ('open', 'parked', 'failed', 'done', 'cancelled')`),
    index('effects_of_instance').on(table.instance),
    index('effects_in_lane').on(table.lane).where(sql`lane is not null and status = 'open'`),
    index('effects_open').on(table.openedAt).where(sql`status = 'open'`),
  ],
);

/** One row per try of an effect: the fence against a second try beside a running one, and the record of what came. */
export const attempts = pgTable(
  'attempts',
  {
    effect: text()
      .notNull()
      .references(() => effects.key),
    no: integer().notNull(),
    instance: uuid('instance_id').notNull(),
    /** The instance's revision when it began: what was asked for by then. */
    revision: integer(),
    token: uuid().notNull(),
    startedAt: instant('started_at').notNull(),
    /** On PostgreSQL's own clock: until then the try may still be running. */
    leaseUntil: instant('lease_until').notNull(),
    finishedAt: instant('finished_at'),
    outcome: text().$type<'running' | 'succeeded' | 'failed' | 'unknown'>().notNull(),
    error: jsonb().$type<{ code: string; message: string } | null>(),
    /** What was sent and what came, as the outside’s activity recorded it: masked and capped (PRD-3). */
    record: jsonb().$type<Record<string, unknown> | null>(),
  },
  (table) => [primaryKey({ columns: [table.effect, table.no] }), index('attempts_of_instance').on(table.instance)],
);

export const incidents = pgTable(
  'incidents',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    subject: text().notNull(),
    name: text().notNull(),
    code: text().notNull(),
    message: text().notNull(),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
  },
  (table) => [
    index('incidents_of_instance').on(table.instance),
    index('incidents_open').on(table.openedAt).where(sql`closed_at is null`),
    index('incidents_open_of_instance').on(table.instance, table.id).where(sql`closed_at is null`),
  ],
);
