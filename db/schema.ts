import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Offers } from '../lifecycles/facts.ts';
import type { RecordedFact, StateValue } from '../lifecycles/instance.ts';
import type { About } from '../lifecycles/notice.ts';
import { lifecycles, statesOf } from '../lifecycles/registry.ts';
import type { Bilingual, Role } from '../lifecycles/roles.ts';
import { type Channel, channelNames, type Topic } from '../lifecycles/topics.ts';

/** Milliseconds are the clock of the rules, so they are the clock of the tables. */
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const hash = customType<{ data: string; driverData: string }>({ dataType: () => 'text' });

/** ORD-4, SUP-2: the states a row may be in, derived from the machines. */
const stateCheck = sql.raw(
  lifecycles
    .map(
      (lifecycle) =>
        `(lifecycle = '${lifecycle.name}' and state in (${statesOf(lifecycle)
          .map((state) => `'${state}'`)
          .join(', ')}))`,
    )
    .join(' or '),
);

export const instanceNumbers = pgSequence('instance_numbers', { startWith: 1, increment: 50 });

export const parties = pgTable('parties', {
  id: text().primaryKey(),
  kind: text().notNull(),
  name: text().notNull(),
});

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

/** One clock for an order and all that belongs to it; only the sandbox moves the offset. */
export const families = pgTable('families', {
  id: uuid().primaryKey(),
  clockOffsetMs: bigint('clock_offset_ms', { mode: 'number' }).notNull().default(0),
});

export const instances = pgTable(
  'instances',
  {
    id: uuid().primaryKey(),
    lifecycle: text().notNull(),
    version: integer().notNull(),
    number: text().notNull().unique(),
    family: uuid()
      .notNull()
      .references(() => families.id),
    refs: jsonb().$type<Record<string, string>>().notNull(),
    buyer: text().notNull(),
    merchant: text().notNull(),
    createdAt: instant('created_at').notNull(),
    state: text().notNull(),
    frozen: boolean().notNull(),
    final: boolean().notNull(),
    value: jsonb().$type<StateValue>().notNull(),
    context: jsonb().$type<Record<string, unknown>>().notNull(),
    recorded: jsonb().$type<RecordedFact[]>().notNull(),
    revision: integer().notNull(),
    lastEventAt: instant('last_event_at').notNull(),
    lastActor: text('last_actor').notNull(),
    /** Heads of the two chains (ACT-2). */
    head: hash('head').notNull(),
    refusals: integer().notNull().default(0),
    refusalHead: hash('refusal_head').notNull().default(''),
    /** A wake is owed while wake_seq > woken_seq. */
    wakeSeq: integer('wake_seq').notNull(),
    wokenSeq: integer('woken_seq').notNull().default(0),
    wakeName: text('wake_name').notNull(),
    /** Set when workflow tasks of this instance fail; shown as WEDGED. */
    wedged: text(),
  },
  (table) => [
    check('state_is_of_lifecycle', stateCheck),
    check('context_at_most_32_kib', sql`octet_length(${table.context}::text) <= 32768`),
    index('instances_by_lifecycle').on(table.lifecycle, table.createdAt, table.id),
    index('instances_of_buyer').on(table.buyer, table.lifecycle, table.createdAt, table.id),
    index('instances_of_merchant').on(table.merchant, table.lifecycle, table.createdAt, table.id),
    index('instances_of_family').on(table.family),
    index('instances_owed_a_wake').on(table.id).where(sql`wake_seq > woken_seq`),
  ],
);

