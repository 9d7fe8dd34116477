import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { decided } from '../secondPerson.ts';
import { instant, minorUnits } from '../values.ts';

export const context = z.object({
  /** The account holder's party and the currency never change; there is one account of each pair. */
  buyer: z.string(),
  currency: z.string(),
  openedAt: instant,
  /** All that was ever paid in, and what operators corrected, in minor units (分). What was used is in the ledger. */
  toppedUp: minorUnits,
  corrected: minorUnits,
  lastTopUp: z.object({ reference: z.string(), amount: minorUnits, at: instant }).nullable(),
  /** ACT-3: a correction, or an operator's top-up, above the limit, until a second person has confirmed it. */
  pendingCorrection: z
    .object({
      ...decided,
      amount: minorUnits,
      because: z.string(),
      /** Of a top-up; null, or not there in older rows, of a correction. */
      reference: z.string().nullable(),
    })
    .nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Pick<Context, 'buyer' | 'currency' | 'openedAt'>;

export const begun = (input: Input): Context => ({ ...input, toppedUp: 0, corrected: 0, lastTopUp: null, pendingCorrection: null });

export const command = commandOf<Context>();
