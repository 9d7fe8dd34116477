import { type FieldProblem, invalid, type Problem, unavailable } from '../lifecycles/problem.ts';
import type { OnLeft } from './after.ts';
import { createCommands } from './commands.ts';
import { createOutcomes } from './outcomes.ts';
import { createQueue } from './queue.ts';
import { type Answer, type CommandRequest, problemsAtTheDoor, requestFrom, senderOf } from './requests.ts';
import { DatabaseUnavailable } from './transaction.ts';
import { type CommitOptions, createUnit } from './unit.ts';

export type Commit = ReturnType<typeof createCommit>;

/** Marked in what is kept: the rules were not asked, so that they do not explain it. */
const refusedAtTheDoor = (fields: FieldProblem[]): Problem => {
  const problem = invalid(fields);
  return { ...problem, details: { ...problem.details, door: 1 } } as Problem;
};

/** The one place where an instance changes: lock, check, transition, append, agenda, in one transaction. */
export function createCommit(options: CommitOptions) {
  const unit = createUnit(options);
  const commands = createCommands(unit);
  const queue = createQueue({ limit: 200 });
  return { command, ...createOutcomes(unit), registry: unit.registry };

  /**
   * A command through any door. Never throws for what a caller can cause: every problem is an answer, and every
   * refusal of a sender who is known is kept (ACT-2).
   * @param aheadMs sandbox alone: how far the clock of what it opens is ahead of PostgreSQL's, if that begins a family
   * @param wrong what the door itself finds wrong with the request
   * @param onLeft told of the instance as the command left it, unless it was done before or goes on with what the tables alone know
   */
  async function command(
    given: CommandRequest,
    { aheadMs = 0, wrong = [], onLeft }: { aheadMs?: number; wrong?: FieldProblem[]; onLeft?: OnLeft } = {},
  ): Promise<Answer> {
    const read = requestFrom(given);
    const request = 'fields' in read ? senderOf(given) : read.request;
    const fields = 'fields' in read ? read.fields : [...wrong, ...problemsAtTheDoor(read.request)];
    const problem = fields.length > 0 ? refusedAtTheDoor(fields) : null;
    if (!request) return { ok: false, problem: problem ?? invalid([]) };
    try {
      if (request.instance === null) return await commands.open(request, { aheadMs, problem, onLeft });
      return await queue(request.instance, () => commands.onInstance(request, { problem, onLeft }));
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return { ok: false, problem: unavailable(error.message) };
      throw error;
    }
  }
}