export const deadlines = pgTable(
  'deadlines',
  {
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    key: text().notNull(),
    name: text().notNull(),
    status: text().$type<'armed' | 'frozen' | 'fired' | 'cancelled'>().notNull(),
    armedAt: instant('armed_at').notNull(),
    dueAt: instant('due_at'),
    /** The due instant on PostgreSQL's own clock: due_at less the family's offset. */
    dueReal: instant('due_real'),
    remainingMs: bigint('remaining_ms', { mode: 'number' }),
    closedAt: instant('closed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.instance, table.key] }),
    check(
      'deadline_runs_or_rests',
      sql`status in ('armed', 'frozen', 'fired', 'cancelled') and (status <> 'armed' or due_at is not null) and (status <> 'frozen' or remaining_ms is not null)`,
    ),
    index('deadlines_due').on(table.dueReal).where(sql`status = 'armed'`),
  ],
);

export const effects = pgTable(
  'effects',
  {
    key: text().primaryKey(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    name: text().notNull(),
    params: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Tries of one lane share a limit; null: none. */
    lane: text(),
    status: text().$type<'open' | 'parked' | 'failed' | 'done' | 'cancelled'>().notNull(),
    generation: integer().notNull(),
    attempts: integer().notNull().default(0),
    /** Attempts since it was last opened, resumed or retried by hand; what the policy's limit counts. */
    tries: integer().notNull().default(0),
    openedAt: instant('opened_at').notNull(),
    /** The same by PostgreSQL's own clock, which the sweep goes by: a sandbox moves the family's. */
    openedReal: instant('opened_real').notNull().default(sql`clock_timestamp()`),
    /** When the next try is due, on the family's clock; null before the first try and when none will follow. */
    nextAttemptAt: instant('next_attempt_at'),
    /** The sweep's last repair, so that it repairs in a calm rhythm. */
    nudgedAt: instant('nudged_at'),
    closedAt: instant('closed_at'),
  },
  (table) => [
    check('effect_status', sql`status in ('open', 'parked', 'failed', 'done', 'cancelled')`),
    index('effects_of_instance').on(table.instance),
    index('effects_in_lane').on(table.lane).where(sql`lane is not null and status = 'open'`),
    index('effects_open').on(table.openedAt).where(sql`status = 'open'`),
  ],
);

/** One row per try of an effect: the fence against a second try beside a running one, and the record of what came. */
export const attempts = pgTable(
  'attempts',
  {
    effect: text()
      .notNull()
      .references(() => effects.key),
    no: integer().notNull(),
    instance: uuid('instance_id').notNull(),
    token: uuid().notNull(),
    startedAt: instant('started_at').notNull(),
    /** On PostgreSQL's own clock: until then the try may still be running. */
    leaseUntil: instant('lease_until').notNull(),
    finishedAt: instant('finished_at'),
    outcome: text().$type<'running' | 'succeeded' | 'failed' | 'unknown'>().notNull(),
    error: jsonb().$type<{ code: string; message: string } | null>(),
    /** What was sent and what came, as the outside’s activity recorded it: masked and capped (PRD-3). */
    record: jsonb().$type<Record<string, unknown> | null>(),
  },
  (table) => [primaryKey({ columns: [table.effect, table.no] }), index('attempts_of_instance').on(table.instance)],
);

export const incidents = pgTable(
  'incidents',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    subject: text().notNull(),
    name: text().notNull(),
    code: text().notNull(),
    message: text().notNull(),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
  },
  (table) => [index('incidents_of_instance').on(table.instance), index('incidents_open').on(table.openedAt).where(sql`closed_at is null`)],
);

/** The operation log 操作日志 (ACT-2): append-only, chained per instance; partitioned by hash of the instance. */
export const events = pgTable(
  'events',
  {
    instance: uuid('instance_id').notNull(),
    revision: integer().notNull(),
    kind: text().notNull(),
    type: text().notNull(),
    actor: text().notNull(),
    role: text().notNull(),
    party: text(),
    via: text().notNull(),
    at: instant('at').notNull(),
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    reason: text(),
    facts: jsonb().$type<Record<string, unknown>>().notNull(),
    before: jsonb().$type<StateValue | null>(),
    after: jsonb().$type<StateValue>().notNull(),
    changes: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The whole context, every 50 revisions, so that a long log can be read from the middle. */
    snapshot: jsonb().$type<Record<string, unknown> | null>(),
    applied: boolean().notNull(),
    machineVersion: integer('machine_version').notNull(),
    policyVersion: integer('policy_version').notNull(),
    calendarVersion: text('calendar_version').notNull(),
    idempotencyKey: text('idempotency_key'),
    /** What the caller sent as expectedRevision; null when it opted out. */
    expectedRevision: integer('expected_revision'),
    previous: hash('previous').notNull(),
    hash: hash('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.instance, table.revision] })],
);

/** Answers bound to a caller's key; partitioned by day, dropped when older than eight days. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    scope: text().notNull(),
    key: text().notNull(),
    /** Midnight UTC, so that a key is unique in its day. */
    day: timestamp({ withTimezone: true, mode: 'date' }).notNull().default(sql`date_trunc('day', now(), 'UTC')`),
    fingerprint: text().notNull(),
    instance: uuid('instance_id').notNull(),
    revision: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key, table.day] })],
);

