import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { commandOf, type DeclaredPolicy, type Given, type PolicyRule } from '../declaration.ts';
import type { Facts } from '../facts.ts';
import { countOf, type Policies } from '../spans.ts';
import { chargeFor, parsedUsage } from './charging.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

export const commands = {
  recordUsage: command({
    label: { zh: '登记用量', en: 'Record usage' },
    description: {
      zh: '商家上报的一条话单，从套餐包中扣减；按需及超出部分从买家账户余额扣费。',
      en: 'One usage record that the merchant reported: deducted from the package; on demand, or beyond it, charged to the buyer’s account.',
    },
    by: ['system'],
    input: z.object({
      /** MET-3: the record's own number, by which a doubled one is known. */
      meteringId: z.string().min(1).max(100),
      from: z.iso.datetime(),
      until: z.iso.datetime(),
      /** More than 0, at most four decimals. */
      usage: z
        .string()
        .regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,4})?$/, forms.usage.en)
        .meta({ examples: ['1.5'] }),
    }),
    reason: 'optional',
    facts: ['prepaid'],
    requires: [
      { code: 'NOT_METERED', met: ({ context }) => context.units > 0 || context.unitPrice !== null },
      {
        code: 'BUYER_ACCOUNT_NEEDED',
        met: ({ context, facts }) => context.unitPrice === null || facts.prepaid !== null,
        details: ({ context }) => ({ product: context.productName, currency: context.currency }),
      },
    ],
    refuse: ({ context: { endsAt }, input: { until } }) =>
      endsAt != null && Date.parse(until) > endsAt ? { code: 'USE_AFTER_END', details: { until: new Date(endsAt).toISOString(), got: until } } : null,
    rules: ['MET-1', 'MET-2', 'MET-3'],
  }),
};

/** MET-1: the parts of its packages at which a buyer is warned, in per cent. */
export const policies = {
  warnAt: { default: 80, most: 99, label: { zh: '套餐包首次提醒（%）', en: 'First warning, in per cent of the packages' }, rule: 'MET-1' },
  warnAgainAt: { default: 95, most: 99, label: { zh: '套餐包再次提醒（%）', en: 'Second warning, in per cent of the packages' }, rule: 'MET-1' },
} satisfies { [name: string]: DeclaredPolicy };

export const policyRules: PolicyRule[] = [
  {
    policies: ['warnAt', 'warnAgainAt'],
    label: { zh: '再次提醒晚于首次提醒', en: 'the second warning comes after the first' },
    holds: (set) => countOf(set, 'warnAt') < countOf(set, 'warnAgainAt'),
  },
];

type Record = { at: number; facts: Facts; policies: Policies; input: { usage: string } };

/** What one record changes. Arrears begin with the first that the account does not cover; a top-up ends them (arrears.ts). */
export function counted(context: Context, { at, facts, policies: set, input: { usage } }: Record): Partial<Context> {
  const { overused, amount } = chargeFor(context, usage);
  const used = context.used + parsedUsage(usage);
  const [before, after] = [context.used - context.overused, used - overused];
  const crossed = [countOf(set, 'warnAgainAt'), countOf(set, 'warnAt')].find(
    (part) => before * 100 < context.units * part && after * 100 >= context.units * part,
  );
  const owes = amount > 0 && !facts.prepaid?.covers;
  return {
    used,
    overused,
    charged: context.charged + amount,
    arrearsSince: owes ? (context.arrearsSince ?? at) : context.arrearsSince,
    usageRecords: context.usageRecords + 1,
    warnedAt: context.units > 0 && after < context.units ? (crossed ?? null) : null,
  };
}

type Used = Pick<Given<Context>, 'context'> & { event: { type: string; input: unknown } };

/** MET-1: past the packages the service stops, unless what comes on top is sold by the unit. */
export const isUsedUp = ({ context, event }: Used): boolean =>
  event.type === 'recordUsage' &&
  context.units > 0 &&
  context.unitPrice === null &&
  context.used + parsedUsage((event.input as { usage: string }).usage) >= context.units;
