import { type Problem, refused } from '../problem.ts';
import type { Bilingual } from '../roles.ts';
import type { Calendar } from '../spans.ts';
import { invoicedTo } from './invoicing.ts';
import { labels } from './labels.ts';
import { expectedAt, periodOf } from './periods.ts';

/** What is asked about an order, or an amount of it, for BIL-9. Instants are epoch milliseconds. */
export type Transaction = {
  orderNumber: string;
  tradeMode: string;
  paidAt: number | null;
  /** The month's instant (BIL-2); null while nothing is owed. */
  effectiveAt: number | null;
  /** The state of an order of which nothing is owed yet. */
  orderState: string | null;
  supervised: boolean;
  bill: { number: string; state: string } | null;
};
export type When = { now: number; day: number; calendar: Calendar };

const unowed: Record<string, Bilingual> = {
  pendingPayment: { zh: '订单尚未支付', en: 'the order is not paid' },
  cancelled: { zh: '订单已取消', en: 'the order is cancelled' },
  failed: { zh: '订单开通失败', en: 'the order failed' },
  refunding: { zh: '订单正在退订', en: 'the order is being refunded' },
  refunded: { zh: '订单已全额退订', en: 'the order was refunded in full' },
};

/** Why something is on no bill yet; null when it is on one (BIL-9). */
export function whyUnbilled({ bill, effectiveAt, orderState, supervised }: Transaction, { now }: Pick<When, 'now'>): Bilingual | null {
  if (bill) return null;
  if (effectiveAt === null)
    return (
      unowed[orderState ?? ''] ??
      (supervised ? { zh: '服务监管尚未完成', en: 'its supervision is not finished' } : { zh: '服务尚未开通', en: 'its service is not open' })
    );
  const { label, until } = periodOf(effectiveAt);
  return until > now
    ? { zh: `所属账期 ${label} 尚未结束`, en: `its month, ${label}, is not over` }
    : { zh: `账期 ${label} 已结束，等待出账日`, en: `its month, ${label}, is over and waits for the billing day` };
}

/** When it will be billed; null when it is, and while nothing tells when it will be owed. */
export const billedAt = ({ bill, effectiveAt }: Transaction, when: When): number | null =>
  bill || effectiveAt === null ? null : expectedAt({ effectiveAt, ...when });

/** May the party invoice it to the marketplace? Only if it is billed and the bill awaits its invoice; null: it may (BIL-4, BIL-9). */
export function whyNotInvoice(transaction: Transaction, when: When): Extract<Problem, { kind: 'Refused' }> | null {
  const { bill, orderNumber: order } = transaction;
  if (invoicedTo(transaction) === 'buyer') return refused('INVOICED_TO_BUYER', { order });
  if (!bill) {
    const possibleAt = billedAt(transaction, when);
    const until =
      possibleAt === null ? { zh: '订单完成后的下一出账日', en: 'the billing day after the order is completed' } : new Date(possibleAt).toISOString();
    return { ...refused('NOT_BILLED', { order, why: whyUnbilled(transaction, when), until }), possibleAt };
  }
  if (bill.state === 'awaitingInvoice') return null;
  const state = labels[bill.state as keyof typeof labels] ?? { zh: bill.state, en: bill.state };
  return refused('BILL_NOT_AWAITING_INVOICE', { order, number: bill.number, state: { zh: state.zh, en: state.en } }, bill.state);
}
