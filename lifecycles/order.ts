import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type Entered, type EventsOf, type Given, type Lifecycle, type PlainEvent } from './declaration.ts';
import { openingProblems } from './opening.ts';
import type { Bilingual } from './roles.ts';
import { hours, spanOf } from './spans.ts';
import { wayNames, wayOf } from './supervision/ways.ts';
import { instant, minorUnits } from './values.ts';

const period = z.object({ unit: z.enum(['month', 'year']), count: z.number().int().min(1).max(60) });
const scenario = z.enum(['empowermentCloud', 'baseCloud', 'none']);
const means = z.enum(['balance', 'card', 'cashCoupon', 'creditLine']);

const context = z.object({
  product: z.string(),
  productName: z.string(),
  accessType: z.string(),
  tradeMode: z.string(),
  /** SUP-1: as the product was at purchase; never changes. */
  supervised: z.boolean(),
  /** SUP-2: the way of its delivery, from the product at purchase; null when it is not supervised. Never changes. */
  way: z.enum(wayNames).nullable(),
  scenario,
  quantity: z.number().int(),
  period: period.nullable(),
  /** BIL-8: integer minor units (分). */
  amount: minorUnits,
  currency: z.string(),
  placedAt: instant,
  paidAt: instant.nullable(),
  paymentMeans: z.string().nullable(),
  paymentReference: z.string().nullable(),
  completedAt: instant.nullable(),
  /** ORD-5: the service period; null until it starts. */
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
  /** SUP-6: what a termination pays back. */
  refundAmount: minorUnits.nullable(),
  refundReceipt: z.string().nullable(),
});
type Context = z.output<typeof context>;
const unpaid = {
  paidAt: null,
  paymentMeans: null,
  paymentReference: null,
  completedAt: null,
  validFrom: null,
  validUntil: null,
  refundAmount: null,
  refundReceipt: null,
};
type Input = Omit<Context, keyof typeof unpaid>;

const command = commandOf<Context>();
/** ORD-4: access types without a delivery call; completed at payment unless supervised. */
const withoutCall = ['image', 'apiGateway', 'dataAsset'];
/** ORD-7: the means that credit control 信控 is about. */
const creditMeans: Record<string, Bilingual> = {
  cashCoupon: { zh: '授信现金券支付', en: 'cash coupon on credit' },
  creditLine: { zh: '信用额度支付', en: 'credit line' },
};

const placeOrder = command({
  label: { zh: '下单', en: 'Place an order' },
  description: { zh: '购买在售商品，24 小时内支付。', en: 'Buy a product on sale; pay within 24 hours.' },
  by: ['buyer'],
  input: z.object({
    product: z.string().min(1).max(64),
    quantity: z.number().int().min(1).max(1_000).default(1),
    period: period.optional(),
    scenario: scenario.default('none'),
  }),
  reason: 'optional',
  facts: ['product'],
  check: ({ input, facts: { product } }) =>
    !product || product.prices[input.period?.unit ?? 'once'] !== undefined
      ? []
      : [
          {
            path: 'period',
            message: `expected one of ${Object.keys(product.prices).join(', ')}, which ${product.name} is sold by, got ${input.period?.unit ?? 'once'}`,
          },
        ],
  requires: [
    { code: 'PRODUCT_NOT_ON_SALE', met: ({ facts }) => facts.product != null, details: ({ opening }) => ({ product: String(opening?.product ?? '') }) },
    {
      code: 'WHITELIST_ONLY',
      met: ({ facts, actor }) => facts.product?.whitelist == null || facts.product.whitelist.includes(actor.party ?? ''),
      details: ({ facts }) => ({ product: facts.product?.name ?? null }),
    },
    {
      code: 'NO_DELIVERY_WAY',
      met: ({ facts }) => !facts.product?.supervised || wayOf(facts.product) !== null,
      details: ({ facts }) => ({ product: facts.product?.name ?? null, accessType: facts.product?.accessType ?? null }),
    },
  ],
  rules: ['ORD-1', 'ORD-4', 'ORD-6'],
});

