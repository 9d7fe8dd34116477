import type pg from 'pg';
import { type Problem, refused, unavailable } from '../lifecycles/problem.ts';
import { type Actor, type Bilingual, roles } from '../lifecycles/roles.ts';
import { keepRefusalOfNothing } from './refusals.ts';
import { DatabaseUnavailable, inTransaction } from './transaction.ts';

/** What an operator's change of the installation is answered with: the version it made, or why there is none. */
export type Setting = { ok: true; version: number; replayed: boolean } | { ok: false; problem: Problem };

/** Something that operations managers set for all: one at a time, refusals kept (ACT-2). */
export type Change = {
  name: string;
  label: Bilingual;
  actor: Actor;
  input: unknown;
  work: (client: pg.PoolClient) => Promise<Setting>;
};

/** Runs one change alone among its kind. Never throws for what a caller can cause. */
export async function change(pool: pg.Pool, { name, label, actor, input, work }: Change): Promise<Setting> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query({ name: 'one change at a time', text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))', values: [`steward ${name}`] });
      const answer = mayNot(actor, label) ?? (await work(client));
      if (!answer.ok) await keepRefusalOfNothing(client, { command: name, actor, via: 'api', input, problem: answer.problem });
      return answer;
    });
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return { ok: false, problem: unavailable(error.message) };
    throw error;
  }
}

function mayNot({ role }: Actor, command: Bilingual): Setting | null {
  if (role === 'operationsManager') return null;
  return { ok: false, problem: refused('ROLE_NOT_ALLOWED', { command, expected: roles.operationsManager, role: roles[role] }) };
}

/** Someone else has changed it since the caller looked. */
export const outdated = ({ what, expected, current, by, at }: { what: Bilingual; expected: number; current: number; by: string; at: number }): Setting => ({
  ok: false,
  problem: {
    kind: 'Stale',
    code: 'STALE',
    currentRevision: current,
    currentState: 'inForce',
    changedBy: by,
    changedAt: at,
    details: { number: what, currentRevision: current, expectedRevision: expected, changedBy: by },
  },
});
