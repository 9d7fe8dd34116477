import type pg from 'pg';
import { buildLines, now, owedBills } from '../db/bills.ts';
import type { Commit } from '../db/commit.ts';
import { system } from '../lifecycles/roles.ts';
import { type PartyKind, partyKindNames } from '../lifecycles/settlement/receivers.ts';
import { type Outside, OutsideRefused, OutsideUnavailable } from './outside.ts';

/** The lines of a bill are put together in PostgreSQL; a try that died is gone on with, so there is nothing to ask first (BIL-2). */
export const createBillBuilder = ({ pool }: { pool: pg.Pool }): { buildLines: Outside } => ({
  buildLines: {
    send: async ({ instance: bill, signal }) => {
      const totals = await buildLines(pool, bill, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        throw new OutsideUnavailable('UNFINISHED', 'expected the bill to be built within one try; the next one goes on where this one stopped', {
          unknown: false,
        });
      });
      if (!totals) throw new OutsideRefused('NO_BILL', `expected bill ${bill} to exist, got none`);
      return totals;
    },
  },
});

/**
 * Opens every bill that is due and not there (BIL-1). As often as one likes, and by as many at once: each is opened once.
 * PostgreSQL's clock says what is due; a sandbox may say another instant, at which its bills begin.
 */
export function createBilling({ pool, commit, sandbox }: { pool: pg.Pool; commit: Pick<Commit, 'command'>; sandbox: boolean }) {
  return async function openBills({ partyKind, at }: { partyKind: PartyKind; at?: number }): Promise<{ opened: number }> {
    let opened = 0;
    const aheadMs = sandbox && at !== undefined ? Math.max(0, at - (await now(pool))) : 0;
    for (const owed of await owedBills(pool, partyKind, sandbox ? at : undefined)) {
      const request = {
        lifecycle: 'settlementBill',
        instance: null,
        command: 'openBill',
        input: owed,
        reason: null,
        actor: system,
        idempotencyKey: [owed.partyKind, owed.party, owed.period, owed.currency].join(':'),
        expectedRevision: null,
        via: 'keeper',
      } as const;
      const answer = await commit.command(request, { aheadMs });
      if (answer.ok && !answer.replayed) opened += 1;
      if (!answer.ok && answer.problem.code !== 'BILL_EXISTS')
        throw new Error(`expected the bill of ${owed.party} for ${owed.period} to be opened, got ${JSON.stringify(answer.problem)}`);
    }
    return { opened };
  };
}

/** Sandbox alone: what all schedules of settlement would do at that instant (epoch milliseconds). */
export function createMakeBills(parts: { pool: pg.Pool; commit: Pick<Commit, 'command'> }) {
  const openBills = createBilling({ ...parts, sandbox: true });
  return async (at: number): Promise<{ opened: number }> => {
    let opened = 0;
    for (const partyKind of partyKindNames) opened += (await openBills({ partyKind, at })).opened;
    return { opened };
  };
}
