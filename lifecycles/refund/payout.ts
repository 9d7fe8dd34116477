import { z } from 'zod';
import type { Effect, Given, Told } from '../declaration.ts';
import type { Role } from '../roles.ts';
import { hours, minutes, spanOf } from '../spans.ts';
import * as confirmation from './confirmation.ts';
import { isPayoutRefused, needsSecondPerson, second } from './confirmation.ts';
import { type Context, command, type Kept, type KeptOf } from './context.ts';

export const commands = {
  recordPayout: command({
    label: { zh: '登记其他方式退款', en: 'Record a payment made another way' },
    description: {
      zh: '支付渠道已最终拒绝，款项已由其他方式（如银行转账）退给买家；超过限额的先登记，经第二人确认后再付款。',
      en: 'The payment provider refused for good, and the buyer is paid another way, as by bank transfer; above a limit record it first, and pay once a second person has confirmed it.',
    },
    by: ['operationsManager'],
    input: z.object({ reference: z.string().trim().min(1).max(100) }),
    reason: 'required',
    requires: [second.isNotPending, isPayoutRefused],
    secondPerson: needsSecondPerson,
    destructive: true,
    rules: ['REF-5', 'ACT-3'],
  }),
  abandonRefund: command({
    label: { zh: '作废退款', en: 'Call the refund off' },
    description: {
      zh: '支付渠道已最终拒绝，预留款项退回原处，订单回到原状态。',
      en: 'The payment provider refused for good; the reserved money goes back to where it was, and the order goes on.',
    },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    // the other kinds are owed by a rule or a decision, and their service is gone
    fits: [{ code: 'PAYOUT_OWED', met: ({ context }) => context.kind === 'negotiated' }],
    requires: [second.isNotPending, isPayoutRefused],
    destructive: true,
    rules: ['REF-5'],
  }),
};

export const keeps = {
  refundPaid: ({ event }: Kept<{ receipt: string }>): Partial<Context> => ({ receipt: event.input.receipt }),
  recordPayout: (kept: KeptOf<typeof commands.recordPayout>): Partial<Context> => {
    const { context, event } = kept;
    const { reference } = event.input;
    return needsSecondPerson({ context, policies: event.policies }) ? confirmation.kept(kept, { command: 'recordPayout', reference }) : { receipt: reference };
  },
  statusSynchronised: ({ event }: Kept<{ receipt: string }>): Partial<Context> => ({ statusReceipt: event.input.receipt }),
};

export const states = {
  paying: {
    on: {
      refundPaid: { target: 'synchronising', actions: 'keep' },
      recordPayout: [
        { guard: 'needsSecondPerson', actions: 'keep' },
        { target: 'synchronising', actions: 'keep' },
      ],
      confirmRefundDecision: { target: 'synchronising', actions: 'keep' },
      rejectRefundDecision: { actions: 'keep' },
      abandonRefund: { target: 'abandoned', actions: 'keep' },
      refundOverdue: {},
    },
  },
  synchronising: { on: { statusSynchronised: { target: 'refunded', actions: 'keep' }, refundOverdue: {} } },
  refunded: { type: 'final' },
  abandoned: { type: 'final' },
} as const;

export const labels = {
  paying: {
    zh: '退款支付中',
    en: 'Paying',
    waitsFor: ['system', 'operationsManager'],
    whom: ({ pendingDecision }: Context): Role[] => (pendingDecision ? ['operationsManager'] : ['system']),
    description: {
      zh: '款项已预留，正在通过支付渠道退款，失败会按间隔重试。',
      en: 'The money is reserved and is being paid back by the payment provider; a failed try is repeated.',
    },
  },
  synchronising: {
    zh: '状态同步中',
    en: 'Synchronising the status',
    waitsFor: ['system'],
    description: { zh: '款项已退回，正在将订单同步为已退款。', en: 'The money is paid back; the order centre is being told.' },
  },
  refunded: {
    zh: '已退款',
    en: 'Refunded',
    waitsFor: [],
    description: { zh: '款项已退回，状态已同步。', en: 'The money is paid back and the order centre knows.' },
  },
  abandoned: {
    zh: '已作废',
    en: 'Called off',
    waitsFor: [],
    description: { zh: '支付渠道最终拒绝，款项回到原处。', en: 'The payment provider refused for good; the money went back to where it was.' },
  },
} as const;

export const deadlines = {
  refundOverdue: {
    in: ['paying', 'synchronising'],
    due: ({ policies: set }: Given) => spanOf(set, 'synchroniseWithin'),
    label: { zh: '期限：同意后同步', en: 'Time to synchronise after the approval' },
    incident: true,
    rules: ['REF-2'],
  },
} as const;

const receipt = z.object({ receipt: z.string().min(1).max(100) });
const untilDone = { result: receipt, failed: 'incident', exhausted: 'incident', whenFrozen: 'park', onLeave: 'cancel' } as const;

export const effects = {
  payRefund: {
    ...untilDone,
    in: ['paying'],
    params: ({ context: { orderNumber, amount, currency } }: Given<Context>) => ({ orderNumber, amount, currency }),
    retry: { every: (set) => spanOf(set, 'payEvery'), attempts: () => null, timeoutMs: 10_000 },
    quick: true,
    // what is recorded may be paid another way as soon as it is confirmed
    byHand: [second.isNotPending],
    succeeded: 'refundPaid',
    label: { zh: '退款支付', en: 'Pay the refund' },
    rules: ['REF-5'],
  } satisfies Effect<Context, typeof receipt>,
  synchroniseRefund: {
    ...untilDone,
    in: ['synchronising'],
    params: ({ context: { orderNumber, amount, currency } }: Given<Context>) => ({ orderNumber, amount, currency }),
    retry: { every: (set) => spanOf(set, 'synchroniseEvery'), attempts: () => null, timeoutMs: 10_000 },
    quick: true,
    succeeded: 'statusSynchronised',
    label: { zh: '同步订单为已退款', en: 'Synchronise the order to refunded' },
    rules: ['REF-2'],
  } satisfies Effect<Context, typeof receipt>,
};

export const events = {
  refundPaid: { zh: '款项已退回', en: 'Refund paid' },
  statusSynchronised: { zh: '订单已同步为已退款', en: 'Order synchronised to refunded' },
};

export const policies = {
  synchroniseWithin: { default: hours(3), label: { zh: '同意后同步的时限', en: 'Synchronised after the approval within' }, rule: 'REF-2' },
  payEvery: { default: minutes(5), label: { zh: '退款支付重试间隔', en: 'Payout repeated every' }, rule: 'REF-5' },
  synchroniseEvery: { default: minutes(5), label: { zh: '状态同步重试间隔', en: 'Status sync repeated every' }, rule: 'REF-2' },
};

export const notices = {
  refundOverdue: [
    {
      topic: 'disputes',
      to: ['operationsManager'],
      text: { zh: '退订同意后未在时限内完成退款与同步。', en: 'A refund was not paid and synchronised in time after its approval.' },
    },
  ],
  refundPaid: [{ to: ['buyer'], text: { zh: '款项已退回。', en: 'Your refund is paid.' } }],
  recordPayout: [
    {
      to: ['buyer'],
      when: (told: Told<Context>) => !second.isPending(told),
      text: { zh: '款项已由其他方式退回。', en: 'Your refund was paid another way.' },
    },
    confirmation.awaits,
  ],
  abandonRefund: [{ to: ['buyer', 'merchant'], text: { zh: '退款已作废，订单继续。', en: 'The refund was called off; the order goes on.' } }],
} as const;
