import { z } from 'zod';
import type { Effect, Entered, Given } from '../declaration.ts';
import { hours, minutes, spanOf } from '../spans.ts';
import { instant, minorUnits } from '../values.ts';
import type { Context, Kept } from './context.ts';

export const fields = {
  /** SUP-6: what a termination pays back. */
  refund: z.object({ amount: minorUnits, decidedAt: instant, receipt: z.string().nullable() }).nullable(),
};
export const blank = { refund: null };

export const keeps = {
  paymentRefunded: ({ context, event }: Kept<{ receipt: string }>): Partial<Context> =>
    context.refund ? { refund: { ...context.refund, receipt: event.input.receipt } } : {},
};

/** An appeal may still freeze the refund (SUP-5); its decision can only let it go on. */
export const states = {
  terminating: { on: { paymentRefunded: { target: 'terminated', actions: 'keep' }, refundOverdue: {}, decideAppeal: {} } },
  terminated: { type: 'final' },
} as const;

export const labels = {
  terminating: {
    zh: '终止退款中',
    en: 'Terminating',
    waitsFor: ['system'],
    description: { zh: '运营经理裁决终止，正在退款，失败会按间隔重试。', en: 'Terminated by decision; the refund is being paid, a failed try is repeated.' },
  },
  terminated: {
    zh: '监管终止',
    en: 'Terminated',
    waitsFor: [],
    description: { zh: '已退款，监管终止。', en: 'The refund is paid and supervision is over.' },
  },
} as const;

export const deadlines = {
  refundOverdue: {
    in: ['terminating'],
    due: ({ policies: set }: Given) => spanOf(set, 'refundWithin'),
    label: { zh: '3 小时内退款', en: 'Refund within 3 hours' },
    incident: true,
    rules: ['SUP-6', 'REF-2'],
  },
} as const;

const receipt = z.object({ receipt: z.string().min(1).max(100) });

export const effects = {
  refundPayment: {
    in: ['terminating'],
    params: ({ context }: Given<Context>) => ({
      orderNumber: context.orderNumber,
      amount: context.refund?.amount ?? 0,
      currency: context.currency,
      decidedAt: new Date(context.refund?.decidedAt ?? 0).toISOString(),
    }),
    result: receipt,
    retry: { every: (set) => spanOf(set, 'refundEvery'), attempts: () => null, timeoutMs: 10_000 },
    onLeave: 'finish',
    whenFrozen: 'park',
    succeeded: 'paymentRefunded',
    failed: 'incident',
    exhausted: 'incident',
    label: { zh: '退款', en: 'Refund the payment' },
    rules: ['SUP-6', 'REF-5'],
  } satisfies Effect<Context, typeof receipt>,
};

export const events = { paymentRefunded: { zh: '款项已退回', en: 'Payment refunded' } };

export const onEnter = {
  terminating: [{ tell: 'order', event: 'supervisionTerminated', input: ({ context }: Entered<Context>) => ({ amount: context.refund?.amount ?? 0 }) }],
  terminated: [{ tell: 'order', event: 'refundSettled', input: ({ context }: Entered<Context>) => ({ receipt: context.refund?.receipt ?? '' }) }],
};

export const policies = {
  refundWithin: { default: hours(3), label: { zh: '终止后退款的时限', en: 'Refund after a termination within' }, rule: 'REF-2' },
  refundEvery: { default: minutes(5), label: { zh: '退款重试间隔', en: 'Refund repeated every' }, rule: 'REF-5' },
};

export const notices = {
  paymentRefunded: [
    { topic: 'disputes', to: ['buyer', 'merchant'], text: { zh: '款项已退回，监管终止。', en: 'The refund is paid and supervision is over.' } },
  ],
  refundOverdue: [
    { topic: 'disputes', to: ['operationsManager'], text: { zh: '终止后的退款超时未完成。', en: 'The refund after a termination was not paid in time.' } },
  ],
} as const;
