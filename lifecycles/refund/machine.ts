import { assign, setup } from 'xstate';
import type { EventsOf, PlainEvent } from '../declaration.ts';
import * as confirmation from './confirmation.ts';
import { begun, type Context, type Input, type Kept } from './context.ts';
import * as payout from './payout.ts';
import * as review from './review.ts';

export const commands = { ...review.commands, ...payout.commands, ...confirmation.commands };

type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'refundPaid' | 'statusSynchronised', { receipt: string }>
  | PlainEvent<'reviewReminder' | 'reviewOverdue' | 'refundOverdue' | 'refundSuperseded' | 'invoiceRequested' | 'appealFiled' | 'appealClosed'>;

const keeps = { ...review.keeps, ...payout.keeps, ...confirmation.keeps } as Record<string, (kept: Kept) => Partial<Context>>;

export const refundMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isNegotiated: ({ context }) => context.kind === 'negotiated',
    /** SUP-6: a termination may pay back nothing. */
    isOfNothing: ({ context }) => context.amount === 0,
    needsSecondPerson: ({ context, event }) => confirmation.needsSecondPerson({ context, policies: event.policies }),
    isRefusal: ({ event }) => event.type === 'decideRefund' && event.input.decision === 'refuse',
  },
  actions: {
    /** Whatever is kept ends what awaited a second person, unless it is that. */
    keep: assign(({ context, event }) => ({ pendingDecision: null, ...keeps[event.type]?.({ context, event: event as Kept['event'] }) })),
  },
}).createMachine({
  id: 'refund',
  type: 'parallel',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  states: {
    progress: {
      initial: 'requested',
      states: {
        /** Nobody rests here: what is not negotiated is paid at once (REF-1, REF-1a, SUP-6). */
        requested: {
          always: [{ guard: 'isNegotiated', target: 'negotiating' }, { guard: 'isOfNothing', target: 'synchronising' }, { target: 'paying' }],
        },
        ...review.states,
        ...payout.states,
      },
    },
    /** SUP-5: an appeal freezes the refund as well. */
    freeze: {
      initial: 'running',
      states: { running: { on: { appealFiled: 'frozen' } }, frozen: { on: { appealClosed: 'running', refundSuperseded: 'running' } } },
    },
  },
});
