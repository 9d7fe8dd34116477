import type pg from 'pg';
import type { About } from '../lifecycles/notice.ts';
import type { Bilingual, Role } from '../lifecycles/roles.ts';
import type { Channel } from '../lifecycles/topics.ts';

/** Where the marketplace's own roles are reached when they named no receivers. */
export type RoleAddress = { role: Role; channel: Channel; address: string; language: keyof Bilingual };

/** A delivery that this process holds for a while. Instants are epoch milliseconds. */
export type Claimed = {
  id: number;
  channel: Channel;
  address: string;
  language: keyof Bilingual;
  /** Which try this is; the fence against an outcome of an earlier one. */
  attempt: number;
  queuedAt: number;
  /** It waited for its first try longer than anything is waited for: it is given up without one. */
  stale: boolean;
  message: number;
  instance: string;
  revision: number;
  toRole: Role;
  text: Bilingual;
  about: About | null;
  at: number;
  number: string;
  orderNumber: string;
  product: string | null;
};

/** `kept`: not tried at all, given back. `refused` is final, `failed` is tried again until it is given up. */
export type Outcome = { id: number; attempt: number; outcome: 'sent' | 'captured' | 'refused' | 'failed' | 'kept'; detail: string | null };

/** How long a failed delivery waits (doubling from the first to the longest), and when it is given up; milliseconds. */
export type Patience = { firstRetryMs: number; longestRetryMs: number; giveUpMs: number };

export const batchSize = 100;

/** Is there anything to be made or sent? One look along two partial indexes. */
export async function somethingDue(pool: pg.Pool, free: readonly Channel[]): Promise<{ messages: boolean; deliveries: boolean }> {
  const { rows } = await pool.query({
    name: 'deliveries due',
    text: `select exists (select from outbox where dispatched_at is null and merged_into is null) as messages,
      exists (select from deliveries where state = 'waiting' and next_at <= clock_timestamp() and channel = any($1::text[])) as deliveries`,
    values: [free],
  });
  return rows[0];
}

/**
 * Makes the deliveries of messages that have none yet, in one statement: by each channel to the receivers of the topic,
 * else to the account (ACT-3). Where nobody is known the delivery says so. Not prepared: a plan made while the tables are
 * empty would scan them for hours. @returns how many messages
 */
export async function dispatch(pool: pg.Pool, roleAddresses: readonly RoleAddress[]): Promise<number> {
  const { rowCount } = await pool.query({
    text: `with due as (
        select id, to_role, coalesce(to_party, '') as party, topic, channels from outbox
        where dispatched_at is null and merged_into is null order by id for update skip locked limit ${batchSize}),
      wanted as (
        select due.*, c.channel from due cross join (values ('mail'), ('sms')) as c(channel)
        where (due.channels is null or due.channels ? c.channel)
          and not exists (select from deliveries d where d.message_id = due.id and d.channel = c.channel)),
      named as (
        select w.id, w.channel, r.address, r.language from wanted w
        join receivers r on r.role = w.to_role and r.party = w.party and r.topic = w.topic and r.channel = w.channel and r.removed_at is null),
      usual as (
        select w.id, w.channel, coalesce(case w.channel when 'mail' then a.mail else a.phone end, d.address, '') as address,
          coalesce(a.language, d.language, 'zh') as language
        from wanted w left join accounts a on a.party = w.party
        left join jsonb_to_recordset($1::jsonb) as d(role text, channel text, address text, language text)
          on w.party = '' and d.role = w.to_role and d.channel = w.channel
        where not exists (select from named n where n.id = w.id and n.channel = w.channel)),
      made as (
        insert into deliveries (message_id, channel, address, language, state)
        select id, channel, address, language, case address when '' then 'noAddress' else 'waiting' end
        from (select * from named union all select * from usual) as found on conflict do nothing)
      update outbox o set dispatched_at = clock_timestamp() from due where o.id = due.id`,
    values: [JSON.stringify(roleAddresses)],
  });
  return rowCount ?? 0;
}

/** Holds a batch for `leaseMs`, oldest due first; what another process holds is passed over. */
export async function claim(
  pool: pg.Pool,
  { channels, leaseMs, giveUpMs }: { channels: readonly Channel[]; leaseMs: number; giveUpMs: number },
): Promise<Claimed[]> {
  const { rows } = await pool.query<Claimed>({
    name: 'claim deliveries',
    text: `with claimed as (
        update deliveries set next_at = clock_timestamp() + make_interval(secs => $2 / 1000.0), attempts = attempts + 1
        where id in (select id from deliveries where state = 'waiting' and next_at <= clock_timestamp() and channel = any($1::text[])
          order by next_at, id for update skip locked limit ${batchSize})
        returning *)
      select c.id, c.channel, c.address, c.language, c.attempts as attempt, 
        c.attempts = 1 and c.queued_at < clock_timestamp() - make_interval(secs => $3 / 1000.0) as stale,
        o.id as message, o.instance_id as instance, o.revision, o.to_role as "toRole", o.text, o.about,
        (extract(epoch from o.created_at) * 1000)::bigint as at, i.number, coalesce(f.number, i.number) as "orderNumber", f.product
      from claimed c join outbox o on o.id = c.message_id join instances i on i.id = o.instance_id
      ${beginningOfFamily} order by c.id`,
    values: [channels, leaseMs, giveUpMs],
  });
  return rows;
}

/** The record that the family of `i` began with: the order. Its number and product never change. */
export const beginningOfFamily = `left join lateral (select b.number, b.context ->> 'productName' as product from instances b
  where b.family = i.family and b.refs = '{}' order by b.created_at limit 1) f on true`;

/** Keeps what came of tries. A success always counts; anything else only of the try that is the latest. */
export async function settle(pool: pg.Pool, outcomes: readonly Outcome[], { firstRetryMs, longestRetryMs, giveUpMs }: Patience): Promise<void> {
  await pool.query({
    name: 'settle deliveries',
    // by id first: many may be waiting, and the index of those would be read whole for each
    text: `with held as (select id, state, attempts, queued_at from deliveries where id = any($5::bigint[]) order by id for update),
      given as (
        select h.id, r.outcome, r.detail,
          case when r.outcome in ('sent', 'captured') then r.outcome
            when r.outcome = 'refused' or (r.outcome = 'failed' and h.queued_at < clock_timestamp() - make_interval(secs => $4 / 1000.0)) then 'failed'
            else 'waiting' end as state
        from jsonb_to_recordset($1::jsonb) as r(id bigint, attempt int, outcome text, detail text) join held h on h.id = r.id
        where h.state = 'waiting' and (r.outcome in ('sent', 'captured') or h.attempts = r.attempt))
      update deliveries d set state = g.state,
        attempts = d.attempts - case g.outcome when 'kept' then 1 else 0 end,
        finished_at = case when g.state <> 'waiting' then clock_timestamp() end,
        error = case g.outcome when 'kept' then d.error when 'sent' then null when 'captured' then null else g.detail end,
        receipt = case when g.outcome = 'sent' then g.detail end,
        next_at = clock_timestamp() + make_interval(secs => case g.outcome when 'kept' then $2 / 1000.0
          else (1 + random() / 5) * least($3 / 1000.0, $2 / 1000.0 * 2 ^ least(d.attempts - 1, 20)) end)
      from given g where d.id = g.id`,
    values: [JSON.stringify(outcomes), firstRetryMs, longestRetryMs, giveUpMs, outcomes.map(({ id }) => id)],
  });
}
