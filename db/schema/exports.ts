import { integer, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core';
import { instances } from '../schema.ts';

/** BIL-6: how far an export is; the record of the export itself is its instance. */
export const exportProgress = pgTable('export_progress', {
  instance: uuid('instance_id')
    .primaryKey()
    .references(() => instances.id),
  total: integer().notNull(),
  done: integer().notNull(),
  at: timestamp({ withTimezone: true, precision: 3, mode: 'date' }).notNull(),
});
