import { z } from 'zod';
import { kindNames } from '../order/kinds.ts';
import { instant, minorUnits } from '../values.ts';

/** What an instance begins with, from the order that bought it. */
export const given = {
  order: z.string(),
  orderNumber: z.string(),
  kind: z.enum(kindNames),
  product: z.string(),
  productName: z.string(),
  /** The merchant's own id of it; null where the merchant has no production interface. */
  merchantInstance: z.string().nullable(),
  frontEndUrl: z.string().nullable(),
  adminUrl: z.string().nullable(),
  trial: z.boolean(),
  quantity: z.number().int(),
  sku: z.string().nullable(),
  period: z.object({ unit: z.enum(['month', 'year']), count: z.number().int() }).nullable(),
  validFrom: instant,
  /** ORD-5: end of the paid period, which a renewal moves; null: it has none. */
  validUntil: instant.nullable(),
  /** MET-1: what its packages hold, in ten-thousandths of a unit (4 decimals). */
  units: z.number().int(),
  /** MET-2: what a unit costs that no package holds; null: nothing beyond the packages. */
  unitPrice: minorUnits.nullable(),
  currency: z.string(),
  /** BIL-2: the merchant's share of what is taken by use, in basis points. */
  merchantShareBp: z.number().int().nullable(),
};

/** Why it does not run. */
export const reasons = ['expired', 'usedUp', 'arrears', 'operator', 'ended'] as const;

export const context = z.object({
  ...given,
  frozenAt: instant.nullable(),
  /** When it last ran again after it had stood still. */
  resumedAt: instant.nullable(),
  suspendedBecause: z.enum(reasons).nullable(),
  /** The number of the order that is about to change it; one at a time. */
  openChange: z.string().nullable(),
  /** The last change that came to be. */
  lastChange: z.string().nullable(),
  /** MET-3: what was used, in ten-thousandths of a unit, and how many records said so. */
  used: z.number().int(),
  usageRecords: z.number().int(),
  /** MET-2: of that, what no package held, and what was taken for it from the buyer's account, in minor units (分). */
  overused: z.number().int(),
  charged: minorUnits,
  /** Since when the account does not cover what was used. */
  arrearsSince: instant.nullable(),
  /** When it ends, by its buyer's word or its merchant's notice; null, or not there in older rows, while it goes on. */
  endsAt: instant.nullable(),
  /** MET-1: the part of the packages, in per cent, that the last record crossed and that its buyer is warned of. */
  warnedAt: z.number().int().nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Pick<Context, keyof typeof given>;

export const begun = ({ units, ...input }: Input): Context => ({
  ...input,
  units: units * tenThousandths,
  frozenAt: null,
  resumedAt: null,
  suspendedBecause: null,
  openChange: null,
  lastChange: null,
  used: 0,
  usageRecords: 0,
  overused: 0,
  charged: 0,
  arrearsSince: null,
  endsAt: null,
  warnedAt: null,
});

/** MET-3: a usage has at most four decimals, so these are whole numbers. */
export const tenThousandths = 10_000;