const commands = {
  recordPayment: command({
    label: { zh: '登记支付', en: 'Record payment' },
    description: { zh: '支付渠道通知款项已到账，款项托管。', en: 'The payment provider reports the money; it is held.' },
    by: ['system'],
    input: z.object({ amount: minorUnits.min(0), means, reference: z.string().trim().min(1).max(100) }),
    reason: 'optional',
    facts: ['product'],
    check: ({ input, context }) => [
      ...(input.amount === context.amount
        ? []
        : [{ path: 'amount', message: `expected ${context.amount} (${context.currency}, minor units), got ${input.amount}` }]),
    ],
    refuse: ({ input, context, facts }) => {
      const means = creditMeans[input.means];
      if (!means) return null;
      const details = { product: context.productName, means };
      if (context.tradeMode === 'general') return { code: 'CREDIT_CONTROL_NOT_APPLICABLE', details };
      return facts.product?.creditMeans.includes(input.means) ? null : { code: 'CREDIT_CONTROL', details };
    },
    rules: ['ORD-4', 'ORD-7'],
  }),
  cancelOrder: command({
    label: { zh: '取消订单', en: 'Cancel the order' },
    description: { zh: '取消未支付的订单。', en: 'Cancel an order that is not paid.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    destructive: true,
    rules: ['ORD-4'],
  }),
  recordOpening: command({
    label: { zh: '登记开通', en: 'Record the opening' },
    description: { zh: '非监管订单的交付调用成功，服务已开通。', en: 'The delivery call of an unsupervised order succeeded; the service is open.' },
    by: ['system'],
    input: z.object({ openedAt: z.iso.datetime().optional() }),
    reason: 'optional',
    requires: [{ code: 'COMPLETED_BY_SUPERVISION', met: ({ context }) => !context.supervised }],
    check: ({ input, context, now }) => openingProblems({ openedAt: input.openedAt, paidAt: context.paidAt, now }),
    rules: ['ORD-4', 'ORD-5'],
  }),
};

type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'supervisionFinished', { validFrom: number; finishedAt: number }>
  | PlainEvent<'supervisionTerminated', { amount: number }>
  | PlainEvent<'refundSettled', { receipt: string }>
  | PlainEvent<'unpaidTooLong' | 'openingDue'>;

/** ORD-5: the end of a service period that starts at `from`; null for a one-time purchase. */
function endOfPeriod({ context, calendar, from }: { context: Context; calendar: Given['calendar']; from: number }): number | null {
  if (!context.period) return null;
  return calendar.addMonths(from, context.period.count * (context.period.unit === 'year' ? 12 : 1));
}

const isSupervised = ({ context }: { context: Context }) => context.supervised;

export const orderMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isSupervised,
    isCompletedByPayment: ({ context }) => !context.supervised && withoutCall.includes(context.accessType),
    isDeliveredByCall: ({ context }) => !context.supervised,
  },
  actions: {
    keepPayment: assign(({ event }) =>
      event.type !== 'recordPayment' ? {} : { paidAt: event.at, paymentMeans: event.input.means, paymentReference: event.input.reference },
    ),
    keepRefund: assign(({ event }) => (event.type !== 'supervisionTerminated' ? {} : { refundAmount: event.input.amount })),
    keepRefundReceipt: assign(({ event }) => (event.type !== 'refundSettled' ? {} : { refundReceipt: event.input.receipt })),
    startPeriod: assign(({ context, event }) => {
      const from =
        event.type === 'supervisionFinished'
          ? event.input.validFrom
          : event.type === 'recordOpening' && event.input.openedAt
            ? Date.parse(event.input.openedAt)
            : event.at;
      return { completedAt: event.at, validFrom: from, validUntil: endOfPeriod({ context, calendar: event.calendar, from }) };
    }),
  },
}).createMachine({
  id: 'order',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, ...unpaid }),
  initial: 'pendingPayment',
  states: {
    pendingPayment: {
      on: {
        recordPayment: [
          { guard: 'isCompletedByPayment', target: 'completed', actions: ['keepPayment', 'startPeriod'] },
          { target: 'processing', actions: 'keepPayment' },
        ],
        cancelOrder: 'cancelled',
        unpaidTooLong: 'cancelled',
      },
    },
    processing: {
      on: {
        openingDue: {},
        supervisionFinished: { guard: 'isSupervised', target: 'completed', actions: 'startPeriod' },
        recordOpening: { guard: 'isDeliveredByCall', target: 'completed', actions: 'startPeriod' },
        supervisionTerminated: { guard: 'isSupervised', target: 'refunding', actions: 'keepRefund' },
      },
    },
    refunding: { on: { refundSettled: { target: 'refunded', actions: 'keepRefundReceipt' } } },
    refunded: { type: 'final' },
    completed: { type: 'final' },
    cancelled: { type: 'final' },
  },
});

