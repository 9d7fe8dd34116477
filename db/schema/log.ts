import { sql } from 'drizzle-orm';
import { bigserial, boolean, date, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { StateValue } from '../../lifecycles/instance.ts';
import { hash, instant } from '../columns.ts';

/** The operation log 操作日志 (ACT-2): append-only, chained per instance; partitioned by hash of the instance. */
export const events = pgTable(
  'events',
  {
    instance: uuid('instance_id').notNull(),
    revision: integer().notNull(),
    kind: text().notNull(),
    type: text().notNull(),
    actor: text().notNull(),
    role: text().notNull(),
    party: text(),
    via: text().notNull(),
    at: instant('at').notNull(),
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    reason: text(),
    facts: jsonb().$type<Record<string, unknown>>().notNull(),
    before: jsonb().$type<StateValue | null>(),
    after: jsonb().$type<StateValue>().notNull(),
    changes: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The whole context, every 50 revisions, so that a long log can be read from the middle. */
    snapshot: jsonb().$type<Record<string, unknown> | null>(),
    applied: boolean().notNull(),
    machineVersion: integer('machine_version').notNull(),
    policyVersion: integer('policy_version').notNull(),
    calendarVersion: text('calendar_version').notNull(),
    idempotencyKey: text('idempotency_key'),
    /** What the caller sent as expectedRevision; null when it opted out. */
    expectedRevision: integer('expected_revision'),
    previous: hash('previous').notNull(),
    hash: hash('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.instance, table.revision] })],
);

/** Answers bound to a caller's key; partitioned by day, dropped when older than eight days. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    scope: text().notNull(),
    key: text().notNull(),
    /** Midnight UTC, so that a key is unique in its day. */
    day: timestamp({ withTimezone: true, mode: 'date' }).notNull().default(sql`date_trunc('day', now(), 'UTC')`),
    fingerprint: text().notNull(),
    instance: uuid('instance_id').notNull(),
    revision: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key, table.day] })],
);

/** Refused operations (ACT-2), with a chain of their own per instance; partitioned by day. */
export const refusals = pgTable(
  'refusals',
  {
    id: bigserial({ mode: 'number' }).notNull(),
    at: instant().notNull(),
    /** Null when the id that was asked for does not exist. */
    instance: uuid('instance_id'),
    no: integer().notNull(),
    command: text().notNull(),
    actor: text().notNull(),
    role: text().notNull(),
    party: text(),
    via: text().notNull(),
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    code: text().notNull(),
    details: jsonb().$type<Record<string, unknown>>().notNull(),
    state: text(),
    previous: hash('previous').notNull(),
    hash: hash('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.at, table.id] }), index('refusals_of_instance').on(table.instance, table.no)],
);

/** The heads of all chains, signed once a day and exported: what shows a log whose tail was cut (ACT-2). */
export const signedHeads = pgTable('signed_heads', {
  /** The day in Asia/Shanghai. */
  day: date({ mode: 'string' }).primaryKey(),
  at: instant('at').notNull(),
  instances: integer().notNull(),
  sha256: text().notNull(),
  previous: text().notNull(),
  signature: text().notNull(),
  keyId: text('key_id').notNull(),
});
