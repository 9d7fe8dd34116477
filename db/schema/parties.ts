import { sql } from 'drizzle-orm';
import { bigserial, check, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Bilingual, Role } from '../../lifecycles/roles.ts';
import { type Channel, channelNames, type Topic } from '../../lifecycles/topics.ts';
import { instant, oneOf } from '../columns.ts';

export const parties = pgTable('parties', {
  id: text().primaryKey(),
  kind: text().notNull(),
  name: text().notNull(),
});

/** Where a party's account is reached when it named no receivers (ACT-3). */
export const accounts = pgTable('accounts', {
  party: text()
    .primaryKey()
    .references(() => parties.id),
  mail: text(),
  phone: text(),
  language: text().$type<keyof Bilingual>().notNull().default('zh'),
});

/** Message receivers 消息接收人 per topic (ACT-3). A change ends rows and adds rows, so that it stays known who was told where. */
export const receivers = pgTable(
  'receivers',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    role: text().$type<Role>().notNull(),
    /** Empty for the marketplace's own roles. */
    party: text().notNull(),
    topic: text().$type<Topic>().notNull(),
    channel: text().$type<Channel>().notNull(),
    address: text().notNull(),
    language: text().$type<keyof Bilingual>().notNull(),
    addedAt: instant('added_at').notNull().default(sql`clock_timestamp()`),
    addedBy: text('added_by').notNull(),
    removedAt: instant('removed_at'),
    removedBy: text('removed_by'),
  },
  (table) => [
    uniqueIndex('one_receiver_per_address').on(table.role, table.party, table.topic, table.channel, table.address).where(sql`removed_at is null`),
    check('receiver_channel', oneOf('channel', channelNames)),
  ],
);
