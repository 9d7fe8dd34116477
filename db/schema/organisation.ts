import { sql } from 'drizzle-orm';
import { boolean, check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { type GrantKind, grantKinds } from '../../lifecycles/organisation/rows.ts';
import { instant, oneOf } from '../columns.ts';
import { instances } from './instances.ts';

const instance = (name: string) =>
  uuid(name)
    .notNull()
    .references(() => instances.id);

/** What an app is told of a user. */
export type SyncedUser = { name: string; orgCode: string; role: 'user' | 'admin'; position: string | null };

/** An enterprise's departments 部门, as they are (ORG-6); how they came to be is in the operation log. */
export const departments = pgTable(
  'departments',
  {
    enterprise: instance('enterprise'),
    code: text().notNull(),
    name: text().notNull(),
    /** Null for the root alone. */
    parent: text(),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.enterprise, table.code] }),
    foreignKey({ columns: [table.enterprise, table.parent], foreignColumns: [table.enterprise, table.code], name: 'department_below_one_of_its_enterprise' }),
    check('no_department_is_its_own_parent', sql`${table.parent} <> ${table.code}`),
    index('departments_below').on(table.enterprise, table.parent).where(sql`ended_at is null`),
  ],
);

/** Increments of the departments, in their order: what each bound app is still to be told (ORG-1). Rows are only added. */
export const departmentChanges = pgTable(
  'department_changes',
  {
    enterprise: instance('enterprise'),
    /** Of the enterprise: the event that changed it. */
    revision: integer().notNull(),
    no: integer().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    parent: text(),
    /** 0 delete, 1 add, 2 modify. */
    flag: integer().notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.enterprise, table.revision, table.no] }), check('change_flag', sql`${table.flag} in (0, 1, 2)`)],
);

/** Members 成员; each in one department. */
export const members = pgTable(
  'members',
  {
    enterprise: instance('enterprise'),
    userName: text('user_name').notNull(),
    name: text().notNull(),
    department: text().notNull(),
    role: text().$type<'user' | 'admin'>().notNull(),
    position: text(),
    mail: text(),
    phone: text(),
    joinedAt: instant('joined_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.enterprise, table.userName] }),
    foreignKey({ columns: [table.enterprise, table.department], foreignColumns: [departments.enterprise, departments.code], name: 'member_of_a_department' }),
    check('member_role', sql`${table.role} in ('user', 'admin')`),
    index('members_of_department').on(table.enterprise, table.department).where(sql`ended_at is null`),
  ],
);

/** Groups 群组 of members across departments. */
export const groups = pgTable(
  'groups',
  {
    enterprise: instance('enterprise'),
    code: text().notNull(),
    name: text().notNull(),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.enterprise, table.code] })],
);

export const groupMembers = pgTable(
  'group_members',
  {
    enterprise: instance('enterprise'),
    group: text('group_code').notNull(),
    userName: text('user_name').notNull(),
    addedAt: instant('added_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.enterprise, table.group, table.userName] }),
    index('groups_of_member').on(table.enterprise, table.userName).where(sql`ended_at is null`),
  ],
);

/** Whom an app is authorised to 授权: departments with all below them, members, groups (ORG-4). */
export const appGrants = pgTable(
  'app_grants',
  {
    binding: instance('binding'),
    enterprise: instance('enterprise'),
    kind: text().$type<GrantKind>().notNull(),
    subject: text().notNull(),
    grantedBy: text('granted_by').notNull(),
    grantedAt: instant('granted_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.binding, table.kind, table.subject] }),
    check('grant_kind', oneOf('kind', grantKinds)),
    index('grants_of_subject').on(table.enterprise, table.kind, table.subject).where(sql`ended_at is null`),
  ],
);

export const userSyncStates = ['due', 'sending', 'done', 'failed'] as const;

/** What an app knows of each user, and what the last call about the user came to (ORG-2). Written by the calls; the difference to app_users() is what is still to be told. */
export const userSyncs = pgTable(
  'user_syncs',
  {
    binding: instance('binding'),
    userName: text('user_name').notNull(),
    state: text().$type<(typeof userSyncStates)[number]>().notNull(),
    /** Of the last call: 0 delete, 1 add, 2 modify, 3 revoke. */
    flag: integer().notNull(),
    /** What the last call says of the user; null when it takes the user away. */
    sent: jsonb().$type<SyncedUser | null>(),
    /** What the app has acknowledged; null: it knows nothing of the user. */
    acknowledged: jsonb().$type<SyncedUser | null>(),
    /** A call may have reached the app that it did not acknowledge. */
    uncertain: boolean().notNull(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    calls: integer().notNull(),
    calledAt: instant('called_at').notNull(),
    acknowledgedAt: instant('acknowledged_at'),
  },
  (table) => [
    primaryKey({ columns: [table.binding, table.userName] }),
    check('user_sync_state', oneOf('state', userSyncStates)),
    index('user_syncs_failed').on(table.binding, table.userName).where(sql`state = 'failed'`),
  ],
);

/** An app's OAuth client (ORG-5), made once so that a repeated synchronisation sends the same. No reader may see the secret. */
export const appClients = pgTable('app_clients', {
  binding: uuid()
    .primaryKey()
    .references(() => instances.id),
  clientId: text('client_id').notNull().unique(),
  clientSecret: text('client_secret').notNull(),
  createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
});

/** The merchant's RSA key for what an app is sent encrypted, by product; PEM. */
export const appKeys = pgTable('app_keys', {
  product: text().primaryKey(),
  publicKey: text('public_key').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull().default(sql`clock_timestamp()`),
});

/** Hashes of the links that were mailed for an invitation (ORG-3); those of its newest round are good. Rows are only added. */
export const invitationLinks = pgTable(
  'invitation_links',
  {
    /** SHA-256 of the link's token, hex. */
    hash: text().primaryKey(),
    invitation: instance('invitation'),
    /** The effect that mailed it; each try makes a link of its own. */
    round: text().notNull(),
    madeAt: instant('made_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [index('links_of_invitation').on(table.invitation, table.madeAt)],
);

/** Accounts that were chosen for customers 给客户用: none of them administers an enterprise (ORG-3). */
export const customerAccounts = pgTable('customer_accounts', {
  party: text().primaryKey(),
  chosenAt: instant('chosen_at').notNull().default(sql`clock_timestamp()`),
});
