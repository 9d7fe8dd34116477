import type { Consequence, Entered } from '../declaration.ts';
import type { Instance } from '../instance.ts';
import { asked } from '../production/context.ts';
import type { Context } from './context.ts';
import { isChange, kindOf } from './kinds.ts';

type Given = { context: Context };

/** PRD-1: the product has an endpoint at its merchant's, so what is bought is asked for there. */
export const isCalled = ({ context }: Given) => context.hasInterface && kindOf(context.kind).call !== null;

function unexpected({ kind }: Context): never {
  throw new Error(`expected an order that is asked for at the merchant's, got ${kind}`);
}

/** What a paid order asks the merchant's server for (PRD-1). */
const call: Consequence = {
  create: 'productionCall',
  ref: 'order',
  refs: ['serviceInstance'],
  when: isCalled,
  input: ({ context, number }: Entered<Context>) =>
    asked({
      ...(kindOf(context.kind).call ?? unexpected(context)),
      caller: 'order',
      product: context.product,
      productName: context.productName,
      orderNumber: number,
      instanceId: context.merchantInstance,
      trial: context.kind === 'trial',
      quantity: context.quantity,
      sku: context.sku,
      period: context.period,
      expiresAt: context.newExpiry ?? (context.trialDays ? context.placedAt + context.trialDays * 86_400_000 : null),
      amount: context.amount,
    }),
};

const isOfInstance = ({ context, refs }: Entered<Context>) => isChange(context) && refs.serviceInstance !== undefined;
const ofThis = ({ number }: Entered<Context>) => ({ order: number });

/** The instance may be gone: that is why some changes are dropped. */
const dropped: Consequence = {
  tellMembers: 'serviceInstance',
  event: 'changeDropped',
  where: (member, { refs }) => member.id === refs.serviceInstance,
  input: ofThis,
};
const isOfOrder = (member: Instance, { id }: Entered) => member.refs.order === id;

const wasOpened = ({ context }: Entered<Context>) => context.completedAt !== null;
const isRenewalBack = (entered: Entered<Context>) => entered.context.kind === 'renewal' && wasOpened(entered);
const isPurchaseBack = (entered: Entered<Context>) => !isChange(entered.context) && wasOpened(entered);
/** Made at the merchant's before its supervision was finished, so no instance of ours looks after it. */
const isOnlyMade = (entered: Entered<Context>) => !wasOpened(entered) && (entered.context.made?.instanceId ?? null) !== null;

/** REF-5: what was completed and is paid back goes back at the merchant's as well; its call does not hold the money. */
const back: readonly Consequence[] = [
  { tellMembers: 'serviceInstance', event: 'purchaseRefunded', when: isPurchaseBack, where: (member, { id }) => member.refs.order === id, input: ofThis },
  {
    tellMembers: 'serviceInstance',
    event: 'renewalRefunded',
    when: isRenewalBack,
    where: (member, { refs }) => member.id === refs.serviceInstance,
    input: ({ context }: Entered<Context>) => ({ validUntil: context.ownedUntil }),
  },
  {
    ...call,
    when: (entered) => isRenewalBack(entered) && isCalled(entered),
    input: (entered: Entered<Context>) => ({
      ...call.input(entered),
      scene: 'UNSUBSCRIBE_RENEWAL_PERIOD',
      expiresAt: entered.context.ownedUntil,
      amount: -entered.context.amount,
    }),
  },
];
/** A supervised one ends with its refund: what its merchant made meanwhile is released, what is still asked for is not. */
const ended: readonly Consequence[] = [
  { tellMembers: 'productionCall', event: 'callWithdrawn', when: (entered) => !wasOpened(entered), where: isOfOrder, input: () => ({}) },
  {
    ...call,
    when: isOnlyMade,
    input: (entered: Entered<Context>) => ({ ...call.input(entered), activity: 'releaseInstance', instanceId: entered.context.made?.instanceId ?? null }),
  },
];

/** What an order means for the instance that it changes: one open change at a time (ORD-3). */
export const onEnter = {
  pendingPayment: [{ tell: 'serviceInstance', event: 'changeOrdered', when: isOfInstance, input: ofThis }],
  processing: [call],
  completed: [
    {
      tell: 'serviceInstance',
      event: 'changeDone',
      when: isOfInstance,
      input: ({ context, number }: Entered<Context>) => ({
        order: number,
        kind: context.kind,
        validUntil: context.validUntil,
        quantity: context.quantity,
        sku: context.sku,
        period: context.period,
        units: context.units,
      }),
    },
  ],
  refunding: back,
  refunded: ended,
  cancelled: [dropped],
  failed: [{ tellMembers: 'productionCall', event: 'callWithdrawn', where: isOfOrder, input: () => ({}) }, dropped],
} satisfies Record<string, readonly Consequence[]>;

export const events = {
  callSucceeded: { zh: '生产接口调用成功', en: 'The merchant’s server has done it' },
  instanceReleased: { zh: '实例已释放，无法变更', en: 'The instance is released and cannot be changed any more' },
  callGivenUp: { zh: '生产接口调用次数用尽', en: 'The merchant’s server could not be brought to do it' },
};

export const labels = {
  failed: {
    zh: '开通失败',
    en: 'Failed',
    waitsFor: [],
    description: {
      zh: '商家接口多次调用失败，订单失败并全额退款。',
      en: 'The merchant’s server could not be brought to deliver it; the order has failed and is refunded in full.',
    },
  },
} as const;
