import { z } from 'zod';
import type { Given, Told } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { spanOf, workingDays } from '../spans.ts';
import { reminderOf } from '../supervision/waits.ts';
import * as confirmation from './confirmation.ts';
import { needsSecondPerson, second } from './confirmation.ts';
import { type Context, command, type Kept } from './context.ts';
import { invoiceDetails, isNotInvoiced, notInvoiced } from './invoiced.ts';

/** REF-3: what the seller centre 卖家中心 keeps; its approval takes proof of the agreement. */
const withProof = ['SaaS', 'appOrchestration'];

const answer = { input: z.object({ files: evidenceIds.default([]) }), reason: 'required', facts: ['evidence'], rules: ['REF-3', 'SUP-9'] } as const;

export const commands = {
  approveRefund: command({
    ...answer,
    label: { zh: '同意退订', en: 'Approve the refund' },
    description: {
      zh: '写明意见；SaaS 与应用编排须上传沟通记录。同意后立即退款，订单随之结束。',
      en: 'Say why; for SaaS and application orchestration upload the record of the agreement. The refund is paid at once and ends the order.',
    },
    by: ['merchant'],
    facts: ['evidence', 'invoices'],
    requires: [notInvoiced],
    check: ({ input, ...given }) => evidenceProblems('files', input.files, given),
    refuse: ({ input, context }) =>
      withProof.includes(context.accessType ?? '') && input.files.length === 0 ? { code: 'PROOF_REQUIRED', details: { accessType: context.accessType } } : null,
    destructive: true,
  }),
  refuseRefund: command({
    ...answer,
    label: { zh: '拒绝退订', en: 'Refuse the refund' },
    description: {
      zh: '写明理由，可附证据；订单回到原状态，买家可再次申请或申诉。',
      en: 'Say why, with evidence if need be; the order goes on where it was. The buyer may ask again or appeal.',
    },
    by: ['merchant'],
    check: ({ input, ...given }) => evidenceProblems('files', input.files, given),
  }),
  withdrawRefund: command({
    label: { zh: '撤回退订', en: 'Withdraw the refund' },
    description: { zh: '撤回退订申请，订单回到原状态。', en: 'Take the request back; the order goes on where it was.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['REF-3'],
  }),
  decideRefund: command({
    label: { zh: '代商家审核退订', en: 'Decide the refund' },
    description: {
      zh: '商家逾期未处理，由运营经理写明意见后同意或拒绝；同意的金额超过限额须第二人确认。',
      en: 'The merchant did not answer in time: approve or refuse in its place, with an opinion; an approval above a limit takes a second person.',
    },
    by: ['operationsManager'],
    input: z.object({ decision: z.enum(['approve', 'refuse']) }),
    reason: 'required',
    facts: ['invoices'],
    requires: [second.isNotPending],
    secondPerson: needsSecondPerson,
    refuse: ({ input, ...given }) =>
      input.decision === 'refuse' || isNotInvoiced(given)
        ? null
        : { code: 'INVOICE_ISSUED', details: { number: given.context.orderNumber, ...invoiceDetails(given) } },
    destructive: true,
    rules: ['REF-4', 'REF-2', 'ACT-3'],
  }),
};

const answered = ({ event: { actor, at, reason, input } }: Kept<{ files?: string[] }>, approved: boolean): Partial<Context> => ({
  review: {
    approved,
    by: actor.id,
    role: actor.role === 'operationsManager' ? 'operationsManager' : 'merchant',
    at,
    opinion: excerpt(reason ?? ''),
    files: input.files ?? [],
  },
});

export const keeps = {
  approveRefund: (kept: Kept<{ files: string[] }>) => answered(kept, true),
  refuseRefund: (kept: Kept<{ files: string[] }>) => answered(kept, false),
  decideRefund: ({ context, event }: Kept<{ decision: string }>) => {
    const isApproved = event.input.decision === 'approve';
    const kept = { context, event: { ...event, input: {} } };
    return isApproved && needsSecondPerson({ context, policies: event.policies })
      ? confirmation.kept(kept, { command: 'decideRefund', reference: null })
      : answered(kept, isApproved);
  },
};

const answers = {
  approveRefund: { target: 'paying', actions: 'keep' },
  refuseRefund: { target: 'refused', actions: 'keep' },
  withdrawRefund: { target: 'withdrawn', actions: 'keep' },
  refundSuperseded: { target: 'superseded', actions: 'keep' },
  invoiceRequested: { target: 'lapsed', actions: 'keep' },
} as const;

export const states = {
  negotiating: { on: { ...answers, reviewReminder: {}, reviewOverdue: 'escalated' } },
  escalated: {
    on: {
      ...answers,
      decideRefund: [
        { guard: 'isRefusal', target: 'refused', actions: 'keep' },
        { guard: 'needsSecondPerson', actions: 'keep' },
        { target: 'paying', actions: 'keep' },
      ],
      confirmRefundDecision: { target: 'paying', actions: 'keep' },
      rejectRefundDecision: { actions: 'keep' },
    },
  },
  refused: { type: 'final' },
  withdrawn: { type: 'final' },
  superseded: { type: 'final' },
  lapsed: { type: 'final' },
} as const;

const goesOn = { zh: '订单回到原状态。', en: 'The order goes on where it was.' };

export const labels = {
  negotiating: {
    zh: '协商中',
    en: 'Negotiating',
    waitsFor: ['merchant'],
    description: { zh: '等待商家审核退订申请；买家可撤回。', en: 'The merchant approves or refuses; the buyer may withdraw.' },
  },
  escalated: {
    zh: '已升级',
    en: 'Escalated',
    waitsFor: ['merchant', 'operationsManager'],
    description: {
      zh: '商家逾期未处理，运营经理可代为审核；商家仍可处理，买家仍可撤回。',
      en: 'The merchant did not answer in time: an operations manager may in its place, the merchant still, and the buyer may withdraw.',
    },
  },
  refused: { zh: '已拒绝', en: 'Refused', waitsFor: [], description: { zh: `退订被拒绝。${goesOn.zh}`, en: `The refund was refused. ${goesOn.en}` } },
  withdrawn: { zh: '已撤回', en: 'Withdrawn', waitsFor: [], description: { zh: `买家已撤回。${goesOn.zh}`, en: `The buyer took it back. ${goesOn.en}` } },
  lapsed: {
    zh: '因开票失效',
    en: 'Lapsed',
    waitsFor: [],
    description: { zh: `买家在协商中申请了发票，退订失效。${goesOn.zh}`, en: `The buyer asked for an invoice while it was negotiated. ${goesOn.en}` },
  },
  superseded: {
    zh: '由裁决取代',
    en: 'Superseded',
    waitsFor: [],
    description: { zh: '申诉的裁决了结了此案，取代协商中的退订。', en: 'The decision of an appeal settled the case in its place.' },
  },
} as const;

export const deadlines = {
  reviewReminder: {
    in: ['negotiating'],
    due: (given: Given) => reminderOf(spanOf(given.policies, 'reviewWithin'), given),
    label: { zh: '提醒：审核退订', en: 'Reminder: answer the refund' },
    rules: ['REF-4'],
  },
  reviewOverdue: {
    in: ['negotiating'],
    due: ({ policies: set }: Given) => spanOf(set, 'reviewWithin'),
    label: { zh: '期限：审核退订', en: 'Time to answer the refund' },
    rules: ['REF-4'],
  },
} as const;

export const policies = {
  reviewWithin: { default: workingDays(3), label: { zh: '商家审核退订的时限', en: 'Time to answer a refund' }, rule: 'REF-4' },
  remindBefore: { default: workingDays(1), label: { zh: '到期前提醒', en: 'Reminder before a wait ends' }, rule: 'REF-4' },
};

export const notices = {
  approveRefund: [{ to: ['buyer'], text: { zh: '商家已同意退订，正在退款。', en: 'The merchant approved your refund; it is being paid.' } }],
  refuseRefund: [
    { to: ['buyer'], text: { zh: '商家已拒绝退订，您可以再次申请或申诉。', en: 'The merchant refused your refund; you may ask again or appeal.' } },
  ],
  withdrawRefund: [{ to: ['merchant'], text: { zh: '买家已撤回退订，请继续交付。', en: 'The buyer withdrew the refund; go on with the delivery.' } }],
  decideRefund: [
    {
      to: ['buyer', 'merchant'],
      when: (told: Told<Context>) => !second.isPending(told),
      text: { zh: '运营经理已代商家审核退订。', en: 'The operations manager answered the refund in the merchant’s place.' },
    },
    confirmation.awaits,
  ],
  invoiceRequested: [
    {
      to: ['buyer', 'merchant'],
      text: { zh: '买家已申请发票，协商中的退订失效。', en: 'An invoice was asked for, so the refund that was negotiated has lapsed.' },
    },
  ],
  reviewReminder: [{ to: ['merchant'], text: { zh: '退订审核即将到期。', en: 'The time to answer a refund is nearly over.' } }],
  reviewOverdue: [
    {
      to: ['operationsManager', 'merchant'],
      text: { zh: '商家逾期未审核退订，已升级。', en: 'The merchant did not answer a refund in time; it is escalated.' },
    },
  ],
} as const;
