/**
 * Where money of an order can be: `buyer` and `bank` are outside; `held` is guaranteed money, `reserved` is meant for a
 * refund under way, `merchant` and `platform` are shares that completion released, `balance` is a buyer's prepaid account (MET-2).
 */
export const accounts = ['buyer', 'bank', 'held', 'reserved', 'merchant', 'platform', 'balance'] as const;
export type Account = (typeof accounts)[number];

/** One movement of money between two accounts of one order, so that every posting balances by itself (BIL-8). */
export type Posting = {
  /** The order instance whose money it is; of a top-up, the account. */
  order: string;
  from: Account;
  to: Account;
  /** Integer minor units (分), more than 0. */
  amount: number;
  currency: string;
  /** BIL-2: when it counts, epoch milliseconds, where that is not the event's own instant: the end of the usage it is for. */
  countsAt?: number;
};
