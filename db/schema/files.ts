import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { instances } from './instances.ts';

/** SUP-9: an evidence file. Content lives in the file store under its sha-256 and is never overwritten. */
export const files = pgTable('files', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  mediaType: text('media_type').notNull(),
  bytes: integer().notNull(),
  sha256: text().notNull(),
  uploadedBy: text('uploaded_by').notNull(),
  role: text().notNull(),
  party: text(),
  uploadedAt: instant('uploaded_at').notNull(),
});

/** Which step of which instance a file belongs to; whoever may see the instance may read the file. */
export const attachments = pgTable(
  'attachments',
  {
    file: uuid('file_id')
      .notNull()
      .references(() => files.id),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    revision: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.file, table.instance, table.revision] }), index('attachments_of_instance').on(table.instance)],
);
