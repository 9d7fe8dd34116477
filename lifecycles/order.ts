import type { Entered, Lifecycle } from './declaration.ts';
import * as calls from './order/calls.ts';
import { type Context, context } from './order/context.ts';
import { isChange } from './order/kinds.ts';
import { commands, isSupervised, orderMachine } from './order/machine.ts';
import { postings } from './order/money.ts';
import { opening } from './order/placing.ts';
import * as refund from './order/refund.ts';
import { hours, spanOf } from './spans.ts';

/** What is bought for good leaves nothing to look after; a change has its instance already. */
const hasInstance = ({ context }: Entered<Context>) => !isChange(context) && (context.validUntil !== null || context.units > 0 || context.unitPrice !== null);

/** An order from placement to 已完成, 已退款 or 已取消: ORD-4, ORD-5. Its service lives on as a serviceInstance. */
export const order = {
  name: 'order',
  version: 1,
  prefix: 'OR',
  label: { zh: '订单', en: 'Order' },
  machine: orderMachine,
  context,
  // BIL-8: how its merchant and the marketplace share what it pays is between those two
  notFor: { buyer: ['merchantShareBp'] },
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
    ...refund.labels,
    ...calls.labels,
    cancelled: {
      zh: '已取消',
      en: 'Cancelled',
      waitsFor: [],
      description: { zh: '未支付，订单已取消。', en: 'Never paid, and cancelled.' },
    },
  },
  opening,
  commands,
  events: {
    ...calls.events,
    supervisionFinished: { zh: '监管完成', en: 'Supervision finished' },
    ...refund.events,
  },
  deadlines: refund.stopWhileRefunding({
    unpaidTooLong: {
      in: ['pendingPayment'],
      due: ({ policies }) => spanOf(policies, 'payWithin'),
      label: { zh: '期限：支付', en: 'Time to pay' },
      rules: ['ORD-4'],
    },
    openingDue: {
      in: ['processing'],
      // a supervised order has its supervision's deadlines
      due: ({ context, policies }) => (context.supervised ? null : spanOf(policies, 'openWithin')),
      label: { zh: '期限：开通', en: 'Time to open' },
      incident: true,
      rules: ['ORD-4'],
    },
  }),
  effects: {},
  onEnter: refund.unlessBack({
    pendingPayment: calls.onEnter.pendingPayment,
    processing: [
      ...calls.onEnter.processing,
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
      ...calls.onEnter.completed,
      {
        create: 'serviceInstance',
        ref: 'order',
        when: hasInstance,
        input: ({ context, id, number }: Entered<Context>) => ({
          order: id,
          orderNumber: number,
          kind: context.kind,
          product: context.product,
          merchantInstance: context.made?.instanceId ?? null,
          frontEndUrl: context.made?.frontEndUrl ?? null,
          adminUrl: context.made?.adminUrl ?? null,
          trial: context.kind === 'trial',
          quantity: context.quantity,
          sku: context.sku,
          period: context.period,
          units: context.units,
          unitPrice: context.unitPrice,
          currency: context.currency,
          merchantShareBp: context.merchantShareBp,
          productName: context.productName,
          validFrom: context.validFrom,
          validUntil: context.validUntil,
        }),
      },
    ],
    refunding: calls.onEnter.refunding,
    refunded: calls.onEnter.refunded,
    cancelled: calls.onEnter.cancelled,
    failed: [
      ...calls.onEnter.failed,
      // ORD-4: a failed order is refunded in full
      refund.ofFailure,
    ],
  }),
  postings,
  notices: {
    callGivenUp: [
      {
        to: ['buyer', 'operationsManager'],
        text: {
          zh: '商家接口多次调用失败，服务无法开通；未监管的订单将全额退款。',
          en: 'The merchant’s server could not be brought to open the service; an order without supervision is refunded in full.',
        },
      },
    ],
    recordPayment: [{ to: ['merchant'], text: { zh: '有新订单已支付，请交付。', en: 'A new order is paid; deliver it.' } }],
    openingDue: [{ to: ['operationsManager'], text: { zh: '已支付订单超时未开通。', en: 'A paid order was not opened in time.' } }],
    unpaidTooLong: [{ to: ['buyer'], text: { zh: '订单超时未支付，已取消。', en: 'The order was not paid in time and is cancelled.' } }],
  },
  policies: {
    payWithin: { default: hours(24), label: { zh: '支付时限', en: 'Time to pay' }, rule: 'ORD-4' },
    openWithin: { default: hours(4), label: { zh: '开通时限', en: 'Time to open' }, rule: 'ORD-4' },
  },
  policyScope: ({ product }: Context) => product,
  rests: ['completed', 'failed'],
  rules: ['ORD-4', 'ORD-5', 'ORD-6', 'ORD-7'],
} satisfies Lifecycle;
