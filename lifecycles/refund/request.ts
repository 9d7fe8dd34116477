import { z } from 'zod';
import type { Opening } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt, prose } from '../evidence.ts';
import { days } from '../spans.ts';
import { minorUnits } from '../values.ts';
import { command } from './context.ts';
import { amountRefused, kindOf, orderIn, requirements } from './rules.ts';

const input = z.object({
  order: z.uuid(),
  /** Left out: all that is left of what was paid. */
  amount: minorUnits.min(1).optional(),
  because: prose.min(1),
  files: evidenceIds.default([]),
});
type Input = z.output<typeof input>;

const requestRefund = command({
  label: { zh: '申请退订', en: 'Request a refund' },
  description: {
    zh: '担保期内与商家协商退订；无监管的 SaaS、镜像在无理由退订期内，以及未生效的续费，直接全额退订。退订后订单结束。',
    en: 'Negotiate a refund within the guarantee period; unsupervised SaaS and images within the time for refunds without a reason, and a renewal not yet in effect, are refunded in full at once. A refund ends the order.',
  },
  by: ['buyer'],
  input,
  reason: 'optional',
  facts: ['evidence', 'supervisionOfOrder', 'instanceOfOrder', 'refundsThisYear', 'invoices'],
  requires: requirements,
  check: ({ input: { files }, ...given }) => evidenceProblems('files', files, given),
  refuse: amountRefused,
  destructive: true,
  rules: ['REF-1', 'REF-1a', 'REF-2', 'REF-3'],
});

export const opening: Opening = {
  name: 'requestRefund',
  command: requestRefund,
  joins: ({ order }: Input) => ({ order }),
  start: ({ input: asked, ...given }) => {
    const { amount, because, files } = asked as Input;
    const { id, number, parties, context: order } = orderIn(given);
    return {
      input: {
        order: id,
        orderNumber: number,
        product: order.product,
        accessType: order.accessType,
        kind: kindOf(order),
        amount: amount ?? order.amount,
        paid: order.amount,
        currency: order.currency,
        requestedAt: given.now,
        because: excerpt(because),
        files,
      },
      parties,
    };
  },
};

export const policies = {
  withoutReasonWithin: { default: days(5), label: { zh: '无理由退订期', en: 'Refund without a reason within' }, rule: 'REF-1a' },
  withoutReasonPerYear: {
    default: 10,
    least: 0,
    label: { zh: '每账户每年无理由退订次数', en: 'Refunds without a reason per account and year' },
    rule: 'REF-1a',
  },
};
