import { createOrderCentre } from '../../activities/orderCentre.ts';

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** The same call to the same order centre; its own retries are Temporal's. */
export function createOrderActivities({ url }: { url: string }) {
  const { synchroniseOrder: centre } = createOrderCentre({ url });
  return {
    synchroniseOrder: async ({ id, number, acceptedAt }: { id: string; number: string; acceptedAt: number }): Promise<Record<string, unknown>> =>
      centre.send({
        instance: id,
        params: { orderNumber: number, acceptedAt: new Date(acceptedAt).toISOString() },
        idempotencyKey: `${id}:synchroniseOrder`,
        signal: AbortSignal.timeout(10_000),
        record: () => {},
      }),
  };
}
