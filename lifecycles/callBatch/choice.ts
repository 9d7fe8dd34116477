import { z } from 'zod';
import { expectedField, type FieldProblem, spanProblems } from '../problem.ts';
import { given } from '../production/context.ts';

/** The states in which a call can be made again. */
const openStates = ['calling', 'confirming', 'stopped'] as const;

/** PRD-5: which production calls are meant: these by id, or all that every member says of. */
export const choice = z.object({
  calls: z.array(z.uuid()).min(1).max(500).optional(),
  /** Left out: those that have stopped. */
  states: z.array(z.enum(openStates)).min(1).max(3).optional(),
  activities: z.array(given.activity).min(1).max(20).optional(),
  product: z.string().min(1).max(64).optional(),
  merchant: z.string().min(1).max(64).optional(),
  /** That a stopped call ended with, as HTTP_503 or 000005. */
  code: z.string().min(1).max(40).optional(),
  /** When the call came to be: half open. */
  from: z.iso.datetime({ offset: true }).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
});
export type Choice = z.output<typeof choice>;

/** The same with nothing left out: what is asked of the database. Instants are ISO text. */
export const chosenChoice = z.object({
  calls: z.array(z.string()).nullable(),
  states: z.array(z.string()),
  activities: z.array(given.activity).nullable(),
  product: z.string().nullable(),
  merchant: z.string().nullable(),
  code: z.string().nullable(),
  since: z.string().nullable(),
  before: z.string().nullable(),
});
export type Chosen = z.output<typeof chosenChoice>;

export const chosen = ({ calls, states, from, ...rest }: Choice): Chosen => ({
  activities: null,
  product: null,
  merchant: null,
  code: null,
  before: null,
  ...rest,
  since: from ?? null,
  calls: calls ? [...new Set(calls)] : null,
  states: states ?? ['stopped'],
});

/** By id or by what they are, not both; and a time that is one. */
export function choiceProblems({ calls, ...others }: Choice): FieldProblem[] {
  const { from, before } = others;
  const named = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (calls && named.length > 0)
    return [expectedField('calls', { zh: '单独的 ID（按 ID 或按条件选择，不能并用）', en: 'ids alone, or a choice without ids' }, named.join(', '))];
  return spanProblems(from, before);
}
