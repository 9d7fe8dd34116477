import type { Outside, Sending } from './outside.ts';
import { restful } from './restful.ts';

/**
 * The marketplace's order centre: it shows an order as 已完成 (SUP-4) or 已退款 (REF-2), and issues authorisation codes
 * (SUP-2), of which it gives the reference and a hint only. For each, PUT /orders/{number}/completion, /refund or
 * /licence-code with an Idempotency-Key; GET tells what it knows of the key.
 * It also provisions enterprises (ORG-6): PUT /enterprises/{id}/tenant, answered with 202 until it is done.
 */
export function createOrderCentre(options: { url: string; fetch?: typeof fetch }): {
  synchroniseOrder: Outside;
  synchroniseRefund: Outside;
  issueCode: Outside;
  provisionEnterprise: Outside;
} {
  const resource = restful({ ...options, name: 'order centre' });
  const ofOrder = (name: string) => resource(({ params: { orderNumber } }: Sending) => `orders/${encodeURIComponent(String(orderNumber))}/${name}`);
  return {
    synchroniseOrder: ofOrder('completion'),
    synchroniseRefund: ofOrder('refund'),
    issueCode: ofOrder('licence-code'),
    provisionEnterprise: resource(({ instance }) => `enterprises/${instance}/tenant`),
  };
}
