import { z } from 'zod';
import { commandOf, type Given, type Notice } from '../declaration.ts';
import { days, endOf, spanOf } from '../spans.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

/** MET-2: the buyer's account does not cover what was used. Without knowing it, as in a forecast: it does not. */
const isCovered = (facts: Given['facts']): boolean => facts.prepaid?.covers === true;

export const commands = {
  settleArrears: command({
    label: { zh: '结清欠费', en: 'Settle the arrears' },
    description: {
      zh: '账户余额已足，欠费结清；因欠费停用的服务恢复。',
      en: 'The buyer’s account covers what was used again; a service that stopped for it works again.',
    },
    by: ['system'],
    input: z.object({}),
    reason: 'optional',
    facts: ['prepaid'],
    requires: [
      { code: 'NOT_IN_ARREARS', met: ({ context }) => context.arrearsSince !== null },
      {
        code: 'IN_ARREARS',
        met: ({ facts }) => facts.prepaid === undefined || isCovered(facts),
        details: ({ facts }) => ({ number: facts.prepaid?.number ?? null }),
      },
    ],
    rules: ['MET-2'],
  }),
};

export const guards = {
  /** The grace is over, and nobody has topped up: a top-up and this see one another through the account's lock. */
  isUncovered: ({ event }: { event: { facts: Given['facts'] } }) => !isCovered(event.facts),
  isInArrears: ({ context }: { context: Context }) => context.suspendedBecause === 'arrears',
};

export const deadlines = {
  arrearsGraceOver: {
    in: ['active'],
    due: ({ context: { arrearsSince }, policies, calendar }: Given<Context>) =>
      arrearsSince === null ? null : { at: endOf(spanOf(policies, 'arrearsGrace'), arrearsSince, calendar) },
    rearmOn: ['recordUsage', 'settleArrears'],
    facts: ['prepaid' as const],
    label: { zh: '欠费宽限期结束', en: 'End of the grace for arrears' },
    rules: ['MET-2'],
  },
};

const toBuyer = (zh: string, en: string): Notice => ({ to: ['buyer'], topic: 'services', text: { zh, en } });
type TimedContext = Pick<Context, 'suspendedBecause'>;

export const notices = {
  arrearsGraceOver: [
    {
      ...toBuyer(
        '欠费宽限期已过，服务已停用；充值后恢复，逾期释放。',
        'The grace for your arrears is over and the service is stopped; top up to bring it back.',
      ),
      when: ({ context }: { context: TimedContext }) => context.suspendedBecause === 'arrears',
    },
  ],
  settleArrears: [toBuyer('欠费已结清。', 'The arrears are settled.')],
};

export const policies = {
  arrearsGrace: { default: days(3), label: { zh: '欠费宽限期', en: 'Grace for arrears' }, rule: 'MET-2' },
};

/** Of what was reported once it had ended. */
export const afterEnd = {
  zh: '账户余额不足以支付终止前的用量，请充值结清。',
  en: 'Your account does not cover what was used until its end: top it up.',
};

/** What its buyer is told with the record that the account did not cover first. */
export const began = {
  zh: '账户余额不足，服务已欠费；请在宽限期内充值，否则将停用。',
  en: 'Your account does not cover it: the service is in arrears. Top up within the grace period, or it stops.',
};
