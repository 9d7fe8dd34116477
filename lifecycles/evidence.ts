import { z } from 'zod';
import { forms } from './codes/fields.ts';
import type { DeclaredPolicy, Given } from './declaration.ts';
import { expectedField, type FieldProblem, fieldProblem } from './problem.ts';
import { countOf } from './spans.ts';

/** What no policy may go beyond: a context keeps the ids of ten rounds' files. */
const most = 20;
/** SUP-9: files by reference; the content was checked when it was uploaded. How many a step takes is a policy. */
export const evidenceIds = z.array(z.uuid()).max(most);

/** SUP-9: a policy of every lifecycle that takes files. */
export const evidencePolicy = {
  filesPerStep: { default: 10, most, label: { zh: '每步文件数上限', en: 'Files that one step may have' }, rule: 'SUP-9' },
} satisfies Record<string, DeclaredPolicy>;

/** What a person writes: no control characters but line breaks and tabs, at most 2,000 characters. */
export const prose = z
  .string()
  .trim()
  .max(2_000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, forms.plainText.en);
export const comment = prose;

/** The fields of an input that name files. */
const fields = ['files', 'sow'];

/** Every file that an input names, well-formed or not. */
export const evidenceIn = (input: Record<string, unknown>): string[] =>
  fields.flatMap((field) => (Array.isArray(input[field]) ? input[field].filter((id) => typeof id === 'string') : []));

/** Each file named must exist and be the caller's own, and a step has no more than its policy says; `besides` are those in another field (SUP-9). */
export function evidenceProblems(path: string, ids: readonly string[], { facts, policies }: Pick<Given, 'facts' | 'policies'>, besides = 0): FieldProblem[] {
  const known = new Set(facts.evidence?.map((file) => file.id));
  const strangers = ids
    .filter((id) => !known.has(id))
    .map((id) => expectedField(path, { zh: '您上传的文件的 ID', en: 'the id of a file that you uploaded' }, id));
  const [allowed, got] = [countOf(policies, 'filesPerStep'), ids.length + besides];
  return got > allowed ? [...strangers, fieldProblem(path, 'TOO_MANY_FILES', { expected: allowed, got })] : strangers;
}

/** The beginning of what a person wrote, for a context that must stay small; the operation log has the whole. */
export function excerpt(text: string): string {
  const characters = [...text];
  return characters.length > 200 ? `${characters.slice(0, 199).join('')}…` : text;
}
