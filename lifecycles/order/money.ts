import type { Posted } from '../declaration.ts';
import type { Account, Posting } from '../ledger.ts';

type Order = {
  amount: number;
  currency: string;
  merchantShareBp: number | null;
  completedAt: number | null;
  refund: { amount: number; approvedAt: number | null; from: 'processing' | 'completed' } | null;
};
type Given = Pick<Posted<Order>, 'id' | 'context' | 'before'>;

/** BIL-2, BIL-8: the merchant's part of an amount (分) at its share (basis points), rounded half up, once; the platform has the rest. */
export function merchantPart(amount: number, shareBp: number): number {
  return Number((BigInt(amount) * BigInt(shareBp) + 5_000n) / 10_000n);
}

/** An order without a share was paid before there was a ledger: it stays out of it, whole. */
const move = ({ id, context: { merchantShareBp, currency } }: Given, from: Account, to: Account, amount: number): Posting[] =>
  amount > 0 && merchantShareBp !== null ? [{ order: id, from, to, amount, currency }] : [];

/** What the merchant and the platform get when so much of the order is paid for good. */
function shares({ amount, merchantShareBp }: Order, refunded = 0): { merchant: number; platform: number } {
  const net = amount - refunded;
  const merchant = merchantPart(net, merchantShareBp ?? 0);
  return { merchant, platform: net - merchant };
}

function release(given: Given, refunded = 0): Posting[] {
  const { merchant, platform } = shares(given.context, refunded);
  return [...move(given, 'held', 'merchant', merchant), ...move(given, 'held', 'platform', platform)];
}

/** The event completed the order. */
const released = (given: Given) => (given.before?.completedAt == null && given.context.completedAt !== null ? release(given) : []);

/** What a refund takes, by where the money is: each account's part of it, so that what is left is net × share (BIL-2). */
function partsOf(order: Order): [Account, number][] {
  const { refund } = order;
  if (!refund) return [];
  if (refund.from === 'processing') return [['held', refund.amount]];
  const [all, rest] = [shares(order), shares(order, refund.amount)];
  return [
    ['merchant', all.merchant - rest.merchant],
    ['platform', all.platform - rest.platform],
  ];
}

/**
 * REF-5: every amount of an order, with the event that moves it. Payment: buyer → held. Completion: held → merchant and
 * platform. Approved refund: → reserved; paid: reserved → buyer, and what is left of held money goes its way; called off: back.
 */
export const postings = {
  recordPayment: (given: Given) => [...move(given, 'buyer', 'held', given.context.amount), ...released(given)],
  recordOpening: released,
  callSucceeded: released,
  supervisionFinished: released,
  refundApproved: (given: Given) => partsOf(given.context).flatMap(([from, amount]) => move(given, from, 'reserved', amount)),
  refundSettled: (given: Given) => {
    const { refund } = given.context;
    const paidBack = refund?.amount ?? 0;
    return [...move(given, 'reserved', 'buyer', paidBack), ...(refund?.from === 'processing' ? release(given, paidBack) : [])];
  },
  refundClosed: (given: Given) =>
    given.before?.refund?.approvedAt == null ? [] : partsOf(given.before).flatMap(([to, amount]) => move(given, 'reserved', to, amount)),
};
