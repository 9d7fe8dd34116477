import type { Posted } from '../declaration.ts';
import type { Account, Posting } from '../ledger.ts';
import { merchantPart } from '../order/money.ts';
import { type Context, tenThousandths } from './context.ts';

type Metered = Pick<Context, 'units' | 'used' | 'overused' | 'unitPrice'>;

/** "12.5" → 125000, without a float in between. */
export function parsedUsage(usage: string): number {
  const [whole = '0', part = ''] = usage.split('.');
  return Number(whole) * tenThousandths + Number(part.padEnd(4, '0'));
}

/** What is left of the packages, in ten-thousandths of a unit. What was paid by the unit was not taken from them. */
const left = ({ units, used, overused }: Metered): number => Math.max(0, units - (used - overused));

/** What so much costs, in minor units (分), rounded half up. */
function costOf(overused: number, unitPrice: number): number {
  const [cost, whole] = [BigInt(overused) * BigInt(unitPrice), BigInt(tenThousandths)];
  return Number((2n * cost + whole) / (2n * whole));
}

/**
 * MET-2: what one record takes beyond the packages, and what that costs. The cost of all that was ever used over them is
 * rounded, once, and a record costs what it adds to that: parts of a 分 are carried on, neither lost nor taken twice.
 */
export function chargeFor(service: Metered, usage: string): { overused: number; amount: number } {
  const over = Math.max(0, parsedUsage(usage) - left(service));
  const { overused, unitPrice } = service;
  if (unitPrice === null || over === 0) return { overused, amount: 0 };
  return { overused: overused + over, amount: costOf(overused + over, unitPrice) - costOf(overused, unitPrice) };
}

type Used = Pick<Posted<Context, { usage: string; until: string }>, 'context' | 'before' | 'input'>;

/** BIL-2, MET-2: from the buyer's account into the merchant's and the marketplace's shares, counted by the usage's end. */
export const postings = {
  recordUsage: ({ context: { charged, order, currency, merchantShareBp }, before, input }: Used): Posting[] => {
    const amount = charged - (before?.charged ?? 0);
    if (amount === 0) return [];
    const shareOf = (all: number) => merchantPart(all, merchantShareBp ?? 0);
    // BIL-8: rounded once, over all that was ever charged, as the cost is
    const merchant = shareOf(charged) - shareOf(before?.charged ?? 0);
    const move = (from: Account, to: Account, part: number): Posting[] =>
      part > 0 ? [{ order, from, to, amount: part, currency, countsAt: Date.parse(input.until) }] : [];
    return [...move('balance', 'held', amount), ...move('held', 'merchant', merchant), ...move('held', 'platform', amount - merchant)];
  },
};
