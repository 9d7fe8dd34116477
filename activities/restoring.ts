import type pg from 'pg';
import { waitsForAccount } from '../db/accounts.ts';
import type { Commit } from '../db/commit.ts';
import { system } from '../lifecycles/roles.ts';
import { type Outside, OutsideUnavailable } from './outside.ts';

/** What a service says when there is nothing to restore: settled or gone meanwhile, or the account ran out again. */
const settledOtherwise = ['NOT_IN_ARREARS', 'IN_ARREARS', 'ENDED'];

/**
 * MET-2: brings back the services that waited for their buyer's account. Each is of another family than the account, with a
 * clock of its own, so each is a transaction of its own, which looks at the balance again.
 */
export function createRestoring({ pool, commit }: { pool: pg.Pool; commit: Pick<Commit, 'command'> }): { restoreServices: Outside } {
  return {
    restoreServices: {
      async send({ params: { buyer, currency }, idempotencyKey, signal }) {
        const { rows } = await pool.query<{ id: string; revision: number }>(
          `select s.id, s.revision from instances s where ${waitsForAccount} order by s.created_at, s.id`,
          [buyer, currency],
        );
        let restored = 0;
        for (const { id, revision } of rows) {
          if (signal.aborted)
            throw new OutsideUnavailable('UNFINISHED', 'expected every service to be restored within one try; the next one goes on', { unknown: false });
          const answer = await commit.command({
            lifecycle: 'serviceInstance',
            instance: id,
            command: 'settleArrears',
            input: {},
            reason: null,
            actor: system,
            // of this arrears: the same service may owe again while the account still restores
            idempotencyKey: `${idempotencyKey} ${id} ${revision}`,
            expectedRevision: null,
            via: 'keeper',
          });
          if (answer.ok) restored += 1;
          else if (!settledOtherwise.includes(answer.problem.code))
            throw new OutsideUnavailable(answer.problem.code, `expected service ${id} to be restored, got ${answer.problem.code}`, { unknown: false });
        }
        return { restored };
      },
    },
  };
}
