import pg from 'pg';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import type { Bilingual, Role } from '../../lifecycles/roles.ts';
import type { Log } from '../../log.ts';
import { createTransports } from '../../notifications/channels.ts';
import { allCaptured } from '../../notifications/config.ts';
import { render } from '../../notifications/template.ts';

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** What people are told of one event; instants are epoch milliseconds. */
export type Notice = {
  order: string;
  number: string;
  event: string;
  at: number;
  state: Bilingual;
  to: { role: Role; party: string; address: Record<'mail' | 'sms', string> }[];
  text: Bilingual;
};

const told = `with given as (select * from jsonb_to_recordset($1::jsonb)
    as g(order_id text, event text, role text, party text, text jsonb, at bigint, channel text, address text, state text)),
  messages as (insert into messages (order_id, event, to_role, to_party, text, at)
    select distinct order_id, event, role, party, text, to_timestamp(at / 1000.0) from given on conflict do nothing)
  insert into deliveries (order_id, event, to_role, channel, address, state, finished_at)
    select order_id, event, role, channel, address, state, clock_timestamp() from given on conflict do nothing`;

/** The same calls to the same order centre and the same messages by the same channels; its retries are Temporal's. */
export function createOrderActivities({ url, databaseUrl, log }: { url: string; databaseUrl: string; log: Log }) {
  const { synchroniseOrder: centre } = createOrderCentre({ url });
  const transports = createTransports(allCaptured, log);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
  return {
    synchroniseOrder: async ({ id, number, acceptedAt }: { id: string; number: string; acceptedAt: number }): Promise<Record<string, unknown>> =>
      centre.send({
        instance: id,
        params: { orderNumber: number, acceptedAt: new Date(acceptedAt).toISOString() },
        idempotencyKey: `${id}:synchroniseOrder`,
        signal: AbortSignal.timeout(10_000),
        record: () => {},
      }),
    /** NOT-1: all messages of one event in one activity; sent again where its end is not known. */
    notify: async ({ order, number, event, at, state, to, text }: Notice): Promise<void> => {
      const about = { record: { zh: '订单', en: 'Order' }, state, waitsFor: [], due: null, reason: null };
      const sent = to.flatMap(({ role, party, address }) =>
        transports.map(async ({ channel, send, outcome, timeoutMs }) => {
          const message = render({ text, about, toRole: role, at, number, orderNumber: number, product: null }, 'zh', allCaptured.consoleUrl);
          const key = `${order}.${event}.${role}.${channel}`;
          await send({ ...message, key, thread: number, to: address[channel], language: 'zh' }, AbortSignal.timeout(timeoutMs));
          return { order_id: order, event, role, party, text, at, channel, address: address[channel], state: outcome };
        }),
      );
      await pool.query({ name: 'told', text: told, values: [JSON.stringify(await Promise.all(sent))] });
    },
  };
}
