import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { type PartyKind, partyKindNames } from '../../lifecycles/settlement/receivers.ts';
import { instant, oneOf } from '../columns.ts';
import { instances } from './instances.ts';

const money = (name: string) => bigint(name, { mode: 'number' }).notNull();
/** What a line of a bill can be: earned, taken back by a refund, a difference by ticket, or the negative sum of an earlier bill. */
export const chargeKinds = ['earned', 'refunded', 'difference', 'carriedForward'] as const;
export type ChargeKind = (typeof chargeKinds)[number];

/** One amount that a party is owed, or owes, for one event of an order. The first five columns say which; each is billed once. */
const charge = {
  instance: uuid('instance_id').notNull(),
  revision: integer().notNull(),
  order: uuid('order_id').notNull(),
  partyKind: text('party_kind').$type<PartyKind>().notNull(),
  party: text().notNull(),
  currency: text().notNull(),
  kind: text().$type<ChargeKind>().notNull(),
  /** The instant that says which month it belongs to (BIL-2). */
  effectiveAt: instant('effective_at').notNull(),
  recordedAt: instant('recorded_at').notNull().default(sql`clock_timestamp()`),
  orderNumber: text('order_number').notNull(),
  product: text().notNull(),
  tradeMode: text('trade_mode').notNull(),
  paidAt: instant('paid_at'),
  /** What was paid for it, and paid back of it, in minor units (分). */
  paid: money('paid'),
  refunded: money('refunded'),
  /** The party's share in basis points, fixed at payment; null where no share was. */
  shareBp: integer('share_bp'),
  /** The party's part, rounded once (BIL-8); below 0 when the party owes it. */
  net: money('net'),
};

/**
 * What is not on a bill yet 未出账 (BIL-9). A row is made with the event that earns it, by a trigger on `ledger`, and moves to
 * `bill_lines` in one statement: every amount is in exactly one of the two tables.
 */
export const unbilledCharges = pgTable('unbilled_charges', charge, (table) => [
  primaryKey({ name: 'unbilled_once', columns: [table.instance, table.revision, table.order, table.partyKind, table.party] }),
  check('unbilled_kinds', sql`${oneOf('kind', chargeKinds)} and ${oneOf('party_kind', partyKindNames)}`),
  index('unbilled_of_party').on(table.partyKind, table.party, table.currency, table.effectiveAt, table.instance, table.revision, table.order),
  index('unbilled_of_order').on(table.order),
]);

/** The bills, one of each party, month and currency: made by a trigger with the lifecycle's instance, whose other facts are its context. */
export const bills = pgTable(
  'bills',
  {
    instance: uuid('instance_id')
      .primaryKey()
      .references(() => instances.id),
    partyKind: text('party_kind').$type<PartyKind>().notNull(),
    party: text().notNull(),
    currency: text().notNull(),
    /** Half open, months of Asia/Shanghai. */
    periodStart: instant('period_start').notNull(),
    periodEnd: instant('period_end').notNull(),
  },
  (table) => [unique('one_bill_per_party_and_period').on(table.partyKind, table.party, table.periodStart, table.currency)],
);

/** The lines of bills 账单明细: append-only; a correction is a line of a later bill (BIL-3, BIL-8). */
export const billLines = pgTable(
  'bill_lines',
  {
    bill: uuid('bill_id')
      .notNull()
      .references(() => bills.instance),
    /** From 1, by the order of their instants. */
    no: integer().notNull(),
    ...charge,
    /** BIL-4: whom the party invoices for it. */
    invoiceTo: text('invoice_to').$type<'buyer' | 'marketplace'>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.bill, table.no] }),
    unique('billed_once').on(table.instance, table.revision, table.order, table.partyKind, table.party),
    check('bill_line_kinds', sql`${oneOf('kind', chargeKinds)} and ${oneOf('invoice_to', ['buyer', 'marketplace'])}`),
    index('bill_lines_of_order').on(table.order),
  ],
);
