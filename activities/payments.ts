import type { Outside } from './outside.ts';
import { restful } from './restful.ts';

/**
 * The payment provider, which pays a refund back to where the order's payment came from (REF-5): PUT
 * /payments/{order number}/refunds with an Idempotency-Key that is the same for every try; GET tells what it knows of
 * the key, and is asked first when nobody knows whether a try has paid. A bill is paid to its receiver alike (BIL-3): PUT
 * /payouts/{party}.
 */
export function createPayments(options: { url: string; fetch?: typeof fetch }): { payRefund: Outside; payBill: Outside } {
  const resource = restful({ ...options, name: 'payment provider' });
  return {
    payRefund: resource(({ params: { orderNumber } }) => `payments/${encodeURIComponent(String(orderNumber))}/refunds`),
    payBill: resource(({ params: { party } }) => `payouts/${encodeURIComponent(String(party))}`),
  };
}
