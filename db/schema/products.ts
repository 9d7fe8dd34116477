import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Offers } from '../../lifecycles/facts.ts';
import { parties } from './parties.ts';

export const products = pgTable('products', {
  id: text().primaryKey(),
  merchant: text()
    .notNull()
    .references(() => parties.id),
  name: text().notNull(),
  accessType: text('access_type').notNull(),
  /** How a licence is delivered (ORD-2). */
  licenceDelivery: text('licence_delivery').$type<'onlineCode' | 'online' | 'offline' | 'softwarePackage' | null>(),
  tradeMode: text('trade_mode').notNull(),
  supervised: boolean().notNull(),
  /** Where its life begins; from then on the product lifecycle says whether it is on sale, and hidden (ORD-6). */
  onSale: boolean('on_sale').notNull().default(true),
  hidden: boolean().notNull().default(false),
  /** What a unit costs once, a month, a year, in minor units (分); what is missing is not sold. */
  prices: jsonb().$type<{ once?: number; month?: number; year?: number }>().notNull(),
  /** What it is sold as besides: specifications, a trial, by the unit, in packages. */
  offers: jsonb().$type<Offers>().notNull().default({}),
  currency: text().notNull().default('CNY'),
  whitelist: jsonb().$type<string[] | null>(),
  creditMeans: jsonb('credit_means').$type<string[]>().notNull().default([]),
  /** BIL-2: the merchant's share of what is paid, in basis points; an order keeps the one of its payment. */
  merchantShareBp: integer('merchant_share_bp').notNull().default(8_000),
});
