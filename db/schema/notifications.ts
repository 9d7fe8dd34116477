import { sql } from 'drizzle-orm';
import { bigint, bigserial, check, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { About } from '../../lifecycles/notice.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import { type Channel, channelNames, type Topic } from '../../lifecycles/topics.ts';
import { instant, oneOf } from '../columns.ts';

export const outbox = pgTable(
  'outbox',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    instance: uuid('instance_id').notNull(),
    revision: integer().notNull(),
    event: text().notNull(),
    toRole: text('to_role').notNull(),
    toParty: text('to_party'),
    topic: text().$type<Topic>().notNull().default('fulfilment'),
    /** Null: every channel. */
    channels: jsonb().$type<Channel[] | null>(),
    text: jsonb().$type<Bilingual>().notNull(),
    /** What it tells of the instance as it was then; null in rows that are older than this column. */
    about: jsonb().$type<About | null>(),
    createdAt: instant('created_at').notNull(),
    /** PRD-4: until then it stands for the same event of the same instance. */
    onceUntil: instant('once_until'),
    /** The message of the same burst that was sent instead. */
    mergedInto: bigint('merged_into', { mode: 'number' }),
    /** When its deliveries were made; in-app it is there from the start. */
    dispatchedAt: instant('dispatched_at'),
  },
  (table) => [
    unique('one_message_per_cause').on(table.instance, table.revision, table.event, table.toRole),
    index('outbox_to_dispatch').on(table.id).where(sql`dispatched_at is null and merged_into is null`),
    index('outbox_of_receiver').on(table.toRole, table.toParty, table.id).where(sql`merged_into is null`),
    index('outbox_merged').on(table.mergedInto).where(sql`merged_into is not null`),
  ],
);

export const deliveryStates = ['waiting', 'sent', 'captured', 'failed', 'noAddress'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One message by one channel to one address: what was sent, what failed, when it is tried again. Instants are of PostgreSQL's own clock. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    message: bigint('message_id', { mode: 'number' })
      .notNull()
      .references(() => outbox.id),
    channel: text().$type<Channel>().notNull(),
    /** Empty when nobody is known. */
    address: text().notNull(),
    language: text().$type<keyof Bilingual>().notNull(),
    state: text().$type<DeliveryState>().notNull(),
    attempts: integer().notNull().default(0),
    /** Since when it waits: made, or retried by hand. */
    queuedAt: instant('queued_at').notNull().default(sql`clock_timestamp()`),
    /** When it is tried (again); while a process holds it, when it counts as lost. */
    nextAt: instant('next_at').notNull().default(sql`clock_timestamp()`),
    finishedAt: instant('finished_at'),
    error: text(),
    /** What the other side answered when it took it. */
    receipt: text(),
  },
  (table) => [
    unique('one_delivery_per_address').on(table.message, table.channel, table.address),
    check('delivery_state', oneOf('state', deliveryStates)),
    check('delivery_channel', oneOf('channel', channelNames)),
    index('deliveries_waiting').on(table.nextAt, table.id).where(sql`state = 'waiting'`),
    index('deliveries_in_trouble').on(table.id).where(sql`state in ('failed', 'noAddress')`),
  ],
);

/** Who has read which message in-app; each person for itself. */
export const notificationReads = pgTable(
  'notification_reads',
  {
    message: bigint('message_id', { mode: 'number' })
      .notNull()
      .references(() => outbox.id),
    person: text().notNull(),
    readAt: instant('read_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [primaryKey({ columns: [table.person, table.message] })],
);
