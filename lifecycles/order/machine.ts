import { assign, setup } from 'xstate';
import type { EventsOf, Given, PlainEvent } from '../declaration.ts';
import { isCalled } from './calls.ts';
import { type Context, type Input, unpaid } from './context.ts';
import * as fulfilment from './fulfilment.ts';
import { isChange, kindOf } from './kinds.ts';
import * as payment from './payment.ts';
import * as refund from './refund.ts';

export const commands = { ...payment.commands, ...fulfilment.commands };

/** ORD-4: access types without a delivery call; completed at payment unless supervised. */
const withoutCall = ['image', 'apiGateway', 'dataAsset'];
type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'supervisionFinished', { validFrom: number; finishedAt: number }>
  | PlainEvent<'refundAsked', { number: string; amount: number }>
  | PlainEvent<'refundSettled', { receipt: string }>
  | PlainEvent<'callSucceeded', { activity: string; instanceId: string | null; frontEndUrl: string | null; adminUrl: string | null }>
  | PlainEvent<'callGivenUp', { activity: string; because: string | null }>
  | PlainEvent<'instanceReleased', { instance: string }>
  | PlainEvent<'refundApproved' | 'refundClosed'>
  | PlainEvent<'unpaidTooLong' | 'openingDue'>;

/** ORD-5: the end of a service period that starts at `from`; null for a one-time purchase. */
function endOfPeriod({ context, calendar, from }: { context: Context; calendar: Given['calendar']; from: number }): number | null {
  if (context.trialDays) return from + context.trialDays * 86_400_000;
  if (!context.period) return null;
  return calendar.addMonths(from, context.period.count * (context.period.unit === 'year' ? 12 : 1));
}

/** A renewal begins where the paid period ends; what is converted or changed begins at once (ORD-3). */
const beginOfChange = ({ kind, ownedUntil, paidAt }: Context, at: number): number =>
  kind === 'renewal' ? Math.max(ownedUntil ?? 0, paidAt ?? at) : (paidAt ?? at);

/** Until when an instance will be paid; a change that does not touch the period leaves it. */
function expiryAfter(context: Context, { at, calendar }: Pick<Events, 'at' | 'calendar'>): number | null {
  // a purchase is told the end that it will have if it is opened at once
  if (!isChange(context)) return endOfPeriod({ context, calendar, from: at });
  if (!kindOf(context.kind).byPeriod) return context.ownedUntil;
  return endOfPeriod({ context, calendar, from: beginOfChange({ ...context, paidAt: at }, at) });
}

export const isSupervised = ({ context }: { context: Context }) => context.supervised;

export const orderMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isSupervised,
    isFree: ({ context }) => context.amount === 0 && (context.kind === 'trial' || context.kind === 'onDemand'),
    isCompletedByPayment: ({ context }) => !context.supervised && !isCalled({ context }) && (withoutCall.includes(context.accessType) || isChange(context)),
    isDeliveredByCall: ({ context }) => !context.supervised,
    wasCompleted: refund.wasCompleted,
  },
  actions: {
    keepPayment: assign(({ event }) =>
      event.type !== 'recordPayment'
        ? {}
        : {
            paidAt: event.at,
            paymentMeans: event.input.means,
            paymentReference: event.input.reference,
            merchantShareBp: event.facts.product?.merchantShareBp ?? null,
          },
    ),
    keepRefund: assign(({ context, event }) =>
      event.type in refund.keeps ? refund.keeps[event.type as keyof typeof refund.keeps]({ context, event: event as never }) : {},
    ),
    keepMade: assign(({ event }) => {
      if (event.type !== 'callSucceeded') return {};
      const { instanceId, frontEndUrl, adminUrl } = event.input;
      return { made: { instanceId, frontEndUrl, adminUrl } };
    }),
    keepFailure: assign(({ event }) => ({
      failedBecause: event.type === 'callGivenUp' ? event.input.because : event.type === 'instanceReleased' ? event.input.instance : null,
    })),
    fixExpiry: assign(({ context, event }) => ({ newExpiry: expiryAfter(context, event) })),
    startPeriod: assign(({ context, event }) => {
      const from =
        event.type === 'supervisionFinished'
          ? event.input.validFrom
          : event.type === 'recordOpening' && event.input.openedAt
            ? Date.parse(event.input.openedAt)
            : event.at;
      if (isChange(context)) return { completedAt: event.at, validFrom: beginOfChange(context, event.at), validUntil: context.newExpiry };
      return { completedAt: event.at, validFrom: from, validUntil: endOfPeriod({ context, calendar: event.calendar, from }) };
    }),
  },
}).createMachine({
  id: 'order',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, ...unpaid }),
  initial: 'placed',
  states: {
    /** Nobody rests here: what costs nothing at first is delivered at once. */
    placed: { always: [{ guard: 'isFree', target: 'processing' }, { target: 'pendingPayment' }] },
    pendingPayment: {
      on: {
        recordPayment: [
          { guard: 'isCompletedByPayment', target: 'completed', actions: ['keepPayment', 'fixExpiry', 'startPeriod'] },
          { target: 'processing', actions: ['keepPayment', 'fixExpiry'] },
        ],
        cancelOrder: 'cancelled',
        unpaidTooLong: 'cancelled',
        instanceReleased: 'cancelled',
      },
    },
    processing: {
      on: {
        openingDue: {},
        callSucceeded: [
          { guard: 'isSupervised', actions: 'keepMade' },
          { target: 'completed', actions: ['keepMade', 'startPeriod'] },
        ],
        // a supervised order is delivered by its merchant's people as well
        instanceReleased: { target: 'failed', actions: 'keepFailure' },
        callGivenUp: [
          { guard: 'isSupervised', actions: 'keepFailure' },
          { target: 'failed', actions: 'keepFailure' },
        ],
        supervisionFinished: { guard: 'isSupervised', target: 'completed', actions: 'startPeriod' },
        recordOpening: { guard: 'isDeliveredByCall', target: 'completed', actions: 'startPeriod' },
        ...refund.refundable,
      },
    },
    // at rest: a refund may still follow (REF-1a)
    completed: { on: { callSucceeded: { actions: 'keepMade' }, ...refund.refundable } },
    failed: { on: refund.refundable },
    ...refund.states,
    cancelled: { type: 'final' },
  },
});
