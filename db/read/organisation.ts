import type { Known } from '../../lifecycles/appBinding/login.ts';
import type { GrantKind } from '../../lifecycles/organisation/rows.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

export type DepartmentRow = { code: string; name: string; parent: string | null; members: number };
export type MemberRow = {
  userName: string;
  name: string;
  department: string;
  role: 'user' | 'admin';
  position: string | null;
  mail: string | null;
  phone: string | null;
  joinedAt: number;
};
export type GroupRow = { code: string; name: string; members: number };
export type GrantRow = { kind: GrantKind; subject: string; grantedBy: string; grantedAt: number };

export const userStates = ['authorised', 'pending', 'failed', 'revoked'] as const;
export type UserState = (typeof userStates)[number];
export type UserRow = {
  userName: string;
  state: UserState;
  /** Covered by an authorisation as it is now. */
  authorised: boolean;
  errorCode: string | null;
  errorMessage: string | null;
  calls: number;
  calledAt: number | null;
  acknowledgedAt: number | null;
};

/** Keyset by one text: rows after it, or before it from the end. */
export type TextPage = { after: string | null; before: string | null; limit: number; backwards: boolean };

/** One page of `from`, by its column `key` in the order of its code points, with one row more when there is more; `$1` is the owner. */
async function pageOf<Row extends object>(
  reader: Reader,
  {
    name,
    columns,
    from,
    key,
    owner,
    wanted = [],
  }: { name: string; columns: string; from: string; key: string; owner: string; wanted?: readonly (string | null)[] },
  { after, before, limit, backwards }: TextPage,
): Promise<Row[]> {
  const at = wanted.length + 2;
  const rows = await reader.rows<Row>({
    name: `${name} ${backwards ? 'backwards' : 'forwards'}`,
    text: `select ${columns} from ${from} and ($${at}::text is null or ${key} collate "C" > $${at}) and ($${at + 1}::text is null or ${key} collate "C" < $${at + 1})
      order by ${key} collate "C" ${backwards ? 'desc' : 'asc'} limit $${at + 2}`,
    values: [owner, ...wanted, after, before, limit + 1],
  });
  return backwards ? rows.reverse() : rows;
}

/** Departments of an enterprise; those directly below `parent` when it is given. */
export const departmentsOf = (
  reader: Reader,
  { enterprise, parent }: { enterprise: string; parent: string | null },
  page: TextPage,
): Promise<DepartmentRow[]> =>
  pageOf(
    reader,
    {
      name: 'departments',
      columns: `d.code, d.name, d.parent,
        (select count(*)::int from members m where m.enterprise = d.enterprise and m.department = d.code and m.ended_at is null) as members`,
      from: 'departments d where d.enterprise = $1 and d.ended_at is null and ($2::text is null or d.parent = $2)',
      key: 'd.code',
      owner: enterprise,
      wanted: [parent],
    },
    page,
  );

/** Members of an enterprise; those directly in a department, or in a group, when it is given. */
export const membersOf = (
  reader: Reader,
  { enterprise, department, group }: { enterprise: string; department: string | null; group: string | null },
  page: TextPage,
): Promise<MemberRow[]> =>
  pageOf(
    reader,
    {
      name: 'members',
      columns: `m.user_name as "userName", m.name, m.department, m.role, m.position, m.mail, m.phone, ${ms('m.joined_at')} as "joinedAt"`,
      from: `members m where m.enterprise = $1 and m.ended_at is null and ($2::text is null or m.department = $2)
        and ($3::text is null or exists (select from group_members g where g.enterprise = m.enterprise and g.group_code = $3 and g.user_name = m.user_name and g.ended_at is null))`,
      key: 'm.user_name',
      owner: enterprise,
      wanted: [department, group],
    },
    page,
  );

export const groupsOf = (reader: Reader, enterprise: string, page: TextPage): Promise<GroupRow[]> =>
  pageOf(
    reader,
    {
      name: 'groups',
      columns: `g.code, g.name,
        (select count(*)::int from group_members m where m.enterprise = g.enterprise and m.group_code = g.code and m.ended_at is null) as members`,
      from: 'groups g where g.enterprise = $1 and g.ended_at is null',
      key: 'g.code',
      owner: enterprise,
    },
    page,
  );

/** Whom an app is authorised to, as it was said. */
export const grantsOf = (reader: Reader, binding: string, page: TextPage): Promise<(GrantRow & { key: string })[]> =>
  pageOf(
    reader,
    {
      name: 'grants',
      columns: `g.kind || '/' || g.subject as key, g.kind, g.subject, g.granted_by as "grantedBy", ${ms('g.granted_at')} as "grantedAt"`,
      from: 'app_grants g where g.binding = $1 and g.ended_at is null',
      key: "(g.kind || '/' || g.subject)",
      owner: binding,
    },
    page,
  );

/** Each user whom an app has, is to have, or had. */
const usersFrom = `(select coalesce(d.user_name, s.user_name) as user_name, d.told is not null as authorised,
    case when s.state = 'failed' and s.sent is not distinct from d.told then 'failed'
      when d.told is distinct from s.acknowledged or s.uncertain then 'pending'
      when d.told is null then 'revoked' else 'authorised' end as state,
    s.error_code, s.error_message, coalesce(s.calls, 0) as calls, s.called_at, s.acknowledged_at
  from app_users($1) d full join (select * from user_syncs where binding = $1) s on s.user_name = d.user_name) u`;

/** Per user: authorised, and what the last call about the user came to (ORG-2). */
export const usersOf = (reader: Reader, { binding, state }: { binding: string; state: UserState | null }, page: TextPage): Promise<UserRow[]> =>
  pageOf(
    reader,
    {
      name: 'app users',
      columns: `u.user_name as "userName", u.state, u.authorised, case when u.state = 'failed' then u.error_code end as "errorCode",
        case when u.state = 'failed' then u.error_message end as "errorMessage", u.calls, ${ms('u.called_at')} as "calledAt", ${ms('u.acknowledged_at')} as "acknowledgedAt"`,
      from: `${usersFrom} where ($2::text is null or u.state = $2)`,
      key: 'u.user_name',
      owner: binding,
      wanted: [state],
    },
    page,
  );

export async function userCount(reader: Reader, { binding, state }: { binding: string; state: UserState | null }): Promise<number> {
  const [row] = await reader.rows<{ count: number }>({
    name: 'app users counted',
    text: `select count(*)::int as count from ${usersFrom} where ($2::text is null or u.state = $2)`,
    values: [binding, state],
  });
  return row?.count ?? 0;
}

/** ORG-4: what a login of one user hangs on. */
export async function knownUser(reader: Reader, binding: string, userName: string): Promise<Known> {
  const [row] = await reader.rows<Known>({
    name: 'known user',
    text: `select exists (select from app_users($1) d where d.user_name = $2) as authorised,
      exists (select from user_syncs s where s.binding = $1 and s.user_name = $2 and s.acknowledged is not null) as acknowledged,
      exists (select from instances b join instances i on i.id = (b.refs ->> 'serviceInstance')::uuid where b.id = $1 and i.state = 'released') as "serviceEnded"`,
    values: [binding, userName],
  });
  return row ?? { authorised: false, acknowledged: false, serviceEnded: false };
}
