import { sql } from 'drizzle-orm';
import { bigint, check, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { instances } from './instances.ts';

const money = (name: string) => bigint(name, { mode: 'number' }).notNull();

/**
 * What is on each buyer's account (MET-2), kept by a trigger on `ledger`; amounts are minor units (分). Use alone takes it below 0,
 * and then it says since when: nothing else may, whatever the rules say.
 */
export const accountBalances = pgTable(
  'account_balances',
  {
    account: uuid('account_id')
      .primaryKey()
      .references(() => instances.id),
    buyer: text().notNull(),
    currency: text().notNull(),
    balance: money('balance'),
    /** Paid in and corrected upwards; paid out and corrected downwards; taken for use. */
    paidIn: money('paid_in'),
    paidOut: money('paid_out'),
    used: money('used'),
    arrearsSince: instant('arrears_since'),
  },
  (table) => [
    unique('one_account_per_buyer_and_currency').on(table.buyer, table.currency),
    check('balance_is_what_moved', sql`${table.balance} = ${table.paidIn} - ${table.paidOut} - ${table.used}`),
    check('below_zero_only_in_arrears', sql`(${table.balance} < 0) = (${table.arrearsSince} is not null)`),
    check('no_movement_below_zero', sql`${table.paidIn} >= 0 and ${table.paidOut} >= 0 and ${table.used} >= 0`),
    check('arrears_come_of_use_alone', sql`${table.paidOut} <= ${table.paidIn}`),
  ],
);
