import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../columns.ts';
import { instances } from './instances.ts';
import { parties } from './parties.ts';

/** PRD-9: what a merchant's systems sign with. Two active ones of each merchant, so that one is replaced without a gap. */
export const merchantKeys = pgTable(
  'merchant_keys',
  {
    ak: text().primaryKey(),
    merchant: text()
      .notNull()
      .references(() => parties.id),
    /** Needed as it is to verify an HMAC; the API's reads may not see this column. */
    secret: text().notNull(),
    slot: smallint().notNull(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
    createdBy: text('created_by').notNull(),
    revokedAt: instant('revoked_at'),
    revokedBy: text('revoked_by'),
  },
  (table) => [
    check('two_slots', sql`${table.slot} in (1, 2)`),
    uniqueIndex('two_active_keys_of_a_merchant').on(table.merchant, table.slot).where(sql`revoked_at is null`),
  ],
);

/** PRD-9: a nonce is taken once; rows older than that are removed on the way. */
export const inboundNonces = pgTable('inbound_nonces', { ak: text().notNull(), nonce: text().notNull(), at: instant('at').notNull() }, (table) => [
  primaryKey({ columns: [table.ak, table.nonce] }),
  index('inbound_nonces_by_age').on(table.at),
]);

/** Which of our instances a merchant means by its own id; kept by a trigger when the instance is made. */
export const merchantInstances = pgTable(
  'merchant_instances',
  {
    merchant: text().notNull(),
    merchantInstance: text('merchant_instance').notNull(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
  },
  (table) => [primaryKey({ columns: [table.merchant, table.merchantInstance, table.instance] })],
);
