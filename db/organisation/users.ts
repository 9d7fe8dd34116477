import type pg from 'pg';
import type { SyncedUser } from '../schema/organisation.ts';
import { inTransaction } from '../transaction.ts';

/** Users that one call is about, and what it says of them; flag 0 delete, 1 add, 2 modify, 3 revoke. */
export type UserBatch = { flag: 0 | 1 | 2 | 3; users: { userName: string; told: SyncedUser | null; known: SyncedUser | null }[]; more: boolean };

/**
 * The difference between who is authorised and what the app has acknowledged. A user whose call failed is left out
 * until something about the user changes, or it is retried (ORG-2); one whose call may have arrived is told again.
 */
const differenceSql = `
  select coalesce(d.user_name, s.user_name) as user_name, d.told, s.acknowledged as known,
    case when d.told is not null then case when s.acknowledged is null then 1 else 2 end
      when exists (select from members m where m.enterprise = (b.refs ->> 'enterprise')::uuid and m.user_name = s.user_name and m.ended_at is null) then 3
      else 0 end as flag
  from instances b, lateral (
    select * from app_users(b.id)) d full join (select * from user_syncs where binding = $1) s on s.user_name = d.user_name
  where b.id = $1 and (d.told is distinct from s.acknowledged or s.uncertain)
    and not (s.state is not distinct from 'failed' and s.sent is not distinct from d.told)`;

/** Marks the next users to be told of as being sent; revocations come first. Null: there is no difference. */
export async function nextUsers(pool: pg.Pool, binding: string, atMost: number): Promise<UserBatch | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ user_name: string; told: SyncedUser | null; known: SyncedUser | null; flag: UserBatch['flag'] }>({
      name: 'users to tell of',
      text: `select * from (${differenceSql}) x order by array_position(array[3, 0, 1, 2], flag), user_name limit $2`,
      values: [binding, atMost + 1],
    });
    const flag = rows[0]?.flag;
    if (flag === undefined) return null;
    const batch = rows.filter((row) => row.flag === flag).slice(0, atMost);
    await client.query({
      name: 'users being sent',
      text: `insert into user_syncs as u (binding, user_name, state, flag, sent, uncertain, calls, called_at)
        select $1, r.user_name, 'sending', $2, r.told, true, 1, clock_timestamp() from jsonb_to_recordset($3) as r(user_name text, told jsonb)
        on conflict (binding, user_name) do update set state = 'sending', flag = excluded.flag, sent = excluded.sent, uncertain = true,
          calls = u.calls + 1, called_at = excluded.called_at, error_code = null, error_message = null`,
      values: [binding, flag, JSON.stringify(batch.map(({ user_name, told }) => ({ user_name, told })))],
    });
    const users = batch.map(({ user_name, told, known }) => ({ userName: user_name, told, known }));
    return { flag, users, more: rows.length > batch.length };
  });
}

/** The app has taken the call about these users. */
export async function acknowledgeUsers(pool: pg.Pool, binding: string, userNames: readonly string[]): Promise<void> {
  await pool.query({
    name: 'users acknowledged',
    text: `update user_syncs set state = 'done', acknowledged = sent, uncertain = false, acknowledged_at = clock_timestamp()
      where binding = $1 and user_name = any($2)`,
    values: [binding, userNames],
  });
}
