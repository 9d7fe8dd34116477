import { z } from 'zod';
import { commandOf, type Given, type Stamp, type Told } from '../declaration.ts';
import { days, endOf, hours, spanOf } from '../spans.ts';
import type { Context } from './context.ts';

type Person = Pick<Given<Context>, 'actor'>;
const isByBuyer = ({ actor }: Person): boolean => actor.role === 'buyer';
const iso = (instant: number | null | undefined) => new Date(instant ?? 0).toISOString();

/** Its end has come: it stands still until its last use may have been reported, and nothing brings it back. */
export const hasEnded = ({ suspendedBecause }: Pick<Context, 'suspendedBecause'>): boolean => suspendedBecause === 'ended';

/** MET-2: what is sold by use has no end of its own: its buyer ends it at once, its merchant with notice, before it can leave (EXT-1). */
export const commands = {
  endUse: commandOf<Context>()({
    label: { zh: '终止按需服务', en: 'End the use' },
    description: {
      zh: '买家终止即时停用；商家或运营终止须提前通知买家，通知期满停用，期间用量照常计费。停用后终止前的用量仍可在时限内上报，随后释放。',
      en: 'By its buyer it stops at once; by the merchant or an operator at the end of the notice, until which what is used is charged as ever. What was used until the end may be reported for a time, then it is released.',
    },
    by: ['buyer', 'merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'required',
    whenMerchantFrozen: 'allowed',
    fits: [{ code: 'NOT_BY_USE', met: ({ context }) => context.unitPrice !== null && context.validUntil === null }],
    requires: [
      { code: 'USE_ENDED', met: ({ context }) => !hasEnded(context), details: ({ context }) => ({ until: iso(context.endsAt) }) },
      {
        code: 'USE_ENDS_ALREADY',
        met: (given) => given.context.endsAt == null || isByBuyer(given),
        details: ({ context }) => ({ until: iso(context.endsAt) }),
      },
      {
        // what its order adds would be the buyer's, who could have it neither used nor refunded
        code: 'CHANGE_UNDER_WAY',
        met: ({ context }) => context.openChange == null,
        details: ({ context }) => ({ order: context.openChange }),
      },
      {
        code: 'PACKAGE_LEFT',
        met: (given) => isByBuyer(given) || given.context.used - given.context.overused >= given.context.units,
      },
    ],
    destructive: true,
    rules: ['MET-2', 'EXT-1'],
  }),
};

export const guards = {
  endsAtOnce: ({ event }: { event: { actor: Stamp['actor'] } }) => isByBuyer(event),
};

/** When it ends: now, or once the notice is over. */
export const ended = ({ actor, at, policies: set, calendar }: Stamp): Partial<Context> => ({
  endsAt: isByBuyer({ actor }) ? at : endOf(spanOf(set, 'noticeOfEnd'), at, calendar),
});

export const deadlines = {
  useEnds: {
    in: ['active', 'suspended'],
    due: ({ context }: Given<Context>) => (context.endsAt == null || hasEnded(context) ? null : { at: context.endsAt }),
    rearmOn: ['endUse'],
    label: { zh: '按需服务通知期满', en: 'End of the notice of a service sold by use' },
    rules: ['MET-2', 'EXT-1'],
  },
};

const isWithNotice = ({ context, at }: Told<Context>) => (context.endsAt ?? 0) > at;
const until = ({ endsAt }: Context) => ({ zh: `终止时间：${iso(endsAt)}。`, en: `It ends at ${iso(endsAt)}.` });

export const notices = {
  endUse: [
    {
      to: ['buyer' as const],
      topic: 'services' as const,
      when: isWithNotice,
      text: { zh: '商家将终止按需服务，请在此之前迁出数据。', en: 'A service that you use on demand is ended with notice; move your data before that.' },
      adds: until,
    },
    {
      to: ['merchant' as const],
      topic: 'services' as const,
      text: {
        zh: '按需服务的终止已登记；请及时上报终止前的用量，终止后的用量不再受理。',
        en: 'The end of a service on demand is recorded; report in time what is used until then, for no later use is taken.',
      },
      adds: until,
    },
  ],
  useEnds: [
    {
      to: ['buyer' as const, 'merchant' as const],
      topic: 'services' as const,
      text: {
        zh: '按需服务已终止；终止前的用量仍可在时限内上报，随后释放。',
        en: 'The service on demand has ended; what was used until then may be reported for a time, then it is released.',
      },
    },
  ],
};

/** MET-2: its release once it has ended, when what was used until then had its time to be reported. */
export const releaseOf = ({ context: { endsAt }, policies: set, calendar }: Pick<Given<Context>, 'context' | 'policies' | 'calendar'>) => ({
  at: endOf(spanOf(set, 'reportWithin'), endsAt ?? 0, calendar),
});

export const policies = {
  reportWithin: {
    default: hours(24),
    label: { zh: '按需服务终止后上报此前用量的时限', en: 'Use until the end of a service sold by use is reported within' },
    rule: 'MET-2',
  },
  noticeOfEnd: { default: days(30), label: { zh: '商家终止按需服务的通知期', en: 'Notice when a merchant ends a service sold by use' }, rule: 'EXT-1' },
};
