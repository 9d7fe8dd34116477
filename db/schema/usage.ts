import { sql } from 'drizzle-orm';
import { bigint, bigserial, boolean, check, index, jsonb, numeric, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { instances } from './instances.ts';

/** MET-3: usage as the merchant reported it; append-only. The metering number is taken once per merchant. */
export const usageRecords = pgTable(
  'usage_records',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    merchant: text().notNull(),
    meteringId: text('metering_id').notNull(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    /** 用完即停: the package's own instance, as the merchant named it. */
    packageInstance: text('package_instance'),
    recordAt: instant('record_at').notNull(),
    beginAt: instant('begin_at').notNull(),
    endAt: instant('end_at').notNull(),
    usage: numeric({ precision: 13, scale: 4 }).notNull(),
    /** It came after the time in which it was to be reported; it counts all the same. */
    late: boolean().notNull(),
    /** By which key. */
    ak: text().notNull(),
    receivedAt: instant('received_at').notNull(),
    /** Of what was sent: the same number with another content is no repetition. */
    fingerprint: text().notNull(),
  },
  (table) => [
    unique('one_record_per_metering_number').on(table.merchant, table.meteringId),
    check('usage_above_zero', sql`${table.usage} > 0`),
    check('usage_begins_before_it_ends', sql`${table.beginAt} < ${table.endAt}`),
    index('usage_of_instance').on(table.instance, table.id),
  ],
);

/** Records that their instances have not counted yet, in the order in which they came. */
export const usageWaiting = pgTable('usage_waiting', {
  record: bigint('record_id', { mode: 'number' })
    .primaryKey()
    .references(() => usageRecords.id),
});

/** What came of a record at its instance: counted with an event, or refused by the rules. Append-only. */
export const usageCounted = pgTable(
  'usage_counted',
  {
    record: bigint('record_id', { mode: 'number' })
      .primaryKey()
      .references(() => usageRecords.id),
    /** The instance's revision that counted it; null: refused. */
    revision: bigint({ mode: 'number' }),
    /** Why it was refused. */
    code: text(),
    message: jsonb().$type<{ zh: string; en: string }>(),
    at: instant('at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [check('counted_or_refused', sql`(${table.revision} is null) = (${table.code} is not null)`)],
);

/** MET-3: what a merchant sent and was not taken, with why; the same again is one row. Append-only. */
export const usageProblems = pgTable(
  'usage_problems',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    merchant: text().notNull(),
    meteringId: text('metering_id'),
    code: text().notNull(),
    message: jsonb().$type<{ zh: string; en: string }>().notNull(),
    /** As it came, capped. */
    record: jsonb().$type<unknown>().notNull(),
    ak: text().notNull(),
    receivedAt: instant('received_at').notNull(),
    fingerprint: text().notNull(),
  },
  (table) => [
    unique('one_problem_per_record').on(table.merchant, table.fingerprint, table.code),
    index('usage_problems_of_merchant').on(table.merchant, table.id),
  ],
);
