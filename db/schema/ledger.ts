import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { type Account, accounts } from '../../lifecycles/ledger.ts';
import { instant, oneOf } from '../columns.ts';
import { instances } from './instances.ts';

/** Every movement of money (REF-5, BIL-8), written with the event that moves it; append-only. Amounts are minor units (分). */
export const ledger = pgTable(
  'ledger',
  {
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    revision: integer().notNull(),
    /** Of several movements of one event. */
    no: integer().notNull(),
    order: uuid('order_id')
      .notNull()
      .references(() => instances.id),
    from: text('from_account').$type<Account>().notNull(),
    to: text('to_account').$type<Account>().notNull(),
    amount: bigint({ mode: 'number' }).notNull(),
    currency: text().notNull(),
    at: instant().notNull(),
    /** BIL-2: the end of the usage that it is for; null: it counts when it is written. */
    countsAt: instant('counts_at'),
  },
  (table) => [
    primaryKey({ columns: [table.instance, table.revision, table.no] }),
    check('ledger_accounts', sql`${oneOf('from_account', accounts)} and ${oneOf('to_account', accounts)} and from_account <> to_account`),
    check('ledger_amount', sql`${table.amount} > 0`),
    index('ledger_of_order').on(table.order, table.at),
    index('ledger_by_time').on(table.at),
  ],
);

/** What each order paid, released and paid back, kept by a trigger on `ledger`: money moves once, whatever the rules say (REF-5). */
export const orderBalances = pgTable(
  'order_balances',
  {
    order: uuid('order_id')
      .primaryKey()
      .references(() => instances.id),
    currency: text().notNull(),
    paid: bigint({ mode: 'number' }).notNull(),
    released: bigint({ mode: 'number' }).notNull(),
    reserved: bigint({ mode: 'number' }).notNull(),
    refunded: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [
    check('released_and_refunded_at_most_paid', sql`${table.released} + ${table.reserved} + ${table.refunded} <= ${table.paid}`),
    check('no_balance_below_zero', sql`${table.paid} >= 0 and ${table.released} >= 0 and ${table.reserved} >= 0 and ${table.refunded} >= 0`),
  ],
);
