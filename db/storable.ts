import { forms } from '../lifecycles/codes/fields.ts';
import { type FieldProblem, wrongField } from '../lifecycles/problem.ts';

/** Text as PostgreSQL can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** A part of a URL. What is no proper escape names nothing; neither does what PostgreSQL cannot hold. */
export function decoded(text: string): string {
  try {
    return storable(decodeURIComponent(text));
  } catch {
    return '';
  }
}

/** The same for every text inside a JSON value, keys included. */
export function storableJson<T>(value: T): T {
  if (typeof value === 'string') return storable(value) as T;
  if (Array.isArray(value)) return value.map(storableJson) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [storable(key), storableJson(member)])) as T;
}

/** No input is nested so deep; what is, ends nobody's stack. */
const deepest = 200;

/** Where a JSON value holds text that PostgreSQL cannot, or goes deeper than any input: a path, or null. */
export function unstorablePath(value: unknown, path = '', depth = 0): string | null {
  if (typeof value === 'string') return storable(value) === value ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  if (depth === deepest) return path;
  for (const [key, member] of Object.entries(value)) {
    const found = unstorablePath(key, path) ?? unstorablePath(member, path ? `${path}.${key}` : key, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Text that PostgreSQL cannot keep, or that a person cannot see, by path; in one order, whichever the caller sent the members in. */
export function unwritableText(value: unknown, path: string): FieldProblem[] {
  if (typeof value === 'string') return unwritable.test(value) || !value.isWellFormed() ? [wrongField(path, forms.wholeCharacters)] : [];
  if (typeof value !== 'object' || value === null) return [];
  const members = Array.isArray(value) ? Object.entries(value) : Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return members.flatMap(([key, item]) => unwritableText(item, path === '' ? key : `${path}.${key}`));
}
