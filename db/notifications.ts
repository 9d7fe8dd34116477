import type pg from 'pg';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import type { Channel, Topic } from '../lifecycles/topics.ts';
import { inTransaction } from './transaction.ts';

export type NewReceiver = { channel: Channel; address: string; language: keyof Bilingual };

/** What people change about their messages; nothing here touches an instance. Throws DatabaseUnavailable. */
export function createNotifications(pool: pg.Pool) {
  return { markRead, setReceivers, retry };

  /** Marks messages to the caller's own role and party as read by this person. @returns how many were unread */
  async function markRead({ id, role, party }: Actor, messages: readonly number[]): Promise<number> {
    return inTransaction(pool, async (client) => {
      const { rowCount } = await client.query({
        name: 'mark read',
        text: `insert into notification_reads (message_id, person)
          select o.id, $1 from outbox o where o.id = any($2::bigint[]) and o.to_role = $3 and o.to_party is not distinct from $4
          on conflict do nothing`,
        values: [id, messages, role, party],
      });
      return rowCount ?? 0;
    });
  }

  /** Names the receivers of one topic anew, all of them; an empty list means the account again. What stays is not touched. */
  async function setReceivers({ id, role, party }: Actor, topic: Topic, receivers: readonly NewReceiver[]): Promise<void> {
    const scope = [role, party ?? '', topic];
    await inTransaction(pool, async (client) => {
      // two who change the same list at once do so one after the other
      await client.query({ text: "select pg_advisory_xact_lock(hashtextextended('receivers ' || $1, 0))", values: [JSON.stringify(scope)] });
      const wanted = JSON.stringify(receivers);
      await client.query({
        text: `update receivers r set removed_at = clock_timestamp(), removed_by = $4
          where role = $1 and party = $2 and topic = $3 and removed_at is null and not exists (
            select from jsonb_to_recordset($5::jsonb) as w(channel text, address text, language text)
            where w.channel = r.channel and w.address = r.address and w.language = r.language)`,
        values: [...scope, id, wanted],
      });
      await client.query({
        text: `insert into receivers (role, party, topic, channel, address, language, added_by)
          select $1, $2, $3, channel, address, language, $4 from jsonb_to_recordset($5::jsonb) as w(channel text, address text, language text)
          on conflict do nothing`,
        values: [...scope, id, wanted],
      });
    });
  }

  /**
   * Tries deliveries again that were given up: at once, with fresh patience. Where nobody was known, the receivers of
   * today are asked. @returns how many are tried again
   */
  async function retry(deliveries: readonly number[]): Promise<number> {
    return inTransaction(pool, async (client) => {
      const again = await client.query({
        name: 'retry deliveries',
        text: `update deliveries set state = 'waiting', attempts = 0, queued_at = clock_timestamp(), next_at = clock_timestamp(), finished_at = null
          where id = any($1::bigint[]) and state = 'failed'`,
        values: [deliveries],
      });
      const anew = await client.query({
        name: 'dispatch again',
        text: `with gone as (delete from deliveries where id = any($1::bigint[]) and state = 'noAddress' returning message_id),
          told as (update outbox set dispatched_at = null where id in (select message_id from gone))
          select message_id from gone`,
        values: [deliveries],
      });
      return (again.rowCount ?? 0) + (anew.rowCount ?? 0);
    });
  }
}

export type Notifications = ReturnType<typeof createNotifications>;
