import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type PlainEvent } from '../declaration.ts';
import type { OrderKind } from '../order/kinds.ts';
import * as arrears from './arrears.ts';
import { begun, type Context, type Input, tenThousandths } from './context.ts';
import * as ending from './ending.ts';
import * as reveal from './reveal.ts';
import * as usage from './usage.ts';

const command = commandOf<Context>();

export const commands = {
  renewInstance: command({
    label: { zh: '延长有效期', en: 'Extend the period' },
    description: {
      zh: '不经订单延长有效期（如补偿）；已到期冻结的实例恢复使用。',
      en: 'Extend the period without an order, as a goodwill; an instance stopped after expiry works again.',
    },
    by: ['system', 'operationsManager'],
    input: z.object({ months: z.number().int().min(1).max(120) }),
    reason: 'required',
    requires: [{ code: 'NO_PERIOD', met: ({ context }) => context.validUntil !== null }],
    rules: ['ORD-5'],
  }),
  freezeInstance: command({
    label: { zh: '冻结实例', en: 'Freeze the instance' },
    description: { zh: '立即停止服务，例如违规使用；可解冻。', en: 'Stops the service at once, for misuse for example; it can be unfrozen.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    destructive: true,
    rules: ['ORD-3'],
  }),
  unfreezeInstance: command({
    label: { zh: '解冻实例', en: 'Unfreeze the instance' },
    description: { zh: '恢复被运营冻结的服务。', en: 'Brings a service back that an operator has frozen.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    requires: [{ code: 'NOT_FROZEN_BY_OPERATOR', met: ({ context }) => context.suspendedBecause === 'operator' }],
    rules: ['ORD-3'],
  }),
  ...usage.commands,
  ...arrears.commands,
  ...ending.commands,
  ...reveal.commands,
};

/** What an order has changed, once it is completed (ORD-3). */
type Change = {
  order: string;
  kind: OrderKind;
  validUntil: number | null;
  quantity: number;
  sku: string | null;
  period: Context['period'];
  units: number;
};
type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'changeDone', Change>
  | PlainEvent<'renewalRefunded', { validUntil: number }>
  | PlainEvent<'purchaseRefunded', { order: string }>
  | PlainEvent<'changeOrdered' | 'changeDropped', { order: string }>
  | PlainEvent<'callSucceeded', { activity: string; frontEndUrl: string | null; adminUrl: string | null }>
  | PlainEvent<'expiresIn30Days' | 'expiresIn7Days' | 'expiresTomorrow' | 'expired' | 'releaseDue' | 'arrearsGraceOver' | 'useEnds'>;

const changes = {
  changeOrdered: { actions: 'keep' },
  changeDropped: { actions: 'keep' },
  callSucceeded: { actions: 'keep' },
  revealCredentials: {},
  renewalRefunded: { actions: 'keep' },
  purchaseRefunded: 'released',
} as const;

/** What each event writes into the context. */
function kept(context: Context, event: Events): Partial<Context> {
  switch (event.type) {
    case 'renewInstance':
      return { validUntil: event.calendar.addMonths(Math.max(context.validUntil ?? 0, event.at), event.input.months) };
    case 'renewalRefunded':
      return { validUntil: event.input.validUntil };
    case 'changeOrdered':
      return { openChange: event.input.order };
    case 'changeDropped':
      return { openChange: context.openChange === event.input.order ? null : context.openChange };
    case 'changeDone':
      return { ...changed(context, event.input), openChange: null, lastChange: event.input.order };
    case 'callSucceeded':
      return { frontEndUrl: event.input.frontEndUrl ?? context.frontEndUrl, adminUrl: event.input.adminUrl ?? context.adminUrl };
    case 'recordUsage':
      return usage.counted(context, event);
    case 'endUse':
      return ending.ended(event);
    case 'settleArrears':
    case 'arrearsGraceOver':
      return { arrearsSince: null };
    default:
      return {};
  }
}
const changed = (context: Context, { kind, validUntil, quantity, sku, period, units }: Change): Partial<Context> => ({
  validUntil: validUntil ?? context.validUntil,
  quantity: kind === 'expansion' ? context.quantity + quantity : context.quantity,
  sku,
  period: period ?? context.period,
  units: context.units + units * tenThousandths,
  ...(kind === 'trialToPaid' ? { trial: false } : {}),
});

/** What a change leaves of the reasons for which it stands still. */
const runsAfter = ({ context, event }: { context: Context; event: Events }): boolean => {
  if (event.type !== 'changeDone') return false;
  const after = { ...context, ...changed(context, event.input) };
  if (context.suspendedBecause === 'expired') return (after.validUntil ?? 0) > event.at;
  return context.suspendedBecause === 'usedUp' && after.units > after.used;
};

export const serviceInstanceMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isUsedUp: usage.isUsedUp,
    runsAfter,
    ...arrears.guards,
    ...ending.guards,
    isExpired: ({ context }) => context.suspendedBecause === 'expired',
  },
  actions: {
    keep: assign(({ context, event }) => kept(context, event)),
    run: assign({ frozenAt: null, suspendedBecause: null, resumedAt: ({ event }) => event.at }),
    stopExpired: assign({ frozenAt: ({ event }) => event.at, suspendedBecause: 'expired' }),
    stopUsedUp: assign({ frozenAt: ({ event }) => event.at, suspendedBecause: 'usedUp' }),
    stopForArrears: assign({ frozenAt: ({ event }) => event.at, suspendedBecause: 'arrears' }),
    // since when it stands still is kept, whatever it was for
    stopEnded: assign({ frozenAt: ({ context, event }) => context.frozenAt ?? event.at, suspendedBecause: 'ended' }),
    stopByOperator: assign({ frozenAt: ({ event }) => event.at, suspendedBecause: 'operator' }),
  },
}).createMachine({
  id: 'serviceInstance',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  initial: 'active',
  states: {
    active: {
      on: {
        ...changes,
        renewInstance: { actions: 'keep' },
        changeDone: { actions: 'keep' },
        recordUsage: [{ guard: 'isUsedUp', target: 'suspended', actions: ['keep', 'stopUsedUp'] }, { actions: 'keep' }],
        freezeInstance: { target: 'suspended', actions: 'stopByOperator' },
        expiresIn30Days: {},
        expiresIn7Days: {},
        expiresTomorrow: {},
        expired: { target: 'suspended', actions: 'stopExpired' },
        endUse: [{ guard: 'endsAtOnce', target: 'suspended', actions: ['keep', 'stopEnded'] }, { actions: 'keep' }],
        useEnds: { target: 'suspended', actions: 'stopEnded' },
        settleArrears: { actions: 'keep' },
        arrearsGraceOver: [{ guard: 'isUncovered', target: 'suspended', actions: 'stopForArrears' }, { actions: 'keep' }],
      },
    },
    suspended: {
      on: {
        ...changes,
        renewInstance: [{ guard: 'isExpired', target: 'active', actions: ['keep', 'run'] }, { actions: 'keep' }],
        changeDone: [{ guard: 'runsAfter', target: 'active', actions: ['keep', 'run'] }, { actions: 'keep' }],
        // what was used before it stopped may be reported later
        recordUsage: { actions: 'keep' },
        endUse: [{ guard: 'endsAtOnce', actions: ['keep', 'stopEnded'] }, { actions: 'keep' }],
        useEnds: { actions: 'stopEnded' },
        unfreezeInstance: { target: 'active', actions: 'run' },
        settleArrears: [{ guard: 'isInArrears', target: 'active', actions: ['keep', 'run'] }, { actions: 'keep' }],
        releaseDue: 'released',
      },
    },
    released: { type: 'final' },
  },
});
