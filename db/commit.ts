import { invalid, notFound, unavailable } from '../lifecycles/problem.ts';
import { createCommands } from './commands.ts';
import { createOutcomes } from './outcomes.ts';
import { createQueue } from './queue.ts';
import { type Answer, type CommandRequest, requestFrom, sizeProblems } from './requests.ts';
import { storable } from './storable.ts';
import { DatabaseUnavailable } from './transaction.ts';
import { type CommitOptions, createUnit } from './unit.ts';

export type Commit = ReturnType<typeof createCommit>;

const isUuid = (id: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
const isKey = (key: string) => key.length > 0 && key.length <= 200 && storable(key) === key;

/** The one place where an instance changes: lock, check, transition, append, agenda, in one transaction. */
export function createCommit(options: CommitOptions) {
  const unit = createUnit(options);
  const commands = createCommands(unit);
  const queue = createQueue({ limit: 200 });
  return { command, ...createOutcomes(unit), registry: unit.registry };

  /**
   * A command through any door. Never throws for what a caller can cause: every problem is an answer.
   * @param aheadMs sandbox alone: how far the clock of what it opens is ahead of PostgreSQL's, if that begins a family
   */
  async function command(given: CommandRequest, { aheadMs = 0 }: { aheadMs?: number } = {}): Promise<Answer> {
    const read = requestFrom(given);
    if ('fields' in read) return { ok: false, problem: invalid(read.fields) };
    const { request } = read;
    const tooLong = sizeProblems(request);
    if (tooLong.length > 0) return { ok: false, problem: invalid(tooLong) };
    if (!isKey(request.idempotencyKey))
      return { ok: false, problem: invalid([{ path: 'idempotencyKey', message: 'expected 1 to 200 characters of well-formed text' }]) };
    if (request.instance !== null && !isUuid(request.instance)) return { ok: false, problem: notFound(storable(request.instance.slice(0, 100))) };
    try {
      if (request.instance === null) return await commands.open(request, aheadMs);
      return await queue(request.instance, () => commands.onInstance(request));
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return { ok: false, problem: unavailable(error.message) };
      throw error;
    }
  }
}
