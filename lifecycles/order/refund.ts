import { z } from 'zod';
import type { Consequence, Deadline, Entered, Given, Stamp } from '../declaration.ts';
import { instant, minorUnits } from '../values.ts';

export const fields = {
  /** REF-3: the last refund that was asked for, and the state in which it was; stays when it ended without money. */
  refund: z
    .object({
      number: z.string(),
      amount: minorUnits,
      askedAt: instant,
      approvedAt: instant.nullable(),
      from: z.enum(['processing', 'completed']),
    })
    .nullable(),
  /** What was paid back; null until then. */
  refundAmount: minorUnits.nullable(),
  refundReceipt: z.string().nullable(),
};
export const blank = { refund: null, refundAmount: null, refundReceipt: null };

type Context = z.output<z.ZodObject<typeof fields>> & { completedAt: number | null };
type Kept<Input> = { context: Context; event: Stamp & { input: Input } };

export const keeps = {
  refundAsked: ({ context, event: { at, input } }: Kept<{ number: string; amount: number }>): Partial<Context> => ({
    refund: { ...input, askedAt: at, approvedAt: null, from: context.completedAt === null ? 'processing' : 'completed' },
  }),
  refundApproved: ({ context, event: { at } }: Kept<unknown>): Partial<Context> => (context.refund ? { refund: { ...context.refund, approvedAt: at } } : {}),
  refundClosed: ({ context }: Kept<unknown>): Partial<Context> => (context.refund ? { refund: { ...context.refund, approvedAt: null } } : {}),
  refundSettled: ({ context, event: { input } }: Kept<{ receipt: string }>): Partial<Context> => ({
    refundAmount: context.refund?.amount ?? 0,
    refundReceipt: input.receipt,
  }),
};

/** REF-3: a paid order is 退款中 from the asking on. */
export const refundable = { refundAsked: { target: 'refunding', actions: 'keepRefund' } } as const;

export const states = {
  refunding: {
    on: {
      // its merchant's server may answer meanwhile
      callSucceeded: { actions: 'keepMade' },
      callGivenUp: { actions: 'keepFailure' },
      refundApproved: { actions: 'keepRefund' },
      refundSettled: { target: 'refunded', actions: 'keepRefund' },
      refundClosed: [
        { guard: 'wasCompleted', target: 'completed', actions: 'keepRefund' },
        { target: 'processing', actions: 'keepRefund' },
      ],
    },
  },
  refunded: { type: 'final' },
} as const;

export const wasCompleted = ({ context }: { context: Context }) => context.refund?.from === 'completed';

export const labels = {
  refunding: {
    zh: '退款中',
    en: 'Refunding',
    waitsFor: ['system'],
    description: {
      zh: '退订申请协商中或正在退款；被拒绝或撤回则回到原状态。',
      en: 'A refund is negotiated or being paid; refused or withdrawn, the order goes back to the state it was in.',
    },
  },
  refunded: {
    zh: '已退款',
    en: 'Refunded',
    waitsFor: [],
    description: { zh: '款项已退回，订单结束。', en: 'The refund is paid and the order has ended.' },
  },
} as const;

export const events = {
  refundAsked: { zh: '申请退订', en: 'Refund asked for' },
  refundApproved: { zh: '同意退订，款项预留', en: 'Refund approved, its money reserved' },
  refundSettled: { zh: '退款完成', en: 'Refund paid' },
  refundClosed: { zh: '退订结束，未退款', en: 'Refund ended without money' },
};

/** ORD-4: what nobody could open is paid back in full. */
export const ofFailure: Consequence = {
  create: 'refund',
  ref: 'order',
  when: ({ context }) => context.paidAt !== null && context.amount > 0,
  input: ({ context, id, number, now }: Entered) => ({
    order: id,
    orderNumber: number,
    product: context.product,
    accessType: context.accessType,
    kind: 'failed',
    amount: context.amount,
    paid: context.amount,
    currency: context.currency,
    requestedAt: now,
    because: context.failedBecause,
    files: [],
  }),
};

/** Entering a state again after a refund that came to nothing means nothing: what it means happened the first time. */
export function unlessBack(onEnter: Record<string, readonly Consequence[]>): Record<string, readonly Consequence[]> {
  const firstIn = (state: string, { when = () => true, ...consequence }: Consequence): Consequence =>
    ({ ...consequence, when: named(when.name, (entered) => entered.context.refund?.from !== state && when(entered)) }) as Consequence;
  return Object.fromEntries(Object.entries(onEnter).map(([state, list]) => [state, list.map((one) => firstIn(state, one))]));
}
type When = NonNullable<Consequence['when']>;
/** A documented consequence is known by its condition's name. */
const named = (name: string, when: When): When => Object.defineProperty(when, 'name', { value: name });

/** REF-3: what runs until the order is completed stands still during a refund, and keeps what was left. */
export const stopWhileRefunding = <Name extends string>(deadlines: Record<Name, Deadline>): Record<Name, Deadline> =>
  Object.fromEntries(Object.entries<Deadline>(deadlines).map(([name, declared]) => [name, stopping(declared)])) as Record<Name, Deadline>;

const stopping = (declared: Deadline): Deadline =>
  declared.in.includes('processing')
    ? {
        ...declared,
        in: [...declared.in, 'refunding'],
        pausedIn: [...(declared.pausedIn ?? []), 'refunding'],
        due: (given: Given<Context>) => (given.context.completedAt === null ? declared.due(given) : null),
      }
    : declared;
