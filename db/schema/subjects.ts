import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instances } from './instances.ts';

/**
 * Whose life an instance is, where a thing has one for good: of product `saas-activated` this instance, of merchant
 * `merchant-a` that one. Kept by a trigger on instances, so that two lives of one thing cannot be (EXT-2).
 */
export const subjects = pgTable(
  'subjects',
  {
    lifecycle: text().notNull(),
    subject: text().notNull(),
    instance: uuid('instance_id')
      .notNull()
      .unique()
      .references(() => instances.id),
  },
  (table) => [primaryKey({ columns: [table.lifecycle, table.subject] })],
);
