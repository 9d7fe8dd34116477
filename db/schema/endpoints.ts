import { sql } from 'drizzle-orm';
import { bigserial, boolean, check, index, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { products } from './products.ts';

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
    /** PRD-9: the key before, by which an answer may still be signed until then. */
    formerKey: text('former_key'),
    formerUntil: instant('former_until'),
    changedAt: instant('changed_at').notNull().default(sql`clock_timestamp()`),
    changedBy: text('changed_by').notNull(),
    /** PRD-7: when debugging was last begun. */
    debuggedAt: instant('debugged_at'),
  },
  (table) => [
    check('endpoint_generation', sql`${table.generation} in ('V1', 'V2')`),
    check('former_key_has_an_end', sql`(${table.formerKey} is null) = (${table.formerUntil} is null)`),
  ],
);

/** Who changed where a product's merchant is called, to what and when; append-only, and without a key. */
export const endpointChanges = pgTable(
  'endpoint_changes',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    product: text()
      .notNull()
      .references(() => products.id),
    generation: text().$type<'V1' | 'V2'>().notNull(),
    url: text().notNull(),
    /** Whether another key came with it. */
    newKey: boolean('new_key').notNull(),
    /** Whether the key before was ended at once (PRD-9). */
    endedFormer: boolean('ended_former').notNull().default(false),
    role: text().notNull(),
    by: text().notNull(),
    at: instant().notNull().default(sql`clock_timestamp()`),
  },
  (table) => [index('endpoint_changes_of_product').on(table.product, table.id)],
);
