import { z } from 'zod';
import type { Effect, Entered, Given } from '../declaration.ts';
import { hours, isShorter, minutes, type Policies, spanOf } from '../spans.ts';
import type { Context, Kept } from './context.ts';
import { ofDecisionOnceAccepted } from './transitions.ts';

export const fields = {
  /** The order centre's receipt of the completion. */
  receipt: z.string().nullable(),
};
export const blank = { receipt: null };

export const keeps = {
  orderSynchronised: ({ event }: Kept<{ receipt: string }>): Partial<Context> => ({ receipt: event.input.receipt }),
};

export const states = {
  accepted: { on: { completionSyncDue: 'synchronising', completionWindowPassed: {}, ...ofDecisionOnceAccepted } },
  synchronising: { on: { orderSynchronised: { target: 'finished', actions: 'keep' }, completionWindowPassed: {}, ...ofDecisionOnceAccepted } },
  finished: { type: 'final' },
} as const;

export const labels = {
  accepted: {
    zh: '已验收，待同步',
    en: 'Accepted, not yet synchronised',
    waitsFor: ['system'],
    description: { zh: '验收完成，到时自动将订单同步为已完成。', en: 'Accepted; the order is synchronised to completed when the first try is due.' },
  },
  synchronising: {
    zh: '同步中',
    en: 'Synchronising',
    waitsFor: ['system'],
    description: { zh: '正在将订单同步为已完成，失败会按间隔重试。', en: 'The order is being synchronised to completed; a failed try is repeated.' },
  },
  finished: {
    zh: '监管完成',
    en: 'Finished',
    waitsFor: [],
    description: { zh: '订单已完成，监管结束。', en: 'The order is completed and supervision is over.' },
  },
} as const;

export const deadlines = {
  completionSyncDue: {
    in: ['accepted'],
    due: ({ policies: set }: Given) => spanOf(set, 'completionSyncFirst'),
    label: { zh: '首次同步订单完成状态', en: 'First try of the completion sync' },
    rules: ['SUP-4'],
  },
  completionWindowPassed: {
    in: ['accepted', 'synchronising'],
    due: ({ policies: set }: Given) => spanOf(set, 'completionWindow'),
    label: { zh: '期限：完成同步', en: 'Window of the completion sync' },
    incident: true,
    rules: ['SUP-4'],
  },
} as const;

const receipt = z.object({ receipt: z.string().min(1).max(100) });

export const effects = {
  synchroniseOrder: {
    in: ['synchronising'],
    params: ({ context }: Given<Context>) => ({ orderNumber: context.orderNumber, acceptedAt: new Date(context.acceptedAt ?? 0).toISOString() }),
    result: receipt,
    retry: { every: (set) => spanOf(set, 'completionSyncEvery'), attempts: () => null, timeoutMs: 10_000 },
    quick: true,
    onLeave: 'cancel',
    whenFrozen: 'park',
    succeeded: 'orderSynchronised',
    failed: 'incident',
    exhausted: 'incident',
    label: { zh: '同步订单为已完成', en: 'Synchronise the order to completed' },
    rules: ['SUP-4'],
  } satisfies Effect<Context, typeof receipt>,
};

export const events = { orderSynchronised: { zh: '订单已同步为已完成', en: 'Order synchronised to completed' } };

export const onEnter = {
  finished: [
    {
      tell: 'order',
      event: 'supervisionFinished',
      input: ({ context, now }: Entered<Context>) => ({ validFrom: context.openedAt ?? context.acceptedAt, finishedAt: now }),
    },
  ],
};

export const policies = {
  completionSyncFirst: { default: minutes(30), label: { zh: '验收后首次同步', en: 'First completion sync after acceptance' }, rule: 'SUP-4' },
  completionSyncEvery: { default: minutes(5), label: { zh: '同步重试间隔', en: 'Completion sync repeated every' }, rule: 'SUP-4' },
  completionWindow: { default: hours(3), label: { zh: '同步须成功的时限', en: 'Completion sync must have succeeded within' }, rule: 'SUP-4' },
};

export const policyRules = [
  {
    policies: ['completionSyncFirst', 'completionWindow'],
    label: { zh: '首次同步早于同步时限', en: 'the first completion sync comes before its window ends' },
    holds: (set: Policies) => isShorter(spanOf(set, 'completionSyncFirst'), spanOf(set, 'completionWindow')),
  },
  {
    policies: ['completionSyncEvery', 'completionWindow'],
    label: { zh: '同步重试间隔短于同步时限', en: 'the completion sync is repeated within its window' },
    holds: (set: Policies) => isShorter(spanOf(set, 'completionSyncEvery'), spanOf(set, 'completionWindow')),
  },
];

export const notices = {
  completionWindowPassed: [
    { to: ['operationsManager'], text: { zh: '订单完成状态未在时限内同步成功。', en: 'The completion sync has not succeeded within its window.' } },
  ],
  orderSynchronised: [{ to: ['buyer', 'merchant'], text: { zh: '订单已完成。', en: 'The order is completed.' } }],
} as const;
