import { z } from 'zod';
import { roleNames } from '../roles.ts';
import { chosenChoice } from './choice.ts';

/**
 * What became of a call of the batch. `waiting` and `sent` are under way; `sent`: called again, its try not ended.
 * `alreadyRunning`: a try was under way, so none was added; `succeededMeanwhile`: it was done before its turn came.
 */
export const outcomes = ['waiting', 'sent', 'succeeded', 'failed', 'refused', 'alreadyRunning', 'succeededMeanwhile'] as const;
export type ItemOutcome = (typeof outcomes)[number];

/** How many calls ended how. */
export const counts = z.object({
  succeeded: z.number().int(),
  failed: z.number().int(),
  refused: z.number().int(),
  alreadyRunning: z.number().int(),
  succeededMeanwhile: z.number().int(),
});

export const context = z.object({
  choice: chosenChoice,
  /** Each call is made in this person's name, and only what this person may see is called. */
  requestedBy: z.object({ id: z.string(), role: z.enum(roleNames), party: z.string().nullable() }),
  chosen: z.number().int(),
  counts: counts.nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Omit<Context, 'counts'>;
