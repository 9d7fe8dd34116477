import type pg from 'pg';
import type { Commit } from '../db/commit.ts';
import { system } from '../lifecycles/roles.ts';
import { type Outside, OutsideUnavailable } from './outside.ts';

/** PRD-6: tells a product of a call of its that was tried to its end. Another family, so another transaction; the call's id counts once. */
export function createCallFailures({ pool, commit }: { pool: pg.Pool; commit: Pick<Commit, 'command'> }): { reportFailure: Outside } {
  return {
    reportFailure: {
      async send({ params, idempotencyKey }) {
        const { product, ...call } = params;
        const { rows } = await pool.query<{ id: string }>("select instance_id as id from subjects where lifecycle = 'product' and subject = $1", [product]);
        const [life] = rows;
        if (!life) return { counted: false };
        const answer = await commit.command({
          lifecycle: 'product',
          instance: life.id,
          command: 'recordExhaustedCall',
          input: call,
          reason: null,
          actor: system,
          idempotencyKey,
          expectedRevision: null,
          via: 'keeper',
        });
        if (answer.ok) return { counted: true };
        // what is retired counts nothing any more
        if (answer.problem.code === 'ENDED') return { counted: false };
        throw new OutsideUnavailable(answer.problem.code, `expected product ${product} to take the failure, got ${answer.problem.code}`, { unknown: false });
      },
    },
  };
}
