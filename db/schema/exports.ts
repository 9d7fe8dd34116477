import { integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { instances } from './instances.ts';

/** BIL-6: how far an export is; the record of the export itself is its instance. */
export const exportProgress = pgTable('export_progress', {
  instance: uuid('instance_id')
    .primaryKey()
    .references(() => instances.id),
  total: integer().notNull(),
  done: integer().notNull(),
  at: instant().notNull(),
});
