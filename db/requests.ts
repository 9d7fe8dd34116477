import { z } from 'zod';
import type { Question } from '../lifecycles/ask.ts';
import { forms } from '../lifecycles/codes/fields.ts';
import type { Command, Given } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { expectedField, type FieldProblem, type Problem, wrongField } from '../lifecycles/problem.ts';
import { stateOf } from '../lifecycles/registry.ts';
import { type Actor, roleNames } from '../lifecycles/roles.ts';
import type { Locked } from './load.ts';
import type { Via } from './save.ts';
import { shapeProblems } from './shapes.ts';
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
  const { success, data } = requestSchema.safeParse(given);
  return success ? { request: data } : { fields: shapeProblems(requestSchema, given, 'request') };
}

const more = { zh: '更多', en: 'more' };

/** Of input and reason together, as JSON. */
const commandLimit = 64 * 1024;

/** What is too long to be looked at. */
export function sizeProblems({ input, reason }: Pick<CommandRequest, 'input' | 'reason'>): FieldProblem[] {
  const isTooLong = (JSON.stringify(input) ?? '').length + (reason?.length ?? 0) > commandLimit;
  return isTooLong ? [expectedField('input', { zh: `不超过 ${commandLimit} 个字符`, en: `at most ${commandLimit} characters` }, more)] : [];
}

const isKey = (key: string) => key.length > 0 && key.length <= 200 && storable(key) === key;

/** What is wrong with a request before anything is asked of the rules. */
export function problemsAtTheDoor(request: CommandRequest): FieldProblem[] {
  const tooLong = sizeProblems(request);
  if (tooLong.length > 0) return tooLong;
  return [
    ...(isKey(request.idempotencyKey) ? [] : [wrongField('idempotencyKey', forms.idempotencyKey)]),
    ...unwritableText({ input: request.input, reason: request.reason }, ''),
  ].map(({ path, text }) => wrongField(path.replace(/^input\./, ''), text));
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
export function stale({ instance, lastActor }: Pick<Locked, 'instance' | 'lastActor'>, expectedRevision: number): Problem {
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
  if (rule === 'required' && reason === '') return [expectedField('reason', { zh: '原因', en: 'a reason' })];
  if (reason.length > 2_000) return [expectedField('reason', { zh: '不超过 2,000 个字符', en: 'at most 2,000 characters' }, reason.length)];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(reason)) return [wrongField('reason', forms.plainText)];
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
  const fields = parsed.success ? [] : shapeProblems(declared.input, request.input, 'input');
  fields.push(...reasonProblems(request.reason, declared.reason));
  const unstorable = unstorablePath({ input: request.input, reason: request.reason ?? '' });
  if (unstorable !== null) fields.push(wrongField(unstorable, forms.storable));
  if (fields.length > 0 || !parsed.success) return fields;
  const given = { ...question, context: instance?.context ?? {}, parties: instance?.parties ?? { buyer: '', merchant: '' }, effects: instance?.effects ?? [] };
  return declared.check?.({ ...given, input: parsed.data as never }) ?? [];
}
