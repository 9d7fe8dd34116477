import { sql } from 'drizzle-orm';
import { check, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { products } from '../schema.ts';

/** PRD-1: where and how a product's merchant is called. Secrets stay here: the API's reads may not see this table's key. */
export const endpoints = pgTable(
  'endpoints',
  {
    product: text()
      .primaryKey()
      .references(() => products.id),
    /** Which generation of the production interface it speaks. */
    generation: text().$type<'V1' | 'V2'>().notNull(),
    url: text().notNull(),
    /** V1: the Key; V2: the access key. Signs what is sent and, in V1, what is answered. */
    key: text().notNull(),
    changedAt: timestamp('changed_at', { withTimezone: true, precision: 3, mode: 'date' }).notNull().default(sql`clock_timestamp()`),
    changedBy: text('changed_by').notNull(),
  },
  (table) => [check('endpoint_generation', sql`${table.generation} in ('V1', 'V2')`)],
);
