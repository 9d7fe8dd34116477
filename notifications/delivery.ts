import type pg from 'pg';
import { inTransaction } from '../db/transaction.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';

export type OutgoingMessage = { id: number; instance: string; number: string; event: string; toRole: string; toParty: string | null; text: Bilingual };

/** Where messages go. Rejects when none of the batch was taken; the whole batch is then tried again. */
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

  /** @returns how many were delivered */
  async function deliver(): Promise<number> {
    return inTransaction(pool, async (client) => {
      const { rows } = await client.query<OutgoingMessage>({
        name: 'outbox batch',
        text: `select o.id, o.instance_id as instance, i.number, o.event, o.to_role as "toRole", o.to_party as "toParty", o.text
          from outbox o join instances i on i.id = o.instance_id where o.delivered_at is null order by o.id limit ${batchSize} for update of o skip locked`,
      });
      if (rows.length === 0) return 0;
      const ids = rows.map((row) => row.id);
      const error = await transport(rows).then(
        () => null,
        (thrown: Error) => thrown,
      );
      await client.query(
        'update outbox set attempts = attempts + 1, error = $2, delivered_at = case when $2::text is null then clock_timestamp() end where id = any($1)',
        [ids, error?.message.slice(0, 500) ?? null],
      );
      if (error) onError(error);
      return error ? 0 : rows.length;
    });
  }
}
