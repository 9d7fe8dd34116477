import type { Facts, OrderInvoice } from '../facts.ts';

/** What an application reads of the order that it joins. */
export type Order = {
  paidAt: number | null;
  tradeMode: string;
  amount: number;
  currency: string;
  refund?: { number: string; approvedAt: number | null } | null;
};

/** Minor units (分): of what was paid for an order, and of what its use was charged (MET-2). */
export type Parts = { paid: number; used: number };
export const sumOf = ({ paid, used }: Parts): number => paid + used;

/** All that an order has cost; a refund takes nothing from it. */
export const costOf = ({ paidAt, amount }: Order, { usageCharged = 0 }: Facts): Parts => ({ paid: paidAt == null ? 0 : amount, used: usageCharged });

/** REF-2: the order's refund, once it is approved. */
export const approvedRefundOf = ({ refund }: Order) => (refund?.approvedAt == null ? null : { number: refund.number, approvedAt: refund.approvedAt });

/** The order's invoices under way or standing: what was returned, rejected, taken back or overtaken by a refund leaves its amount to another. */
export const standingIn = ({ invoices }: Facts): OrderInvoice[] =>
  invoices?.filter(({ state }) => !['returned', 'rejected', 'cancelled', 'lapsed'].includes(state)) ?? [];

/** REF-2: such an invoice has nothing to do with a refund, which gives back what was paid. Without an amount, as of old, it is of what was paid. */
export const isOfUseAlone = ({ amount, forUse }: { amount?: number; forUse?: number | null }): boolean => forUse != null && forUse > 0 && forUse === amount;

/**
 * BIL-4: what is left to invoice of an order: what was paid for it, which an approved refund takes away whole (REF-2), and what its
 * use was charged, each less what standing invoices have of it.
 */
export function leftToInvoice(order: Order, facts: Facts): Parts {
  const { paid, used } = costOf(order, facts);
  const invoiced = standingIn(facts).reduce(
    (sum, { amount = order.amount, forUse }) => ({ paid: sum.paid + amount - (forUse ?? 0), used: sum.used + (forUse ?? 0) }),
    { paid: 0, used: 0 },
  );
  return { paid: approvedRefundOf(order) ? 0 : Math.max(0, paid - invoiced.paid), used: Math.max(0, used - invoiced.used) };
}
