import { type Code, type Details, sentence } from './codes.ts';
import type { Bilingual } from './roles.ts';

/** One input field that is wrong, and how; `text` where both languages have the sentence. */
export type FieldProblem = { path: string; message: string; text?: Bilingual };

export const fieldProblem = (path: string, code: Code, details: Details): FieldProblem => {
  const text = { zh: sentence(code, details, 'zh'), en: sentence(code, details, 'en') };
  return { path, message: text.en, text };
};

/** What is wrong with a half-open span of ISO texts [from, before): an end that is not after its beginning. */
export const spanProblems = (from: string | undefined, before: string | undefined): FieldProblem[] =>
  from !== undefined && before !== undefined && Date.parse(from) >= Date.parse(before)
    ? [{ path: 'before', message: `expected an instant after ${from}, got ${before}` }]
    : [];

/** A rule (or the world) said no. What a caller gets instead of a change; nothing was changed. */
export type Problem =
  | { kind: 'Refused'; code: Code; details: Details; state: string | null; since: number | null; allowed: string[]; possibleAt: number | null }
  | { kind: 'Stale'; code: 'STALE'; details: Details; currentRevision: number; currentState: string; changedBy: string; changedAt: number }
  | { kind: 'Invalid'; code: 'INVALID'; details: Details; fields: FieldProblem[] }
  | { kind: 'KeyReused'; code: 'KEY_REUSED'; details: Details }
  | { kind: 'NotFound'; code: 'NOT_FOUND'; details: Details }
  | { kind: 'Unavailable'; code: 'UNAVAILABLE'; details: Details; retryAfter: number };

export const refused = (code: Code, details: Details = {}, state: string | null = null): Extract<Problem, { kind: 'Refused' }> => ({
  kind: 'Refused',
  code,
  details,
  state,
  since: null,
  allowed: [],
  possibleAt: null,
});
/** A sentence as a part of another. */
const clause = (sentence: string) => sentence.replace(/[.。]$/, '');

export const invalid = (fields: FieldProblem[]): Problem => ({
  kind: 'Invalid',
  code: 'INVALID',
  details: {
    fields: {
      zh: fields.map(({ path, message, text }) => `${path}: ${clause(text?.zh ?? message)}`).join('；'),
      en: fields.map(({ path, message }) => `${path}: ${clause(message)}`).join('; '),
    },
  },
  fields,
});
export const notFound = (id: string): Problem => ({ kind: 'NotFound', code: 'NOT_FOUND', details: { id } });
export const unavailable = (reason: string, retryAfter = 2): Problem => ({
  kind: 'Unavailable',
  code: 'UNAVAILABLE',
  details: { reason, retryAfter },
  retryAfter,
});
export const keyReused = (key: string): Problem => ({ kind: 'KeyReused', code: 'KEY_REUSED', details: { key } });

/** The problem as a person reads it. */
export const messageOf = (problem: Problem) => ({
  zh: sentence(problem.code, problem.details, 'zh'),
  en: sentence(problem.code, problem.details, 'en'),
});
