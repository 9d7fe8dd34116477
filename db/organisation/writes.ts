import type { RowName } from '../../lifecycles/organisation/rows.ts';
import { choiceColumns, chosenSql } from '../callBatch/chosen.ts';

type Write = { columns: string; sql: (r: string) => string };

/** Beside the row's own fields: the instance whose event it is, the event's revision, its number among its like, the instant. */
const stored = 'instance uuid, revision int, no int, at timestamptz';

/** How the rows that events leave are written (lifecycles/organisation/rows.ts). What ended and comes again is the same row. */
export const organisationWrites = {
  departmentKept: {
    columns: `${stored}, code text, name text, parent text`,
    sql: (r) => `insert into departments (enterprise, code, name, parent, created_at) select instance, code, name, parent, at from ${r}
      on conflict (enterprise, code) do update set name = excluded.name, parent = excluded.parent, ended_at = null`,
  },
  departmentEnded: {
    columns: `${stored}, code text`,
    sql: (r) => `update departments d set ended_at = r.at from ${r} where d.enterprise = r.instance and d.code = r.code`,
  },
  departmentChanged: {
    columns: `${stored}, code text, name text, parent text, flag int`,
    sql: (r) => `insert into department_changes (enterprise, revision, no, code, name, parent, flag, at)
      select instance, revision, no, code, name, parent, flag, at from ${r}`,
  },
  memberKept: {
    columns: `${stored}, user_name text, name text, department text, role text, position text, mail text, phone text`,
    sql: (r) => `insert into members (enterprise, user_name, name, department, role, position, mail, phone, joined_at)
      select instance, user_name, name, department, role, position, mail, phone, at from ${r}
      on conflict (enterprise, user_name) do update set name = excluded.name, department = excluded.department, role = excluded.role,
        position = excluded.position, mail = excluded.mail, phone = excluded.phone, joined_at = excluded.joined_at, ended_at = null`,
  },
  memberMoved: {
    columns: `${stored}, user_name text, department text`,
    sql: (r) => `update members m set department = r.department from ${r} where m.enterprise = r.instance and m.user_name = r.user_name`,
  },
  memberEnded: {
    columns: `${stored}, user_name text`,
    sql: (r) => `update members m set ended_at = r.at from ${r} where m.enterprise = r.instance and m.user_name = r.user_name`,
  },
  groupKept: {
    columns: `${stored}, code text, name text`,
    sql: (r) => `insert into groups (enterprise, code, name, created_at) select instance, code, name, at from ${r}
      on conflict (enterprise, code) do update set name = excluded.name, created_at = excluded.created_at, ended_at = null`,
  },
  groupEnded: {
    columns: `${stored}, code text`,
    sql: (r) => `update groups g set ended_at = r.at from ${r} where g.enterprise = r.instance and g.code = r.code`,
  },
  groupMemberKept: {
    columns: `${stored}, code text, user_name text`,
    sql: (r) => `insert into group_members (enterprise, group_code, user_name, added_at) select instance, code, user_name, at from ${r}
      on conflict (enterprise, group_code, user_name) do update set ended_at = null`,
  },
  groupMemberEnded: {
    columns: `${stored}, code text, user_name text`,
    sql: (r) => `update group_members m set ended_at = r.at from ${r} where m.enterprise = r.instance and m.group_code = r.code and m.user_name = r.user_name`,
  },
  membershipsEnded: {
    columns: `${stored}, code text, user_name text`,
    sql: (r) => `update group_members m set ended_at = r.at from ${r}
      where m.enterprise = r.instance and m.ended_at is null and (m.group_code = r.code or m.user_name = r.user_name)`,
  },
  subjectEnded: {
    columns: `${stored}, kind text, subject text`,
    sql: (r) =>
      `update app_grants g set ended_at = r.at from ${r} where g.enterprise = r.instance and g.kind = r.kind and g.subject = r.subject and g.ended_at is null`,
  },
  grantKept: {
    columns: `${stored}, enterprise uuid, kind text, subject text, by text`,
    sql: (
      r,
    ) => `insert into app_grants as g (binding, enterprise, kind, subject, granted_by, granted_at) select instance, enterprise, kind, subject, by, at from ${r}
      on conflict (binding, kind, subject) do update set granted_by = excluded.granted_by, granted_at = excluded.granted_at, ended_at = null where g.ended_at is not null`,
  },
  grantEnded: {
    columns: `${stored}, kind text, subject text`,
    sql: (r) =>
      `update app_grants g set ended_at = r.at from ${r} where g.binding = r.instance and g.kind = r.kind and g.subject = r.subject and g.ended_at is null`,
  },
  grantsEnded: {
    columns: stored,
    sql: (r) => `update app_grants g set ended_at = r.at from ${r} where g.binding = r.instance and g.ended_at is null`,
  },
  usersForgotten: {
    columns: stored,
    sql: (r) =>
      `update user_syncs u set state = 'done', acknowledged = null, uncertain = false, error_code = null, error_message = null from ${r} where u.binding = r.instance`,
  },
  userSyncFailed: {
    columns: `${stored}, code text, message text`,
    sql: (r) =>
      `update user_syncs u set state = 'failed', error_code = r.code, error_message = r.message from ${r} where u.binding = r.instance and u.state = 'sending'`,
  },
  userSyncRetried: {
    columns: `${stored}, user_name text`,
    sql: (r) => `update user_syncs u set state = 'due' from ${r} where u.binding = r.instance and u.user_name = r.user_name and u.state = 'failed'`,
  },
  callsChosen: {
    columns: `${stored}, ${choiceColumns}`,
    sql: (
      r,
    ) => `insert into call_batch_items (batch, no, call, merchant) select r.instance, row_number() over (order by c.created_at, c.call), c.call, c.merchant
      from ${r} cross join lateral (${chosenSql}) c`,
  },
} satisfies Record<RowName, Write>;
