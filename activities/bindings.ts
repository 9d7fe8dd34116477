import type pg from 'pg';
import type { Commit } from '../db/commit.ts';
import { bindingsOfReleased } from '../db/organisation/bindings.ts';
import { system } from '../lifecycles/roles.ts';

/** What a binding says that has ended otherwise meanwhile. */
const endedOtherwise = ['WRONG_STATE', 'ENDED'];

/**
 * Ends every app's binding whose service was released (ORG-4, ORD-5). Service and binding are of different families, with a clock each,
 * so each is a transaction of its own; as often as one likes, and by as many at once.
 */
export function createEndBindings({ pool, commit }: { pool: pg.Pool; commit: Pick<Commit, 'command'> }) {
  return async function endBindings(): Promise<{ ended: number }> {
    let ended = 0;
    for (const instance of await bindingsOfReleased(pool)) {
      const answer = await commit.command({
        lifecycle: 'appBinding',
        instance,
        command: 'endBinding',
        input: {},
        reason: null,
        actor: system,
        idempotencyKey: `end of ${instance}`,
        expectedRevision: null,
        via: 'keeper',
      });
      if (answer.ok && !answer.replayed) ended += 1;
      if (!answer.ok && !endedOtherwise.includes(answer.problem.code))
        throw new Error(`expected binding ${instance} to end with its service, got ${JSON.stringify(answer.problem)}`);
    }
    return { ended };
  };
}
