import { z } from 'zod';
import type { Facts } from './facts.ts';
import type { FieldProblem } from './problem.ts';

/** SUP-9: at most ten files a step, by reference; the content was checked when it was uploaded. */
export const evidenceIds = z.array(z.uuid()).max(10);

/** What a person writes: no control characters but line breaks and tabs, at most 2,000 characters. */
export const prose = z
  .string()
  .trim()
  .max(2_000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'expected text without control characters');
export const comment = prose;

/** Each file named must exist and be the caller's own (SUP-9). */
export function evidenceProblems(path: string, ids: readonly string[], facts: Facts): FieldProblem[] {
  const known = new Set(facts.evidence?.map((file) => file.id));
  return ids.filter((id) => !known.has(id)).map((id) => ({ path, message: `expected the id of a file that you uploaded, got ${id}` }));
}
