import { sql } from 'drizzle-orm';
import { check, date, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';

/**
 * Operators' values over the declared defaults. One row per change: all values of one lifecycle, for the installation or for one product,
 * from that version on. The highest version is in force; every earlier one can be read again, because rows are only added.
 */
export const policies = pgTable(
  'policies',
  {
    version: integer().notNull(),
    lifecycle: text().notNull(),
    /** Null: the installation's. */
    product: text(),
    values: jsonb().$type<Record<string, unknown>>().notNull(),
    at: instant('at').notNull(),
    by: text().notNull(),
    reason: text().notNull(),
    /** The version that the operator saw and decided on. */
    basedOn: integer('based_on').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.version, table.lifecycle] }),
    index('policies_of_scope').on(table.lifecycle, table.product, table.version),
    check('policies_have_values', sql`jsonb_typeof(${table.values}) = 'object'`),
  ],
);

/** Operators' changes to the working-day calendar (TIM-1): who, when, why. Its days are in calendar_days; rows are only added. */
export const calendarVersions = pgTable('calendar_versions', {
  version: integer().primaryKey(),
  /** The year whose announced days this change holds, all of them. */
  announcedYear: integer('announced_year'),
  at: instant('at').notNull(),
  by: text().notNull(),
  reason: text().notNull(),
});

export const calendarDays = pgTable(
  'calendar_days',
  {
    version: integer()
      .notNull()
      .references(() => calendarVersions.version),
    day: date({ mode: 'string' }).notNull(),
    /** `computed` takes an earlier correction back. */
    kind: text().$type<'holiday' | 'workday' | 'computed'>().notNull(),
    name: text(),
  },
  (table) => [primaryKey({ columns: [table.version, table.day] }), check('calendar_day_kind', sql`kind in ('holiday', 'workday', 'computed')`)],
);