/** Refused operations (ACT-2), with a chain of their own per instance; partitioned by day. */
export const refusals = pgTable(
  'refusals',
  {
    id: bigserial({ mode: 'number' }).notNull(),
    at: timestamp({ withTimezone: true, precision: 3, mode: 'date' }).notNull(),
    /** Null when the id that was asked for does not exist. */
    instance: uuid('instance_id'),
    no: integer().notNull(),
    command: text().notNull(),
    actor: text().notNull(),
    role: text().notNull(),
    party: text(),
    via: text().notNull(),
    input: jsonb().$type<Record<string, unknown>>().notNull(),
    code: text().notNull(),
    details: jsonb().$type<Record<string, unknown>>().notNull(),
    state: text(),
    previous: hash('previous').notNull(),
    hash: hash('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.at, table.id] }), index('refusals_of_instance').on(table.instance, table.no)],
);

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

const oneOf = (column: string, values: readonly string[]) => sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(', ')})`);

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

/** SUP-9: an evidence file. Content lives in the file store under its sha-256 and is never overwritten. */
export const files = pgTable('files', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  mediaType: text('media_type').notNull(),
  bytes: integer().notNull(),
  sha256: text().notNull(),
  uploadedBy: text('uploaded_by').notNull(),
  role: text().notNull(),
  party: text(),
  uploadedAt: instant('uploaded_at').notNull(),
});

/** Which step of which instance a file belongs to; whoever may see the instance may read the file. */
export const attachments = pgTable(
  'attachments',
  {
    file: uuid('file_id')
      .notNull()
      .references(() => files.id),
    instance: uuid('instance_id')
      .notNull()
      .references(() => instances.id),
    revision: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.file, table.instance, table.revision] }), index('attachments_of_instance').on(table.instance)],
);

/**
 * Operators' values over the declared defaults. One row per change: all values of one lifecycle, for the installation or for one product,
 * from that version on. The highest version is in force; every earlier one can be read again, because rows are only added.
 */
export const policies = pgTable(
  'policies',
  {
    version: integer().notNull(),
    lifecycle: text().notNull(),
    /** Null: the installation's. */
    product: text(),
    values: jsonb().$type<Record<string, unknown>>().notNull(),
    at: instant('at').notNull(),
    by: text().notNull(),
    reason: text().notNull(),
    /** The version that the operator saw and decided on. */
    basedOn: integer('based_on').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.version, table.lifecycle] }),
    index('policies_of_scope').on(table.lifecycle, table.product, table.version),
    check('policies_have_values', sql`jsonb_typeof(${table.values}) = 'object'`),
  ],
);

/** Operators' changes to the working-day calendar (TIM-1): who, when, why. Its days are in calendar_days; rows are only added. */
export const calendarVersions = pgTable('calendar_versions', {
  version: integer().primaryKey(),
  /** The year whose announced days this change holds, all of them. */
  announcedYear: integer('announced_year'),
  at: instant('at').notNull(),
  by: text().notNull(),
  reason: text().notNull(),
});

export const calendarDays = pgTable(
  'calendar_days',
  {
    version: integer()
      .notNull()
      .references(() => calendarVersions.version),
    day: date({ mode: 'string' }).notNull(),
    /** `computed` takes an earlier correction back. */
    kind: text().$type<'holiday' | 'workday' | 'computed'>().notNull(),
    name: text(),
  },
  (table) => [primaryKey({ columns: [table.version, table.day] }), check('calendar_day_kind', sql`kind in ('holiday', 'workday', 'computed')`)],
);

/** The heads of all chains, signed once a day and exported: what shows a log whose tail was cut (ACT-2). */
export const signedHeads = pgTable('signed_heads', {
  /** The day in Asia/Shanghai. */
  day: date({ mode: 'string' }).primaryKey(),
  at: instant('at').notNull(),
  instances: integer().notNull(),
  sha256: text().notNull(),
  previous: text().notNull(),
  signature: text().notNull(),
  keyId: text('key_id').notNull(),
});
