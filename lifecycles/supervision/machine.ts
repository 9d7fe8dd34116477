import { assign, setup } from 'xstate';
import type { EventsOf, PlainEvent, Stamp } from '../declaration.ts';
import * as acceptance from './acceptance.ts';
import * as appeal from './appeal.ts';
import * as supervisionCase from './case.ts';
import * as completion from './completion.ts';
import { begun, type Context, type Input, type Kept } from './context.ts';
import * as decision from './decision.ts';
import * as delivery from './delivery.ts';
import * as humanService from './humanService.ts';
import * as licence from './licence.ts';
import * as onlineCode from './onlineCode.ts';
import * as refund from './refund.ts';
import * as softwarePackage from './softwarePackage.ts';
import * as termination from './termination.ts';
import type { Way } from './ways.ts';

export const commands = {
  ...refund.stoppedByRefund({
    ...delivery.commands,
    ...humanService.commands,
    ...onlineCode.commands,
    ...licence.commands,
    ...softwarePackage.commands,
    ...acceptance.commands,
  }),
  ...appeal.commands,
  ...decision.commands,
};

export const waits = { ...humanService.waits, ...licence.waits, ...delivery.waits, ...onlineCode.waits, ...acceptance.waits };

type Waited = keyof typeof waits;
type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'orderSynchronised' | 'refundSettled', { receipt: string }>
  | PlainEvent<'refundAsked', { number: string; amount: number }>
  | PlainEvent<'refundApproved' | 'refundClosed'>
  | PlainEvent<'codeIssued', { reference: string; hint: string }>
  | PlainEvent<`${Waited}Reminder` | `${Waited}Overdue`>
  | PlainEvent<
      | 'completionSyncDue'
      | 'completionWindowPassed'
      | 'decisionReminder'
      | 'decisionDue'
      | 'evidenceDue'
      | 'codeOverdue'
      | 'autoAcceptReminder'
      | 'autoAcceptDue'
    >;

/** What each event writes into the context. */
const keeps = {
  ...delivery.keeps,
  ...humanService.keeps,
  ...onlineCode.keeps,
  ...licence.keeps,
  ...softwarePackage.keeps,
  ...acceptance.keeps,
  ...appeal.keeps,
  ...decision.keeps,
  ...refund.keeps,
  ...completion.keeps,
} as Record<string, (kept: Kept) => Partial<Context>>;

type Given = { context: Context; event: Events };
const goesBy =
  (way: Way) =>
  ({ context }: { context: Context }) =>
    context.way === way;
const decides =
  (outcome: string) =>
  ({ event }: Given) =>
    event.type === 'decideAppeal' && event.input.decision === outcome;
const needsSecondPerson = ({ event }: Given) => event.type === 'decideAppeal' && decision.needsSecondPerson(event.input, event.policies);
const isCompletion = decides('complete');
const isRedelivery = (given: Given) => decides('redeliver')(given) && given.context.rounds.length > 0;
const isTermination = (given: Given) => decides('terminate')(given) && !needsSecondPerson(given);

export const supervisionMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    ...refund.guards,
    isHumanService: goesBy('humanService'),
    isByCode: goesBy('licenseOnlineCode'),
    isOnlineLicence: goesBy('licenseOnline'),
    isReviewed: ({ context }) => context.scenario !== 'none',
    isOnlyAppeal: ({ context, event }) => appeal.isOnlyOne('appeals', { context, event: event as Stamp }),
    isLastEvidence: ({ context, event }) => appeal.isOnlyOne('evidence', { context, event: event as Stamp }),
    isCompletion,
    isRedelivery,
    isRedeliveryOfActive: (given) => isRedelivery(given) && given.context.activatedAt !== null,
    isTermination,
    settlesCase: (given) => isCompletion(given) || isRedelivery(given) || isTermination(given),
    needsSecondPerson,
  },
  actions: {
    keep: assign(({ context, event }) => {
      const kept = { context, event: event as Kept['event'] };
      return { ...appeal.withPerson(kept), ...keeps[event.type]?.(kept) };
    }),
  },
}).createMachine({
  id: 'supervision',
  type: 'parallel',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  states: {
    progress: {
      initial: 'purchased',
      states: {
        /** SUP-2: nobody rests here; the way of delivery says who begins. */
        purchased: {
          always: [
            { guard: 'isHumanService', target: 'awaitingRequirement' },
            { guard: 'isByCode', target: 'issuingCode' },
            { guard: 'isOnlineLicence', target: 'awaitingSystemCode' },
            { target: 'awaitingDelivery' },
          ],
        },
        ...humanService.states,
        ...licence.states,
        ...onlineCode.issuing,
        ...delivery.states,
        ...onlineCode.states,
        ...softwarePackage.states,
        ...acceptance.states,
        ...completion.states,
        ...termination.states,
      },
    },
    freeze: supervisionCase.freeze,
    evidence: supervisionCase.evidence,
    refund: refund.region,
  },
});
