import { assign, setup } from 'xstate';
import type { EventsOf, Given, PlainEvent } from '../declaration.ts';
import { type Context, type Input, unpaid } from './context.ts';
import * as fulfilment from './fulfilment.ts';
import * as payment from './payment.ts';

export const commands = { ...payment.commands, ...fulfilment.commands };

/** ORD-4: access types without a delivery call; completed at payment unless supervised. */
const withoutCall = ['image', 'apiGateway', 'dataAsset'];
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

export const isSupervised = ({ context }: { context: Context }) => context.supervised;

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
    // at rest: a refund may still follow (REF-1a)
    completed: {},
    cancelled: { type: 'final' },
  },
});
