import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { commandOf, type Requirement } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { roles } from '../roles.ts';
import type { Context, Kept } from './context.ts';
import { invoiced, lineProblems, numberProblems, travel, travelProblems } from './document.ts';

/** BIL-4: the merchant or the marketplace issues it, never the other. */
const isIssuer: Requirement<Context> = {
  code: 'NOT_ISSUER',
  met: ({ context, actor }) => context.issuer === (actor.role === 'merchant' ? 'merchant' : 'marketplace'),
  details: ({ context }) => ({ issuer: context.issuer === 'merchant' ? roles.merchant : { zh: '平台', en: 'the marketplace' } }),
};

const command = commandOf<Context>();
const issuers = ['merchant', 'operationsManager'] as const;

export const commands = {
  issueInvoice: command({
    label: { zh: '开具发票', en: 'Issue the invoice' },
    description: { zh: '按申请开具发票，登记号码与明细并上传文件。', en: 'Issue what was applied for: its number, its lines, and its file.' },
    by: issuers,
    input: z.object({ ...invoiced, files: evidenceIds.default([]) }),
    reason: 'optional',
    facts: ['evidence'],
    requires: [isIssuer],
    check: ({ input, context, ...given }) => [
      ...numberProblems(context.medium, input),
      ...lineProblems(input.lines, context.amount),
      ...evidenceProblems('files', input.files, given),
    ],
    rules: ['BIL-4', 'BIL-5', 'REF-2'],
  }),
  rejectApplication: command({
    label: { zh: '驳回开票申请', en: 'Reject the application' },
    description: { zh: '申请有误无法开具，写明原因。', en: 'It cannot be issued as applied for; say why.' },
    by: issuers,
    input: z.object({}),
    reason: 'required',
    requires: [isIssuer],
    rules: ['BIL-5'],
  }),
  cancelApplication: command({
    label: { zh: '撤回开票申请', en: 'Take the application back' },
    description: { zh: '发票开具前可以撤回申请。', en: 'Possible until the invoice is issued.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['BIL-5'],
  }),
  sendInvoice: command({
    label: { zh: '发送发票', en: 'Send the invoice' },
    description: { zh: '电子与数电发票发到邮箱；纸质发票登记快递与单号。', en: 'By mail; of a paper one, say courier and tracking number.' },
    by: issuers,
    input: z.object(travel),
    reason: 'optional',
    requires: [isIssuer],
    check: ({ input, context }) => travelProblems(context.medium, input),
    rules: ['BIL-5'],
  }),
  returnInvoice: command({
    label: { zh: '登记退票', en: 'Record its return' },
    description: {
      zh: '发票已退回并作废或红冲；订单未退款的可以重新申请。',
      en: 'It came back and is void or reversed; another may then be applied for, unless its order was refunded.',
    },
    by: issuers,
    input: z.object({
      redLetterNumber: z
        .string()
        .regex(/^\d{8,20}$/, forms.redInvoiceNumber.en)
        .meta({ examples: ['12345678'] })
        .optional(),
    }),
    reason: 'required',
    requires: [isIssuer],
    destructive: true,
    rules: ['BIL-5', 'REF-2'],
  }),
  receiveInvoice: command({
    label: { zh: '登记收票', en: 'Record its receipt' },
    description: { zh: '结算发票已收到。', en: 'The invoice of a bill has come.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'optional',
    rules: ['BIL-3'],
  }),
  verifyInvoice: command({
    label: { zh: '核验通过', en: 'Verify' },
    description: { zh: '发票与账单一致，进入付款。', en: 'It agrees with its bill, which can be paid.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'optional',
    rules: ['BIL-3'],
  }),
  refuseInvoice: command({
    label: { zh: '核验不通过', en: 'Refuse' },
    description: { zh: '发票有误，写明原因，由收单方重新开具。', en: 'Something is wrong with it; say what. Its bill waits for another.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    rules: ['BIL-3'],
  }),
};

type Sent<Name extends keyof typeof commands> = z.output<(typeof commands)[Name]['input']>;

export const keeps = {
  issueInvoice: ({ event: { at, input } }: Kept<Sent<'issueInvoice'>>): Partial<Context> => ({
    invoiceCode: input.invoiceCode ?? null,
    invoiceNumber: input.invoiceNumber,
    lines: input.lines,
    issuedAt: at,
  }),
  rejectApplication: ({ event }: Kept): Partial<Context> => ({ refusedBecause: excerpt(event.reason ?? '') }),
  sendInvoice: ({ event: { at, input } }: Kept<Sent<'sendInvoice'>>): Partial<Context> => ({
    courier: input.courier ?? null,
    trackingNumber: input.trackingNumber ?? null,
    sentAt: at,
  }),
  returnInvoice: ({ event: { at, input, reason } }: Kept<Sent<'returnInvoice'>>): Partial<Context> => ({
    returnedAt: at,
    returnedBecause: excerpt(reason ?? ''),
    redLetterNumber: input.redLetterNumber ?? null,
  }),
  refundApproved: ({ event }: Kept<{ refund: string }>): Partial<Context> => ({ refundNumber: event.input.refund }),
  receiveInvoice: ({ event }: Kept): Partial<Context> => ({ receivedAt: event.at }),
  verifyInvoice: ({ event }: Kept): Partial<Context> => ({ verifiedAt: event.at }),
  refuseInvoice: ({ event }: Kept): Partial<Context> => ({ refusedBecause: excerpt(event.reason ?? '') }),
};
