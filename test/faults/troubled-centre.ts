import { createOrderCentre } from '../../activities/orderCentre.ts';
import { type Outside, OutsideUnavailable } from '../../activities/outside.ts';
import { startOrderCentre } from '../../examples/order-centre/server.ts';

type Send = Outside['send'];
/** What happens instead of the normal sending for one order. */
export type Trouble = (send: () => ReturnType<Send>, sending: Parameters<Send>[0]) => ReturnType<Send>;

/**
 * An order centre that treats chosen orders badly, and counts how many tries of one effect it sees at once. Its requests
 * end with their try, unless they are given a time of their own.
 */
export async function aTroubledCentre({ withinMs }: { withinMs?: number } = {}) {
  const centre = await startOrderCentre();
  const real = createOrderCentre({ url: centre.url });
  const troubles = new Map<string, Trouble>();
  const running = new Map<string, number>();
  let mostAtOnce = 0;
  const timed = (sending: Parameters<Send>[0]) => (withinMs === undefined ? sending : { ...sending, signal: AbortSignal.timeout(withinMs) });
  const troubled = ({ ask, send }: Outside): Outside => ({
    ...(ask ? { ask: (sending) => ask(timed(sending)) } : {}),
    async send(sending) {
      const now = (running.get(sending.idempotencyKey) ?? 0) + 1;
      running.set(sending.idempotencyKey, now);
      mostAtOnce = Math.max(mostAtOnce, now);
      try {
        const trouble = troubles.get(String(sending.params.orderNumber));
        return await (trouble ? trouble(() => send(timed(sending)), sending) : send(timed(sending)));
      } finally {
        running.set(sending.idempotencyKey, (running.get(sending.idempotencyKey) ?? 1) - 1);
      }
    },
  });
  const outsides = {
    synchroniseOrder: troubled(real.synchroniseOrder),
    synchroniseRefund: troubled(real.synchroniseRefund),
    issueCode: troubled(real.issueCode),
  };
  return { ...centre, troubles, outsides, mostAtOnce: () => mostAtOnce };
}

/** The answer of an order centre to every request, understood as the real one's is. */
export const answering = (status: number, body = ''): Trouble => {
  const { synchroniseOrder } = createOrderCentre({ url: 'http://nowhere', fetch: async () => new Response(body, { status }) });
  return (_send, sending) => synchroniseOrder.send(sending);
};

/** As when no connection could be made: nothing was sent. */
export const unreachable: Trouble = () => Promise.reject(new OutsideUnavailable('ECONNREFUSED', 'nobody listens', { unknown: false }));