/** An order from placement to 已完成, 已退款 or 已取消: ORD-4, ORD-5. Its service lives on as a serviceInstance. */
export const order = {
  name: 'order',
  version: 1,
  prefix: 'OR',
  label: { zh: '订单', en: 'Order' },
  machine: orderMachine,
  context,
  states: {
    pendingPayment: {
      zh: '待支付',
      en: 'Pending payment',
      waitsFor: ['buyer'],
      description: { zh: '等待买家支付，逾期自动取消。', en: 'The buyer pays, or the order is cancelled when the time to pay has passed.' },
    },
    processing: {
      zh: '处理中',
      en: 'Processing',
      waitsFor: ['system'],
      description: { zh: '已支付，服务交付或监管尚未完成。', en: 'Paid; delivery or its supervision is not finished.' },
    },
    completed: {
      zh: '已完成',
      en: 'Completed',
      waitsFor: [],
      description: { zh: '服务已交付，订单完成。', en: 'The service is delivered and the order is done.' },
    },
    refunding: {
      zh: '退款中',
      en: 'Refunding',
      waitsFor: ['system'],
      description: { zh: '监管已裁决终止，正在退款。', en: 'Its supervision was terminated by decision; the refund is being paid.' },
    },
    refunded: {
      zh: '已退款',
      en: 'Refunded',
      waitsFor: [],
      description: { zh: '款项已退回，订单结束。', en: 'The refund is paid and the order has ended.' },
    },
    cancelled: {
      zh: '已取消',
      en: 'Cancelled',
      waitsFor: [],
      description: { zh: '未支付，订单已取消。', en: 'Never paid, and cancelled.' },
    },
  },
  opening: {
    name: 'placeOrder',
    command: placeOrder,
    start: ({ input, facts, actor, now }) => {
      const { product: id, quantity, period: chosen, scenario: of } = input as z.output<(typeof placeOrder)['input']>;
      const product = facts.product;
      if (!product || !actor.party) throw new Error(`expected the facts of product ${id} and a buyer's party`);
      return {
        input: {
          product: id,
          productName: product.name,
          accessType: product.accessType,
          tradeMode: product.tradeMode,
          supervised: product.supervised,
          way: product.supervised ? wayOf(product) : null,
          scenario: of,
          quantity,
          period: chosen ?? null,
          amount: (product.prices[chosen?.unit ?? 'once'] ?? 0) * quantity * (chosen?.count ?? 1),
          currency: product.currency,
          placedAt: now,
        },
        parties: { buyer: actor.party, merchant: product.merchant },
      };
    },
  },
  commands,
  events: {
    supervisionFinished: { zh: '监管完成', en: 'Supervision finished' },
    supervisionTerminated: { zh: '监管终止，开始退款', en: 'Supervision terminated, refund begins' },
    refundSettled: { zh: '退款完成', en: 'Refund paid' },
  },
  deadlines: {
    unpaidTooLong: {
      in: ['pendingPayment'],
      due: ({ policies }) => spanOf(policies, 'payWithin'),
      label: { zh: '24 小时内支付', en: 'Pay within 24 hours' },
      rules: ['ORD-4'],
    },
    openingDue: {
      in: ['processing'],
      // a supervised order has its supervision's deadlines
      due: ({ context, policies }) => (context.supervised ? null : spanOf(policies, 'openWithin')),
      label: { zh: '4 小时内开通', en: 'Opened within 4 hours' },
      incident: true,
      rules: ['ORD-4'],
    },
  },
  effects: {},
  onEnter: {
    processing: [
      {
        create: 'supervision',
        ref: 'order',
        when: isSupervised,
        input: ({ context, id, number }: Entered<Context>) => ({
          order: id,
          orderNumber: number,
          product: context.product,
          way: context.way,
          scenario: context.scenario,
          paidAt: context.paidAt,
          paidAmount: context.amount,
          currency: context.currency,
        }),
      },
    ],
    completed: [
      {
        create: 'serviceInstance',
        ref: 'order',
        when: ({ context }) => context.validUntil !== null,
        input: ({ context, id }: Entered<Context>) => ({
          order: id,
          productName: context.productName,
          validFrom: context.validFrom,
          validUntil: context.validUntil,
        }),
      },
    ],
  },
  notices: {
    recordPayment: [{ to: ['merchant'], text: { zh: '有新订单已支付，请交付。', en: 'A new order is paid; deliver it.' } }],
    openingDue: [{ to: ['operationsManager'], text: { zh: '已支付订单超时未开通。', en: 'A paid order was not opened in time.' } }],
    unpaidTooLong: [{ to: ['buyer'], text: { zh: '订单超时未支付，已取消。', en: 'The order was not paid in time and is cancelled.' } }],
  },
  policies: {
    payWithin: { default: hours(24), label: { zh: '支付时限', en: 'Time to pay' }, rule: 'ORD-4' },
    openWithin: { default: hours(4), label: { zh: '开通时限', en: 'Time to open' }, rule: 'ORD-4' },
  },
  policyScope: ({ product }: Context) => product,
  rules: ['ORD-4', 'ORD-5', 'ORD-6', 'ORD-7'],
} satisfies Lifecycle;
