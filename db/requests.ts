import { z } from 'zod';
import type { Question } from '../lifecycles/ask.ts';
import type { Command, Given } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { FieldProblem, Problem } from '../lifecycles/problem.ts';
import { stateOf } from '../lifecycles/registry.ts';
import { type Actor, roleNames } from '../lifecycles/roles.ts';
import type { Locked } from './load.ts';
import type { Via } from './save.ts';
import { storable, unstorablePath, unwritableText } from './storable.ts';

/** A command as it comes through a door: by whom, with which key, against which revision. */
export type CommandRequest = {
  lifecycle: string;
  /** Null for a command that opens an instance. */
  instance: string | null;
  command: string;
  input: unknown;
  reason: string | null;
  actor: Actor;
  idempotencyKey: string;
  /** The revision the caller decided on; null opts out. */
  expectedRevision: number | null;
  via: Via;
};

/** What a door must bring; the rest is asked of the declaration. Missing parts that may be null are null. */
const requestSchema = z.object({
  lifecycle: z.string().max(100),
  instance: z.string().max(200).nullable(),
  command: z.string().min(1).max(100),
  input: z.unknown().transform((input) => input ?? {}),
  reason: z
    .string()
    .nullish()
    .transform((reason) => reason ?? null),
  actor: z.object({
    id: z.string().min(1).max(200),
    role: z.enum(roleNames),
    party: z
      .string()
      .max(200)
      .nullish()
      .transform((party) => party ?? null),
  }),
  idempotencyKey: z.string(),
  expectedRevision: z
    .number()
    .int()
    .nullish()
    .transform((revision) => revision ?? null),
  via: z.custom<Via>(),
});

/** A request in the one form that is stored, whichever door it came through. */
export function requestFrom(given: CommandRequest): { request: CommandRequest } | { fields: FieldProblem[] } {
  const { success, data, error } = requestSchema.safeParse(given);
  if (success) return { request: data };
  return { fields: error.issues.map(({ path, message }) => ({ path: path.join('.') || 'request', message })) };
}

/** Of input and reason together, as JSON. */
const commandLimit = 64 * 1024;

/** What is too long to be looked at. */
export function sizeProblems({ input, reason }: Pick<CommandRequest, 'input' | 'reason'>): FieldProblem[] {
  const isTooLong = (JSON.stringify(input) ?? '').length + (reason?.length ?? 0) > commandLimit;
  return isTooLong ? [{ path: 'input', message: `expected at most ${commandLimit} characters, got more` }] : [];
}

const isKey = (key: string) => key.length > 0 && key.length <= 200 && storable(key) === key;

/** What is wrong with a request before anything is asked of the rules. */
export function problemsAtTheDoor(request: CommandRequest): FieldProblem[] {
  const tooLong = sizeProblems(request);
  if (tooLong.length > 0) return tooLong;
  return [
    ...(isKey(request.idempotencyKey) ? [] : [{ path: 'idempotencyKey', message: 'expected 1 to 200 characters of well-formed text' }]),
    ...unwritableText({ input: request.input, reason: request.reason }, ''),
  ].map(({ path, message }) => ({ path: path.replace(/^input\./, ''), message }));
}

/** Who sent a request that is none, if it says that much: so that its refusal can be kept. */
export function senderOf(given: Partial<CommandRequest> | null | undefined): CommandRequest | null {
  const actor = requestSchema.shape.actor.safeParse(given?.actor);
  if (!actor.success) return null;
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 100) : '');
  return {
    lifecycle: text(given?.lifecycle),
    instance: typeof given?.instance === 'string' ? given.instance.slice(0, 100) : null,
    command: text(given?.command) || 'unnamed',
    input: given?.input ?? {},
    reason: null,
    actor: actor.data,
    idempotencyKey: '',
    expectedRevision: null,
    via: given?.via ?? 'update',
  };
}

export type Answer = { ok: true; instance: string; revision: number; replayed: boolean } | { ok: false; problem: Problem };

/** The caller decided on a revision that is no longer the current one. */
export function stale({ instance, lastActor }: Locked, expectedRevision: number): Problem {
  const currentState = stateOf(instance.value);
  return {
    kind: 'Stale',
    code: 'STALE',
    currentRevision: instance.revision,
    currentState,
    changedBy: lastActor,
    changedAt: instance.at,
    details: { number: instance.number, currentRevision: instance.revision, expectedRevision, changedBy: lastActor },
  };
}

/** A reason is part of the evidence (ACT-2): there where it is required, short enough to keep, and text. */
export function reasonProblems(given: string | null, rule: Command['reason']): FieldProblem[] {
  const reason = given?.trim() ?? '';
  const problem = (message: string) => [{ path: 'reason', message }];
  if (rule === 'required' && reason === '') return problem('expected a reason, got none');
  if (reason.length > 2_000) return problem(`expected at most 2,000 characters, got ${reason.length}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(reason)) return problem('expected text without control characters');
  return [];
}

/** What is wrong with the input itself: its shape, its reason, and what the command's own check sees. */
export function fieldProblems({
  declared,
  parsed,
  request,
  question,
  instance,
}: {
  declared: Command;
  parsed: ReturnType<Command['input']['safeParse']>;
  request: Pick<CommandRequest, 'input' | 'reason'>;
  /** With the instances that an opening joins. */
  question: Question & Pick<Given, 'joined'>;
  instance: Instance | null;
}): FieldProblem[] {
  const fields: FieldProblem[] = parsed.success ? [] : parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || 'input', message: issue.message }));
  fields.push(...reasonProblems(request.reason, declared.reason));
  const unstorable = unstorablePath({ input: request.input, reason: request.reason ?? '' });
  if (unstorable !== null)
    fields.push({ path: unstorable, message: 'expected well-formed text at most 200 levels deep, got NUL, half a surrogate pair, or deeper' });
  if (fields.length > 0 || !parsed.success) return fields;
  const given = { ...question, context: instance?.context ?? {}, parties: instance?.parties ?? { buyer: '', merchant: '' }, effects: instance?.effects ?? [] };
  return declared.check?.({ ...given, input: parsed.data as never }) ?? [];
}
