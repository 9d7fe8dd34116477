import { z } from 'zod';
import { commandOf, type Stamp } from '../declaration.ts';
import { decided } from '../secondPerson.ts';
import { instant, minorUnits } from '../values.ts';

/**
 * Why money goes back: the parties `negotiated` it within the guarantee period (REF-1), `withoutReason` within five days
 * (REF-1a), a `renewal` that is not in effect (REF-1), an appeal `decided` it (SUP-6),
 * or the order `failed` to be opened (ORD-4).
 */
export const kinds = ['negotiated', 'withoutReason', 'renewal', 'decided', 'failed'] as const;
export type Kind = (typeof kinds)[number];

/** What a refund begins with; none of it ever changes. */
export const given = {
  order: z.string(),
  orderNumber: z.string(),
  product: z.string(),
  accessType: z.string().nullable(),
  kind: z.enum(kinds),
  /** What goes back, of what was paid; minor units (分). */
  amount: minorUnits,
  paid: minorUnits,
  currency: z.string(),
  requestedAt: instant,
  /** Why, shortened; whole in the operation log. */
  because: z.string().nullable(),
  files: z.array(z.string()),
};

/** ACT-3: a decision above the limit, its opinion shortened; of a payment made another way, with its reference. */
const pending = z.object({ ...decided, command: z.enum(['decideRefund', 'recordPayout']), reference: z.string().nullable(), opinion: z.string() });
export type Pending = z.output<typeof pending>;

export const context = z.object({
  ...given,
  /** REF-3, REF-4: the answer, with its opinion (shortened) and the proof of what was agreed. */
  review: z
    .object({
      approved: z.boolean(),
      by: z.string(),
      role: z.enum(['merchant', 'operationsManager']),
      at: instant,
      opinion: z.string(),
      files: z.array(z.string()),
    })
    .nullable(),
  /** What shows that it was paid: the provider's receipt, or the reference of a payment made another way. */
  receipt: z.string().nullable(),
  /** The order centre's receipt of the order's new status. */
  statusReceipt: z.string().nullable(),
  /** What awaits a second person; null, or not there in older rows, when nothing does. */
  pendingDecision: pending.nullable(),
});

export type Context = z.output<typeof context>;
export type Input = Pick<Context, keyof typeof given>;
export const begun = (input: Input): Context => ({ ...input, review: null, receipt: null, statusReceipt: null, pendingDecision: null });

export type Kept<Event = unknown> = { context: Context; event: Stamp & { input: Event } };
export type KeptOf<Command extends { input: z.ZodObject }> = Kept<z.output<Command['input']>>;
export const command = commandOf<Context>();
