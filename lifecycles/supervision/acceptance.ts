import { z } from 'zod';
import { commandOf, type Given } from '../declaration.ts';
import { countOf, endOf, hours, isShorter, type Policies, type Span, spanOf, workingDays } from '../spans.ts';
import { instant } from '../values.ts';
import type { Context, Kept } from './context.ts';
import { returned } from './delivery.ts';
import { ofDecisionHandedIn } from './transitions.ts';
import { reminderOf, wait, waited } from './waits.ts';
import { ways } from './ways.ts';

export const fields = {
  acceptedAt: instant.nullable(),
  /** Whose acceptance it is: `proof` by the proof of an activation (SUP-2), `silence` by a product's policy (SUP-7). */
  acceptedBy: z.enum(['buyer', 'operationsManager', 'proof', 'silence']).nullable(),
  /** SUP-7: the buyer's last reminder 催办. */
  remindedAt: instant.nullable(),
};
export const blank = { acceptedAt: null, acceptedBy: null, remindedAt: null };

const command = commandOf<Context>();
const nextReminder = ({ context, policies, calendar }: Given<Context>) =>
  context.remindedAt === null ? null : endOf(spanOf(policies, 'remindEvery'), context.remindedAt, calendar);

export const commands = {
  passReview: command({
    label: { zh: '复核通过', en: 'Pass review' },
    description: { zh: '交付材料符合要求，转买家验收。', en: 'The delivery meets the requirements; pass it on to the buyer.' },
    by: ['reviewer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['SUP-2'],
  }),
  returnReview: command({
    label: { zh: '复核退回', en: 'Return from review' },
    description: {
      zh: '交付材料不符合要求，写明原因退回商家。',
      en: 'The delivery does not meet the requirements; return it to the merchant with the reason.',
    },
    by: ['reviewer'],
    input: z.object({}),
    reason: 'required',
    rules: ['SUP-2'],
  }),
  acceptDelivery: command({
    label: { zh: '确认验收', en: 'Accept delivery' },
    description: { zh: '确认服务已交付。验收后不能再退订（SUP-4）。', en: 'Confirm that the service is delivered. No refund is possible afterwards (SUP-4).' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['SUP-2', 'SUP-4'],
  }),
  returnDelivery: command({
    label: { zh: '驳回交付', en: 'Return delivery' },
    description: { zh: '交付不符合约定，写明原因，商家将重新交付。', en: 'The delivery is not what was agreed; the merchant delivers again.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'required',
    rules: ['SUP-3'],
  }),
  remindMerchant: command({
    label: { zh: '催办', en: 'Remind the merchant' },
    description: {
      zh: '提醒商家尽快处理；每隔一段时间一次（策略“催办间隔”）。',
      en: 'Remind the merchant that it is its turn, at most once in the span of the policy.',
    },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    requires: [
      {
        code: 'REMINDED_RECENTLY',
        met: (given) => given.now >= (nextReminder(given) ?? given.now),
        details: (given) => ({ since: new Date(given.context.remindedAt ?? 0).toISOString(), until: new Date(nextReminder(given) ?? 0).toISOString() }),
        possibleAt: nextReminder,
      },
    ],
    rules: ['SUP-7'],
  }),
};

export const keeps = {
  returnReview: (kept: Kept) => returned(kept, 'reviewer'),
  returnDelivery: (kept: Kept) => returned(kept, 'buyer'),
  acceptDelivery: ({ event }: Kept): Partial<Context> => ({ acceptedAt: event.at, acceptedBy: 'buyer' }),
  autoAcceptDue: ({ event }: Kept): Partial<Context> => ({ acceptedAt: event.at, acceptedBy: 'silence' }),
  remindMerchant: ({ event }: Kept): Partial<Context> => ({ remindedAt: event.at }),
};

/** A code that was activated is not delivered again: its proof is. */
const backToMerchant = [
  { guard: 'isByCode', target: 'awaitingProof', actions: 'keep' },
  { target: 'awaitingDelivery', actions: 'keep' },
] as const;

export const states = {
  awaitingReview: {
    on: { passReview: { target: 'awaitingAcceptance', actions: 'keep' }, returnReview: backToMerchant, ...waited('review'), ...ofDecisionHandedIn },
  },
  awaitingAcceptance: {
    on: {
      acceptDelivery: { target: 'accepted', actions: 'keep' },
      returnDelivery: backToMerchant,
      autoAcceptReminder: {},
      autoAcceptDue: { target: 'accepted', actions: 'keep' },
      ...waited('acceptance'),
      ...ofDecisionHandedIn,
    },
  },
} as const;

export const labels = {
  awaitingReview: {
    fits: [{ code: 'WRONG_WAY', met: ({ context }: Given<Context>) => context.scenario !== 'none' && ways[context.way].reviewed }],
    zh: '待复核',
    en: 'Awaiting review',
    waitsFor: ['reviewer'],
    description: { zh: '等待华为云复核交付材料。', en: 'The reviewer checks the delivery before the buyer sees it.' },
  },
  awaitingAcceptance: {
    fits: [{ code: 'WRONG_WAY', met: ({ context }: Given<Context>) => context.way !== 'softwarePackage' }],
    zh: '待验收',
    en: 'Awaiting acceptance',
    waitsFor: ['buyer'],
    description: { zh: '等待买家确认验收或驳回。', en: 'The buyer accepts the delivery or returns it with a reason.' },
  },
} as const;

export const waits = {
  review: wait({ in: ['awaitingReview'], who: 'reviewer', within: workingDays(3), what: { zh: '复核', en: 'review the delivery' }, rule: 'SUP-7' }),
  acceptance: wait({
    in: ['awaitingAcceptance', 'awaitingCompletion'],
    who: 'buyer',
    within: workingDays(10),
    what: { zh: '验收', en: 'accept the delivery' },
    rule: 'SUP-7',
  }),
};

/** Only what a product's own policy says is accepted on a silent buyer's behalf; null: never. */
function autoAcceptWithin({ policies }: Given): Span | null {
  const days = countOf(policies, 'autoAcceptAfter');
  return days > 0 ? workingDays(days) : null;
}

export const deadlines = {
  autoAcceptReminder: {
    in: ['awaitingAcceptance', 'awaitingCompletion'],
    due: (given: Given) => {
      const within = autoAcceptWithin(given);
      return within && reminderOf(within, given);
    },
    label: { zh: '提醒：即将自动验收', en: 'Reminder: about to be accepted on the buyer’s behalf' },
    rules: ['SUP-7'],
  },
  autoAcceptDue: {
    in: ['awaitingAcceptance', 'awaitingCompletion'],
    due: autoAcceptWithin,
    label: { zh: '买家未答复，按商品约定自动验收', en: 'Accepted on a silent buyer’s behalf, as the product says' },
    rules: ['SUP-7'],
  },
} as const;

export const policies = {
  autoAcceptAfter: {
    default: 0,
    least: 0,
    most: 365,
    onlyPerProduct: true as const,
    label: { zh: '自动验收前的工作日数（0 为从不）', en: 'Working days until accepted on a silent buyer’s behalf (0: never)' },
    rule: 'SUP-7',
  },
  remindEvery: { default: hours(24), label: { zh: '催办间隔', en: 'Reminders of the merchant at most every' }, rule: 'SUP-7' },
};

export const policyRules = [
  {
    policies: ['remindBefore', 'autoAcceptAfter'],
    label: { zh: '自动验收前先提醒买家', en: 'the buyer is reminded before a delivery is accepted on the buyer’s behalf' },
    holds: (set: Policies) => countOf(set, 'autoAcceptAfter') === 0 || isShorter(spanOf(set, 'remindBefore'), workingDays(countOf(set, 'autoAcceptAfter'))),
  },
];

export const notices = {
  passReview: [{ to: ['buyer'], text: { zh: '复核通过，请验收。', en: 'The review is passed; accept the delivery.' } }],
  returnReview: [{ to: ['merchant'], text: { zh: '复核退回，请重新交付。', en: 'The reviewer returned the delivery; deliver again.' } }],
  returnDelivery: [{ to: ['merchant'], text: { zh: '买家驳回交付，请重新交付。', en: 'The buyer returned the delivery; deliver again.' } }],
  acceptDelivery: [{ to: ['merchant'], text: { zh: '买家已验收。', en: 'The buyer has accepted the delivery.' } }],
  autoAcceptReminder: [
    {
      to: ['buyer'],
      text: {
        zh: '即将自动验收：按商品约定，到期未答复视为验收，之后不能退订。请验收，或驳回、申诉。',
        en: 'About to be accepted on your behalf, as the product says, with no refund afterwards. Accept the delivery, return it, or appeal.',
      },
    },
  ],
  autoAcceptDue: [
    { to: ['buyer', 'merchant'], text: { zh: '买家未答复，已按商品约定自动验收。', en: 'The buyer did not answer; accepted as the product says.' } },
  ],
  remindMerchant: [{ to: ['merchant'], text: { zh: '买家催办，请尽快处理。', en: 'The buyer reminds you that it is your turn.' } }],
} as const;

/** SUP-7: while the merchant has not handled it, the buyer who may remind it also sees how to reach it. */
export const contacts = [{ of: 'merchant', to: 'buyer', beside: 'remindMerchant', topic: 'fulfilment', rules: ['SUP-7'] }] as const;
