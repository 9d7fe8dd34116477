import { z } from 'zod';
import { commandOf, type Requirement } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { invoiced, lineProblems, medium, numberProblems, travel, travelProblems } from '../invoice/document.ts';
import type { Context, Kept, Totals } from './context.ts';
import * as differences from './differences.ts';

/** Who receives bills: a merchant, or a service provider. */
const receivers = ['merchant', 'serviceProvider'] as const;

const isOtherThanSender: Requirement<Context> = {
  code: 'COUNTERSIGN_BY_ANOTHER',
  met: ({ context, actor }) => context.sentBy !== actor.id,
  details: ({ context }) => ({ sentBy: context.sentBy }),
};

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
  ...differences.commands,
};

type Sent<Name extends keyof typeof commands> = z.output<(typeof commands)[Name]['input']>;

/** What each event writes into the context. */
export const keeps = {
  ...differences.keeps,
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
