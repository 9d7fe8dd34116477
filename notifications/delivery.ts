import type pg from 'pg';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';

export type OutgoingMessage = { id: number; instance: string; number: string; event: string; toRole: string; toParty: string | null; text: Bilingual };

/** Where messages go; each has an id by which a repetition is known. Rejects when it is not sure of every message. */
export type Transport = (messages: readonly OutgoingMessage[]) => Promise<void>;

const batchSize = 100;

/** Development: a message counts as delivered once it is in the log; it stays readable in the outbox (NOT-1). */
export const captured =
  (log: Log): Transport =>
  async (messages) => {
    for (const message of messages) log.debug({ message }, `${message.number} → ${message.toRole}: ${message.text.zh}`);
  };

/** Delivers the outbox in batches, oldest first; several processes share the work, none delivers a message of another. */
export function startDelivery({
  pool,
  log,
  transport = captured(log),
  onError,
  everyMs = 1_000,
}: {
  pool: pg.Pool;
  log: Log;
  transport?: Transport;
  onError: (error: unknown) => void;
  everyMs?: number;
}) {
  let stopped = false;
  let current: Promise<unknown> = Promise.resolve();
  let timer = setTimeout(tick, everyMs);

  return {
    deliver,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };

  function tick() {
    current = deliver().catch((error) => {
      onError(error);
      return 0;
    });
    void current.then((count) => {
      if (!stopped) timer = setTimeout(tick, count === batchSize ? 0 : everyMs);
    });
  }

  /** Claims a batch for a while, sends it outside any transaction, and keeps what came of it. @returns how many were delivered */
  async function deliver(): Promise<number> {
    const { rows } = await pool.query<OutgoingMessage>({
      name: 'outbox batch',
      text: `with claimed as (
          update outbox set next_at = clock_timestamp() + interval '2 minutes', attempts = attempts + 1
          where id in (select id from outbox where delivered_at is null and next_at <= clock_timestamp() order by id for update skip locked limit ${batchSize})
          returning id, instance_id, event, to_role, to_party, text)
        select c.id, c.instance_id as instance, i.number, c.event, c.to_role as "toRole", c.to_party as "toParty", c.text
        from claimed c join instances i on i.id = c.instance_id order by c.id`,
    });
    if (rows.length === 0) return 0;
    const failed = await sent(rows);
    await pool.query({
      name: 'outbox outcome',
      text: `update outbox o set error = r.error, delivered_at = case when r.error is null then clock_timestamp() end,
          next_at = clock_timestamp() + make_interval(secs => least(3600, 2 ^ least(o.attempts, 12)))
        from jsonb_to_recordset($1::jsonb) as r(id bigint, error text) where o.id = r.id`,
      values: [JSON.stringify(rows.map(({ id }) => ({ id, error: failed.get(id) ?? null })))],
    });
    return rows.length - failed.size;
  }

  /** The whole batch at once; when that fails, one by one, so that a bad message holds back only itself. */
  async function sent(messages: readonly OutgoingMessage[]): Promise<Map<number, string>> {
    const failed = new Map<number, string>();
    const attempt = (part: readonly OutgoingMessage[]) =>
      transport(part).then(
        () => null,
        (error: Error) => error,
      );
    if (!(await attempt(messages))) return failed;
    for (const message of messages) {
      const error = await attempt([message]);
      if (!error) continue;
      failed.set(message.id, error.message.slice(0, 500));
      onError(error);
    }
    return failed;
  }
}
