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
    const failed: string[] = [];
    for (const instance of await bindingsOfReleased(pool)) {
      const request = {
        lifecycle: 'appBinding',
        instance,
        command: 'endBinding',
        input: {},
        reason: null,
        actor: system,
        expectedRevision: null,
        via: 'keeper',
      } as const;
      const answer = await commit.command({ ...request, idempotencyKey: `end of ${instance}` }).catch((error: Error) => error);
      if (answer instanceof Error) failed.push(`${instance}: ${answer.message}`);
      else if (answer.ok) ended += answer.replayed ? 0 : 1;
      else if (!endedOtherwise.includes(answer.problem.code)) failed.push(`${instance}: ${JSON.stringify(answer.problem)}`);
    }
    // one that cannot end holds up no other
    if (failed.length > 0) throw new Error(`expected bindings to end with their services, got ${failed.join('; ')}`);
    return { ended };
  };
}
