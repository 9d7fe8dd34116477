import type { InstanceRow } from '../db/read/instances.ts';
import type { CommandRequest } from '../db/requests.ts';
import { expectedField, notFound } from '../lifecycles/problem.ts';
import { maySee } from '../lifecycles/roles.ts';
import type { Context } from './context.ts';
import { fromId } from './ids.ts';
import type { ShownProblem } from './problem.ts';
import { createReads } from './reads.ts';

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

/** No instance has it. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** Puts a caller's command to commit. Never throws for what a caller can cause. */
export async function send({ lifecycle, command, id, input, given }: Sent, context: Context): Promise<Result> {
  const { actor, core, reads } = context;
  const undecided = expectedField('expectedRevision', {
    zh: '您据以决定的版本号（null 表示不检查）',
    en: 'the revision that you decided on, or null to opt out of the check',
  });
  const wrong = id !== null && !('expectedRevision' in given) ? [undecided] : [];
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
  let after: InstanceRow | undefined;
  const onLeft = (row: InstanceRow) => {
    after = row;
  };
  const answer = await core.commit.command(request, { wrong, onLeft });
  if (answer.ok) {
    // what is read from here on is as the command left it; no row-level security stands behind this row: `maySee` alone says who may see it
    context.reads = createReads(reads.reader);
    if (after && maySee(actor, after.instance.parties, after.instance.lifecycle)) context.reads.instances.prime(answer.instance, after);
    return { kind: 'Done', instance: answer.instance, revision: answer.revision, replayed: answer.replayed };
  }
  if (answer.problem.kind === 'NotFound') return notFound(id ?? '');
  return instance === null ? answer.problem : { ...answer.problem, about: instance };
}
