import { z } from 'zod';
import { commandOf, type Given, type Stamp, type Told } from '../declaration.ts';
import { days, endOf, spanOf } from '../spans.ts';
import type { Context } from './context.ts';

type Person = Pick<Given<Context>, 'actor'>;
const isByBuyer = ({ actor }: Person): boolean => actor.role === 'buyer';
const iso = (instant: number | null | undefined) => new Date(instant ?? 0).toISOString();

/** MET-2: what is sold by use has no end of its own: its buyer ends it at once, its merchant with notice, before it can leave (EXT-1). */
export const commands = {
  endUse: commandOf<Context>()({
    label: { zh: '终止按需服务', en: 'End the use' },
    description: {
      zh: '买家终止即时释放；商家或运营终止须提前通知买家，通知期满释放，期间用量照常计费。',
      en: 'By its buyer it is released at once; by the merchant or an operator at the end of the notice, until which what is used is charged as ever.',
    },
    by: ['buyer', 'merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'required',
    whenMerchantFrozen: 'allowed',
    fits: [{ code: 'NOT_BY_USE', met: ({ context }) => context.unitPrice !== null && context.validUntil === null }],
    requires: [
      {
        code: 'USE_ENDS_ALREADY',
        met: (given) => given.context.endsAt == null || isByBuyer(given),
        details: ({ context }) => ({ until: iso(context.endsAt) }),
      },
      {
        // what its order adds would be the buyer's
        code: 'CHANGE_UNDER_WAY',
        met: (given) => isByBuyer(given) || given.context.openChange == null,
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
    due: ({ context: { endsAt } }: Given<Context>) => (endsAt == null ? null : { at: endsAt }),
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
        zh: '按需服务的终止已登记，终止后上报的用量不再受理。',
        en: 'The end of a service on demand is recorded; usage that is reported after it is not taken.',
      },
      adds: until,
    },
  ],
  useEnds: [
    {
      to: ['buyer' as const, 'merchant' as const],
      topic: 'services' as const,
      text: { zh: '按需服务已终止并释放。', en: 'The service on demand has ended and is released.' },
    },
  ],
};

export const policies = {
  noticeOfEnd: { default: days(30), label: { zh: '商家终止按需服务的通知期', en: 'Notice when a merchant ends a service sold by use' }, rule: 'EXT-1' },
};
