import { z } from 'zod';
import { commandOf, type Requirement } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt, prose } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import { invoiced, lineProblems, medium, numberProblems, travel, travelProblems } from '../invoice/document.ts';
import type { FieldProblem } from '../problem.ts';
import { minorUnits } from '../values.ts';
import type { Context, Kept, Totals } from './context.ts';

/** Who receives bills: a merchant, or a service provider. */
const receivers = ['merchant', 'serviceProvider'] as const;

const isOtherThanSender: Requirement<Context> = {
  code: 'COUNTERSIGN_BY_ANOTHER',
  met: ({ context, actor }) => context.sentBy !== actor.id,
  details: ({ context }) => ({ sentBy: context.sentBy }),
};

/** A difference moves what the other side has of the order, and never makes money. */
function overShare(amount: number, shares: Facts['billedOrder']): FieldProblem[] {
  if (!shares) return [];
  const [most, whose] = amount > 0 ? [shares.platform, 'the marketplace'] : [shares.merchant, 'the receiver'];
  return Math.abs(amount) <= most
    ? []
    : [{ path: 'amount', message: `expected at most ${most}, which ${whose} has of this order (minor units), got ${Math.abs(amount)}` }];
}

const command = commandOf<Context>();

export const commands = {
  sendBill: command({
    label: { zh: '审核并发送账单', en: 'Review and send the bill' },
    description: {
      zh: '审核通过并发送给收单方；差异不改账单，通过差异登记进入下期。',
      en: 'Pass the review and send it to its receiver; a difference never changes this bill, it goes into the next.',
    },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'optional',
    rules: ['BIL-3'],
  }),
  confirmBill: command({
    label: { zh: '确认账单', en: 'Confirm the bill' },
    description: { zh: '收单方确认账单无误。', en: 'Its receiver says that the bill is right.' },
    by: receivers,
    input: z.object({}),
    reason: 'optional',
    rules: ['BIL-3'],
  }),
  countersignBill: command({
    label: { zh: '会签账单', en: 'Countersign the bill' },
    description: { zh: '由发送人以外的运营经理会签。', en: 'Another operations manager than the one who sent it signs too.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'optional',
    requires: [isOtherThanSender],
    anotherPerson: true,
    rules: ['BIL-3', 'ACT-3'],
  }),
  submitInvoice: command({
    label: { zh: '开具结算发票', en: 'Invoice the bill' },
    description: { zh: '按账单金额向平台开票，纸质发票填写快递单号。', en: 'Invoice the marketplace for the bill’s amount; of paper, say how it is tracked.' },
    by: receivers,
    input: z.object({ medium, ...invoiced, ...travel, files: evidenceIds.default([]) }),
    reason: 'optional',
    facts: ['evidence'],
    check: ({ input, context, ...given }) => [
      ...numberProblems(input.medium, input),
      ...lineProblems(input.lines, context.toInvoice ?? 0),
      ...travelProblems(input.medium, input),
      ...evidenceProblems('files', input.files, given),
    ],
    rules: ['BIL-3', 'BIL-4', 'BIL-5', 'BIL-9'],
  }),
  recordDifference: command({
    label: { zh: '登记账单差异', en: 'Record a difference' },
    description: {
      zh: '按工单登记一笔差异，作为更正行进入下期账单；本账单不变。',
      en: 'A difference found by a ticket becomes a correction line of the next bill; this bill stays as it is.',
    },
    by: ['operationsManager'],
    input: z.object({ orderNumber: z.string().min(1).max(40), amount: minorUnits, ticket: prose.min(1).max(100) }),
    reason: 'required',
    facts: ['billedOrder'],
    check: ({ input, facts }) => [
      ...(input.amount === 0 ? [{ path: 'amount', message: 'expected minor units above 0 for the receiver, below 0 for the marketplace, got 0' }] : []),
      ...(facts.billedOrder ? [] : [{ path: 'orderNumber', message: `expected the number of an order on this bill, got ${input.orderNumber}` }]),
      ...overShare(input.amount, facts.billedOrder),
    ],
    rules: ['BIL-3', 'BIL-8'],
  }),
};

type Sent<Name extends keyof typeof commands> = z.output<(typeof commands)[Name]['input']>;

/** What each event writes into the context. */
export const keeps = {
  linesBuilt: ({ event }: Kept<Totals>): Partial<Context> => {
    const { lines, paid, refunded, net, toInvoice } = event.input;
    return { lines, paid, refunded, net, toInvoice, payable: net > 0, invoiceable: toInvoice > 0 };
  },
  sendBill: ({ event }: Kept): Partial<Context> => ({ sentAt: event.at, sentBy: event.actor.id }),
  confirmBill: ({ event }: Kept): Partial<Context> => ({ confirmedAt: event.at }),
  countersignBill: ({ event }: Kept): Partial<Context> => ({ countersignedAt: event.at, countersignedBy: event.actor.id }),
  submitInvoice: ({ event }: Kept<Sent<'submitInvoice'>>): Partial<Context> => {
    const { files: _, ...invoice } = event.input;
    return { invoice, invoiceRefusedBecause: null };
  },
  invoiceVerified: ({ event }: Kept): Partial<Context> => ({ verifiedAt: event.at }),
  invoiceRefused: ({ event }: Kept<{ because: string }>): Partial<Context> => ({ invoice: null, invoiceRefusedBecause: excerpt(event.input.because) }),
  billPaid: ({ event }: Kept<{ receipt: string }>): Partial<Context> => ({ paidAt: event.at, receipt: event.input.receipt }),
};
