import { type Code, type Detail, type Details, sentence } from './codes.ts';
import type { Bilingual } from './roles.ts';

/** One input field that is wrong, and how: `text` in both languages, `message` its English. */
export type FieldProblem = { path: string; message: string; text: Bilingual };

/** With a sentence of its own. */
export const wrongField = (path: string, text: Bilingual): FieldProblem => ({ path, message: text.en, text });

export const fieldProblem = (path: string, code: Code, details: Details): FieldProblem =>
  wrongField(path, { zh: sentence(code, details, 'zh'), en: sentence(code, details, 'en') });

/** Another value was expected than came; `got` left out or null: none came. */
export const expectedField = (path: string, expected: Bilingual, got?: Detail): FieldProblem =>
  got == null ? fieldProblem(path, 'FIELD_MISSING', { expected }) : fieldProblem(path, 'FIELD_EXPECTED', { expected, got });

/** A value came where none belongs. */
export const unwantedField = (path: string, because: Bilingual, got: Detail): FieldProblem => fieldProblem(path, 'FIELD_UNWANTED', { because, got });

/** One of a list of names, as what a field expects. */
export const oneOf = (names: readonly (string | number)[]): Bilingual => ({ zh: `以下之一：${names.join('、')}`, en: `one of ${names.join(', ')}` });

/** What is wrong with a half-open span of ISO texts [from, before): an end that is not after its beginning. */
export const spanProblems = (from: string | undefined, before: string | undefined): FieldProblem[] =>
  from !== undefined && before !== undefined && Date.parse(from) >= Date.parse(before)
    ? [expectedField('before', { zh: `晚于 ${from} 的时间`, en: `an instant after ${from}` }, before)]
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

/** All fields that are wrong, as one part of a sentence. */
export const clausesOf = (fields: readonly FieldProblem[]): Bilingual => ({
  zh: fields.map(({ path, text }) => `${path}: ${clause(text.zh)}`).join('；'),
  en: fields.map(({ path, text }) => `${path}: ${clause(text.en)}`).join('; '),
});

export const invalid = (fields: FieldProblem[]): Problem => ({ kind: 'Invalid', code: 'INVALID', details: { fields: clausesOf(fields) }, fields });
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
