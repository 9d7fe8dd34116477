import type { CommandRequest } from '../db/requests.ts';
import { invalid, notFound } from '../lifecycles/problem.ts';
import type { Context } from './context.ts';
import { fromId } from './ids.ts';
import type { ShownProblem } from './problem.ts';

/** What a command is answered with once it is done. */
export type Done = { kind: 'Done'; instance: string; revision: number; replayed: boolean };
export type Result = Done | ShownProblem;

type Sent = {
  lifecycle: string;
  command: string;
  /** The id as the caller gave it; null for a command that opens an instance. */
  id: string | null;
  input: Record<string, unknown>;
  given: { reason?: string | null; expectedRevision?: number | null; idempotencyKey: string };
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Text that PostgreSQL cannot keep, or that a person cannot see, by path. */
export function unwritableText(value: unknown, path: string): { path: string; message: string }[] {
  if (typeof value === 'string')
    return unwritable.test(value) || !value.isWellFormed() ? [{ path, message: 'expected text without control characters and with whole characters' }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => unwritableText(item, path === '' ? key : `${path}.${key}`));
}

/** No instance has it. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** Puts a caller's command to commit. Never throws for what a caller can cause. */
export async function send({ lifecycle, command, id, input, given }: Sent, { actor, core, reads }: Context): Promise<Result> {
  if (id !== null && !('expectedRevision' in given))
    return invalid([{ path: 'expectedRevision', message: 'expected the revision that you decided on, or null to opt out of the check; got nothing' }]);
  const fields = unwritableText(input, '');
  if (fields.length > 0) return invalid(fields);

  // an id that is none of ours is asked for like an unknown one, so that the refusal is kept
  const named = fromId(id ?? '');
  const instance = id === null ? null : named?.lifecycle === lifecycle ? named.uuid : nobody;
  const request: CommandRequest = {
    lifecycle,
    instance,
    command,
    input,
    reason: given.reason ?? null,
    actor,
    idempotencyKey: given.idempotencyKey,
    expectedRevision: given.expectedRevision ?? null,
    via: 'api',
  };
  const answer = await core.commit.command(request);
  if (answer.ok) {
    reads.instances.clear(answer.instance);
    return { kind: 'Done', instance: answer.instance, revision: answer.revision, replayed: answer.replayed };
  }
  if (answer.problem.kind === 'NotFound') return notFound(id ?? '');
  return instance === null ? answer.problem : { ...answer.problem, about: instance };
}
