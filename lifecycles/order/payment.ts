import { z } from 'zod';
import { expectedField } from '../problem.ts';
import { takesCredit } from '../product/credit.ts';
import type { Bilingual } from '../roles.ts';
import { minorUnits } from '../values.ts';
import { command, means } from './context.ts';

/** ORD-7: the means that credit control 信控 is about. */
export const creditMeans: Record<string, Bilingual> = {
  cashCoupon: { zh: '授信现金券支付', en: 'cash coupon on credit' },
  creditLine: { zh: '信用额度支付', en: 'credit line' },
};

export const commands = {
  recordPayment: command({
    label: { zh: '登记支付', en: 'Record payment' },
    description: {
      zh: '支付渠道通知款项已到账，款项托管。无论何种方式，款项已由支付渠道收取，不动用按需付费的账户余额。',
      en: 'The payment provider reports the money; it is held. By whatever means, the provider has taken it: the account that use is taken from stays as it is.',
    },
    by: ['system'],
    input: z.object({ amount: minorUnits.min(0), means, reference: z.string().trim().min(1).max(100) }),
    reason: 'optional',
    facts: ['product'],
    check: ({ input, context }) => [
      ...(input.amount === context.amount
        ? []
        : [
            expectedField(
              'amount',
              { zh: ` ${context.amount}（${context.currency}，分）`, en: `${context.amount} (${context.currency}, minor units)` },
              input.amount,
            ),
          ]),
    ],
    refuse: ({ input, context, facts }) => {
      const means = creditMeans[input.means];
      if (!means) return null;
      const details = { product: context.productName, means };
      if (!takesCredit(context.tradeMode)) return { code: 'CREDIT_CONTROL_NOT_APPLICABLE', details };
      return facts.product?.creditMeans.includes(input.means) ? null : { code: 'CREDIT_CONTROL', details };
    },
    rules: ['ORD-4', 'ORD-7'],
  }),
  cancelOrder: command({
    label: { zh: '取消订单', en: 'Cancel the order' },
    description: { zh: '取消未支付的订单。', en: 'Cancel an order that is not paid.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    destructive: true,
    rules: ['ORD-4'],
  }),
};
