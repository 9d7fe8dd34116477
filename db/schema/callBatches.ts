import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { outcomes } from '../../lifecycles/callBatch/context.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import { instant, oneOf } from '../columns.ts';
import { instances } from './instances.ts';

/** `sending`: its turn has come, the command is being put; to people it still waits. */
export const itemStates = [...outcomes, 'sending'] as const;

/** PRD-5: the calls of a bulk with what became of each; the bulk's own record is its instance. */
export const callBatchItems = pgTable(
  'call_batch_items',
  {
    batch: uuid()
      .notNull()
      .references(() => instances.id),
    no: integer().notNull(),
    /** As it was asked for: it may be none. */
    call: uuid().notNull(),
    merchant: text(),
    state: text().$type<(typeof itemStates)[number]>().notNull().default('waiting'),
    /** Of the refusal, or of the try's answer. */
    code: text(),
    message: jsonb().$type<Bilingual | null>(),
    /** On PostgreSQL's own clock, as the tries are. */
    sentAt: instant('sent_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.batch, table.no] }),
    unique('once_in_a_batch').on(table.batch, table.call),
    check('call_batch_item_states', oneOf('state', itemStates)),
    index('call_batch_items_open').on(table.batch, table.merchant).where(sql`state in ('waiting', 'sending', 'sent')`),
  ],
);
