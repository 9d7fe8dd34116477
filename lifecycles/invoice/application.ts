import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import type { Details } from '../codes.ts';
import { commandOf, type Given, type Opening } from '../declaration.ts';
import { prose } from '../evidence.ts';
import type { Instance } from '../instance.ts';
import { expectedField } from '../problem.ts';
import { issuerOf } from '../settlement/invoicing.ts';
import { mail, media, medium, postalAddress } from './document.ts';
import { approvedRefundOf, costOf, leftToInvoice, type Order, standingIn, sumOf } from './invoiceable.ts';

const orderOf = ({ joined }: Pick<Given, 'joined'>) => (joined?.order?.lifecycle === 'order' ? (joined.order.context as Order) : undefined);
const numberOf = ({ joined }: Pick<Given, 'joined'>) => ({ number: joined?.order?.number ?? null });

/** A requirement of the order that is joined; without one, nothing holds of it. */
const of = (met: (order: Order, facts: Given['facts']) => boolean) => (given: Given) => {
  const order = orderOf(given);
  return order !== undefined && met(order, given.facts);
};
function refundIn(given: Given): Details {
  const order = orderOf(given);
  const refund = order && approvedRefundOf(order);
  return refund ? { refund: refund.number, since: new Date(refund.approvedAt).toISOString() } : {};
}

const applyForInvoice = commandOf()({
  label: { zh: '申请发票', en: 'Apply for an invoice' },
  description: {
    zh: '为订单已支付的款项和已扣的用量费用中尚未开票的部分申请发票；已支付的款项正在协商的退订会因此失败。',
    en: 'Ask for the invoice of what was paid for an order and what its use was charged, as far as no other has it; a refund of what was paid that is being negotiated fails by it.',
  },
  by: ['buyer'],
  input: z.object({
    order: z.uuid(),
    medium,
    title: prose.min(1).max(200),
    taxNumber: z
      .string()
      .regex(/^[0-9A-Z]{15,20}$/, forms.taxNumber.en)
      .meta({ examples: ['91440300MA5EXAMPLE'] })
      .optional(),
    mail: mail.optional(),
    address: postalAddress.optional(),
  }),
  reason: 'optional',
  facts: ['invoices', 'usageCharged'],
  requires: [
    // on demand nothing is paid with the order
    { code: 'ORDER_UNPAID', met: of(({ paidAt, amount }) => paidAt != null || amount === 0), details: numberOf },
    { code: 'NOTHING_TO_INVOICE', met: of((order, facts) => sumOf(costOf(order, facts)) > 0), details: numberOf },
    {
      code: 'INVOICE_AFTER_REFUND',
      met: of((order, facts) => approvedRefundOf(order) === null || costOf(order, facts).used > 0),
      details: (given) => ({ ...numberOf(given), ...refundIn(given) }),
    },
    {
      code: 'INVOICE_EXISTS',
      met: of((order, facts) => sumOf(leftToInvoice(order, facts)) > 0),
      details: (given) => ({ ...numberOf(given), invoice: standingIn(given.facts).at(-1)?.number ?? null }),
    },
  ],
  check: ({ input }) => {
    const wanted = input.medium === 'paper' ? ('address' as const) : ('mail' as const);
    return input[wanted] === undefined
      ? [
          expectedField(wanted, {
            zh: `${media[input.medium].zh}的${wanted === 'mail' ? '收票邮箱' : '邮寄地址'}`,
            en: `the ${wanted === 'mail' ? 'mail address' : 'postal address'} that a ${media[input.medium].en.toLowerCase()} is sent to`,
          }),
        ]
      : [];
  },
  rules: ['BIL-4', 'BIL-5', 'REF-2'],
});

export const opening: Opening = {
  name: 'applyForInvoice',
  command: applyForInvoice,
  joins: ({ order }: { order: string }) => ({ order }),
  start: ({ input, joined, facts, now }) => {
    const { medium: on, title, taxNumber, mail: to, address } = input as z.output<(typeof applyForInvoice)['input']>;
    const order = joined?.order as Instance;
    const of = order.context as Order;
    const left = leftToInvoice(of, facts);
    return {
      input: {
        kind: 'sale',
        about: order.number,
        // use is paid for when it is charged, as the lines of bills say too
        issuer: issuerOf({ tradeMode: of.tradeMode, paidAt: left.paid > 0 ? of.paidAt : now }),
        medium: on,
        amount: sumOf(left),
        forUse: left.used,
        currency: of.currency,
        title,
        taxNumber: taxNumber ?? null,
        mail: to ?? null,
        address: address ?? null,
      },
      parties: order.parties,
    };
  },
};
