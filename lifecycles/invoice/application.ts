import { z } from 'zod';
import { commandOf, type Given, type Opening } from '../declaration.ts';
import { prose } from '../evidence.ts';
import type { Instance } from '../instance.ts';
import { issuerOf } from '../settlement/invoicing.ts';
import { mail, media, medium, postalAddress } from './document.ts';

/** What an application reads of the order that it joins. */
type Order = {
  paidAt: number | null;
  tradeMode: string;
  amount: number;
  currency: string;
  refund?: { number: string; approvedAt: number | null } | null;
};
const orderOf = ({ joined }: Pick<Given, 'joined'>) => (joined?.order?.lifecycle === 'order' ? (joined.order.context as Order) : undefined);
const numberOf = ({ joined }: Pick<Given, 'joined'>) => ({ number: joined?.order?.number ?? null });
const day = (at: number) => new Date(at).toISOString();

/** REF-2: whether the order's refund is approved. */
const refundApproved = (refund: { number: string; approvedAt: number | null } | null | undefined) =>
  refund?.approvedAt == null ? null : { refund: refund.number, since: day(refund.approvedAt) };

const applyForInvoice = commandOf()({
  label: { zh: '申请发票', en: 'Apply for an invoice' },
  description: {
    zh: '为已支付的订单申请发票；正在协商的退订会因此失败。',
    en: 'Ask for the invoice of a paid order; a refund that is being negotiated fails by it.',
  },
  by: ['buyer'],
  input: z.object({
    order: z.uuid(),
    medium,
    title: prose.min(1).max(200),
    taxNumber: z
      .string()
      .regex(/^[0-9A-Z]{15,20}$/, 'expected 15 to 20 digits and capital letters')
      .meta({ examples: ['91440300MA5EXAMPLE'] })
      .optional(),
    mail: mail.optional(),
    address: postalAddress.optional(),
  }),
  reason: 'optional',
  facts: ['invoices'],
  requires: [
    { code: 'ORDER_UNPAID', met: (given) => orderOf(given)?.paidAt != null, details: numberOf },
    { code: 'NOTHING_TO_INVOICE', met: (given) => (orderOf(given)?.amount ?? 0) > 0, details: numberOf },
    {
      code: 'INVOICE_AFTER_REFUND',
      met: (given) => refundApproved(orderOf(given)?.refund) === null,
      details: (given) => ({ ...numberOf(given), ...refundApproved(orderOf(given)?.refund) }),
    },
    {
      code: 'INVOICE_EXISTS',
      met: ({ facts }) => standing(facts) === undefined,
      details: (given) => ({ ...numberOf(given), invoice: standing(given.facts)?.number ?? null }),
    },
  ],
  check: ({ input }) => {
    const wanted = input.medium === 'paper' ? ('address' as const) : ('mail' as const);
    return input[wanted] === undefined
      ? [
          {
            path: wanted,
            message: `expected the ${wanted === 'mail' ? 'mail address' : 'postal address'} that a ${media[input.medium].en.toLowerCase()} is sent to, got none`,
          },
        ]
      : [];
  },
  rules: ['BIL-4', 'BIL-5', 'REF-2'],
});

/** An invoice of the order that is under way or stands: only what was returned, rejected, taken back or overtaken by a refund leaves room for another. */
const standing = ({ invoices }: Given['facts']) => invoices?.find(({ state }) => !['returned', 'rejected', 'cancelled', 'lapsed'].includes(state));

export const opening: Opening = {
  name: 'applyForInvoice',
  command: applyForInvoice,
  joins: ({ order }: { order: string }) => ({ order }),
  start: ({ input, joined }) => {
    const { medium: on, title, taxNumber, mail: to, address } = input as z.output<(typeof applyForInvoice)['input']>;
    const order = joined?.order as Instance;
    const { tradeMode, paidAt, amount, currency } = order.context as Order;
    return {
      input: {
        kind: 'sale',
        about: order.number,
        issuer: issuerOf({ tradeMode, paidAt }),
        medium: on,
        amount,
        currency,
        title,
        taxNumber: taxNumber ?? null,
        mail: to ?? null,
        address: address ?? null,
      },
      parties: order.parties,
    };
  },
};
