import { z } from 'zod';
import type { Command, Consequence, Deadline, Entered, Requirement } from '../declaration.ts';
import type { Instance } from '../instance.ts';
import type { Role } from '../roles.ts';
import { instant, minorUnits } from '../values.ts';
import type { Context, Kept } from './context.ts';

export const fields = {
  /** REF-3: a refund of the order that the parties negotiate, or that is being paid; `overruled` by a decision of the case. */
  pendingRefund: z.object({ number: z.string(), amount: minorUnits, askedAt: instant, overruled: z.boolean() }).nullable(),
};
export const blank = { pendingRefund: null };

/** REF-3: while a refund is pending the delivery stands still. A region beside progress, so that its state is not left. */
export const region = {
  initial: 'noRefundPending',
  states: {
    noRefundPending: {
      on: {
        refundAsked: { guard: 'isRefundable', target: 'refundPending', actions: 'keep' },
        // of one that a decision has just overruled
        refundClosed: { guard: 'isOverruled', actions: 'keep' },
      },
    },
    refundPending: {
      on: {
        refundApproved: { guard: 'isAgreeable', actions: 'keep' },
        refundClosed: { guard: 'hasNoAppeal', target: 'noRefundPending', actions: 'keep' },
        refundSettled: { guard: 'isRefundOrdered', target: 'noRefundPending' },
        decideAppeal: { guard: 'settlesCase', target: 'noRefundPending' },
        confirmDecision: 'noRefundPending',
      },
    },
  },
} as const;

type Held = { context: Context };
const hasNoAppeal = ({ context: { appeals } }: Held) => appeals.buyer === null && appeals.merchant === null;
/** REF-2: what the rules of a request say as well; said here so that no other word can break it. */
export const guards = {
  hasNoAppeal,
  isRefundable: (held: Held) => hasNoAppeal(held) && held.context.acceptedAt === null && held.context.claimedAt === null && held.context.refund === null,
  isAgreeable: (held: Held) => hasNoAppeal(held) && held.context.refund === null,
  isOverruled: ({ context }: Held) => context.pendingRefund?.overruled === true,
  isRefundOrdered: (held: Held) => hasNoAppeal(held) && held.context.refund !== null,
};

export const keeps = {
  refundAsked: ({ event: { at, input } }: Kept<{ number: string; amount: number }>): Partial<Context> => ({
    pendingRefund: { number: input.number, amount: input.amount, askedAt: at, overruled: false },
  }),
  refundApproved: ({ context, event }: Kept): Partial<Context> => ({
    refund: { amount: context.pendingRefund?.amount ?? 0, decidedAt: event.at, receipt: null },
  }),
  /** The refund that a decision ordered is not closed: it is paid. */
  refundClosed: ({ context }: Kept): Partial<Context> => (context.pendingRefund?.overruled ? { pendingRefund: null } : { pendingRefund: null, refund: null }),
  refundSettled: ({ context, event }: Kept<{ receipt: string }>): Partial<Context> => ({
    pendingRefund: null,
    refund: context.refund && { ...context.refund, receipt: event.input.receipt },
  }),
};

/** SUP-6: every decision but a dismissal settles the case, and with it a refund that the parties still negotiate. */
export const overruled = ({ pendingRefund }: Context): Partial<Context> => (pendingRefund ? { pendingRefund: { ...pendingRefund, overruled: true } } : {});

export const labels = {
  noRefundPending: {
    zh: '无待定退订',
    en: 'No refund pending',
    waitsFor: ['system'],
    description: { zh: '没有协商中的退订。', en: 'No refund is negotiated.' },
  },
  refundPending: {
    zh: '退订待定',
    en: 'Refund pending',
    waitsFor: ['merchant', 'system'],
    // agreed upon, it is being paid
    whom: ({ refund }: Context): Role[] => (refund === null ? ['merchant'] : ['system']),
    takesOver: 1,
    description: {
      zh: '退订协商或退款中，交付与验收暂停，期限保留剩余时间。',
      en: 'A refund is negotiated or paid; delivery and acceptance wait, and every deadline keeps what was left of it.',
    },
  },
} as const;

export const events = {
  refundAsked: { zh: '买家申请退订', en: 'Refund asked for' },
  refundApproved: { zh: '退订已同意', en: 'Refund approved' },
  refundClosed: { zh: '退订结束，未退款', en: 'Refund ended without money' },
  refundSettled: { zh: '款项已退回', en: 'Refund paid' },
};

const noRefundPending: Requirement<Context> = {
  code: 'REFUND_PENDING',
  met: ({ context }) => context.pendingRefund === null,
  details: ({ context }) => ({ refund: context.pendingRefund?.number ?? null, since: new Date(context.pendingRefund?.askedAt ?? 0).toISOString() }),
};

/** REF-3: people's steps of the delivery are refused meanwhile; what machines report is a fact. */
export const stoppedByRefund = <Commands extends Record<string, Command>>(commands: Commands): Commands =>
  Object.fromEntries(
    Object.entries(commands).map(([name, one]) => [name, one.by.includes('system') ? one : { ...one, requires: [noRefundPending, ...(one.requires ?? [])] }]),
  ) as Commands;

/** REF-3: the clocks of the delivery stop meanwhile, and keep what was left. */
export const pausedByRefund = (deadlines: Record<string, Deadline>): Record<string, Deadline> =>
  Object.fromEntries(Object.entries(deadlines).map(([name, one]) => [name, { ...one, pausedIn: [...(one.pausedIn ?? []), 'refundPending'] }]));

const ofThisOrder = (refund: Instance, { refs }: Entered) => refund.refs.order === refs.order;
const isOverruled = ({ context }: Entered<Context>) => context.pendingRefund?.overruled === true;
const isUnderWay = ({ context }: Entered<Context>) => context.pendingRefund !== null || context.refund !== null;

/** SUP-6: the decision that settled the case takes the place of what was negotiated. */
const supersede: Consequence = { tellMembers: 'refund', event: 'refundSuperseded', where: ofThisOrder, when: isOverruled, input: () => ({}) };

export const onEnter: Record<string, readonly Consequence[]> = {
  // SUP-5: an appeal freezes the refund as well
  frozen: [{ tellMembers: 'refund', event: 'appealFiled', where: ofThisOrder, when: isUnderWay, input: () => ({}) }],
  running: [supersede, { tellMembers: 'refund', event: 'appealClosed', where: ofThisOrder, when: isUnderWay, input: () => ({}) }],
  // SUP-6: terminated with a refund, by the same lifecycle as any other
  terminating: [
    supersede,
    {
      create: 'refund',
      ref: 'supervision',
      refs: ['order'],
      input: ({ context, refs, now }: Entered<Context>) => ({
        order: refs.order,
        orderNumber: context.orderNumber,
        product: context.product,
        accessType: null,
        kind: 'decided',
        amount: context.refund?.amount ?? 0,
        paid: context.paidAmount,
        currency: context.currency,
        requestedAt: now,
        because: context.lastDecision?.opinion ?? null,
        files: [],
      }),
    },
  ],
};

export const notices = {
  refundAsked: [
    {
      to: ['merchant'],
      text: {
        zh: '买家申请退订，请在期限内处理；期间交付与验收暂停。',
        en: 'The buyer asks for a refund; answer it in time. Delivery and acceptance wait meanwhile.',
      },
    },
  ],
  refundSettled: [{ topic: 'disputes', to: ['buyer', 'merchant'], text: { zh: '款项已退回，监管终止。', en: 'The refund is paid and supervision is over.' } }],
} as const;
