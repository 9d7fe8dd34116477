import { z } from 'zod';
import { instant } from '../values.ts';
import { terms } from './terms.ts';

/** PRD-6: one call of an order that was tried to its end without success. */
export const failedCall = z.object({ call: z.string(), number: z.string(), activity: z.string(), at: instant });
export type FailedCall = z.output<typeof failedCall>;

/** Why a product is not on sale: PRD-6's two reasons, a person's word, or its merchant's exit (EXT-2). */
export const causes = ['calls', 'dialTests', 'person', 'exit'] as const;

export const context = z.object({
  /** The product's id in the catalogue; never changes. */
  product: z.string(),
  productName: z.string(),
  merchant: z.string(),
  /** ORD-6: in no listing and no search, only by its URL. */
  hidden: z.boolean(),
  ...terms,
  /** Off sale since when, why, and what stands behind it; null while it is on sale. */
  offSale: z
    .object({
      since: instant,
      cause: z.enum(causes),
      /** PRD-6: the Beijing month that was counted, as 2026-03, with the calls, or the Beijing days of failed dial tests. */
      month: z.string().nullable(),
      calls: z.array(failedCall),
      days: z.array(z.string()),
      /** ORD-6: whether it was hidden before dial tests froze it, so that a reversal shows it again. */
      wasHidden: z.boolean(),
    })
    .nullable(),
  /** PRD-6: exhausted calls of one Beijing month, since the failures that were counted last were debugged or forgiven. */
  failedCalls: z.array(failedCall),
  /** PRD-6: Beijing days in a row on which dial tests failed, oldest first. */
  failedDays: z.array(z.string()),
  /** PRD-7: the last time its interface passed debugging. */
  debuggedAt: instant.nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Pick<Context, 'product' | 'productName' | 'merchant' | 'hidden' | keyof typeof terms> & { onSale: boolean; at: number };

type OffSale = NonNullable<Context['offSale']>;
export const offSale = (since: number, given: Partial<OffSale> & Pick<OffSale, 'cause'>): OffSale => ({
  since,
  month: null,
  calls: [],
  days: [],
  wasHidden: false,
  ...given,
});

export const begun = ({ onSale, at, ...input }: Input): Context => ({
  ...input,
  offSale: onSale ? null : offSale(at, { cause: 'person' }),
  failedCalls: [],
  failedDays: [],
  debuggedAt: null,
});
