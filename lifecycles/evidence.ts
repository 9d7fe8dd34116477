import { z } from 'zod';
import type { Facts } from './facts.ts';
import type { FieldProblem } from './problem.ts';

const most = 10;
/** SUP-9: at most ten files a step, by reference; the content was checked when it was uploaded. */
export const evidenceIds = z.array(z.uuid()).max(most);

/** What a person writes: no control characters but line breaks and tabs, at most 2,000 characters. */
export const prose = z
  .string()
  .trim()
  .max(2_000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'expected text without control characters');
export const comment = prose;

/** The fields of an input that name files. */
const fields = ['files', 'sow'];

/** Every file that an input names, well-formed or not. */
export const evidenceIn = (input: Record<string, unknown>): string[] =>
  fields.flatMap((field) => (Array.isArray(input[field]) ? input[field].filter((id) => typeof id === 'string') : []));

/** Each file named must exist and be the caller's own; `besides` are those of the same step in another field (SUP-9). */
export function evidenceProblems(path: string, ids: readonly string[], facts: Facts, besides = 0): FieldProblem[] {
  const known = new Set(facts.evidence?.map((file) => file.id));
  const strangers = ids.filter((id) => !known.has(id)).map((id) => ({ path, message: `expected the id of a file that you uploaded, got ${id}` }));
  const all = ids.length + besides;
  return all > most ? [...strangers, { path, message: `expected at most ${most} files in one step, got ${all}` }] : strangers;
}

/** The beginning of what a person wrote, for a context that must stay small; the operation log has the whole. */
export function excerpt(text: string): string {
  const characters = [...text];
  return characters.length > 200 ? `${characters.slice(0, 199).join('')}…` : text;
}
