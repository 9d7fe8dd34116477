import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Batch, batchOf, countItems, endItem, type Item, settleItems, stateOfCall, takeItems } from '../db/callBatch/items.ts';
import type { Commit } from '../db/commit.ts';
import { messageOf } from '../lifecycles/problem.ts';
import { type Outside, OutsideRefused, OutsideUnavailable } from './outside.ts';

/** Between two looks at what became of the calls under way; milliseconds. */
const lookEveryMs = 250;

/**
 * Makes the calls of a bulk again (PRD-5): each by the command that a person would send, in that person's name and under a key of
 * its own, so that a try that died doubles nothing. What it has done stands in the items; the next try goes on there.
 */
export function createCallBatches({ pool, commit }: { pool: pg.Pool; commit: Pick<Commit, 'command'> }): { callAllAgain: Outside } {
  return {
    callAllAgain: {
      async send({ instance, params, signal }) {
        const batch = await batchOf(pool, instance);
        if (!batch) throw new OutsideRefused('NO_BATCH', `expected bulk ${instance} to exist, got none`);
        while (!signal.aborted) {
          await settleItems(pool, instance);
          const items = await takeItems(pool, instance, Number(params.perMerchant));
          for (const item of items) if (!signal.aborted) await endItem(pool, instance, { ...item, ...(await calledAgain(instance, batch, item)) });
          const { waiting = 0, sending = 0, sent = 0, ...ended } = await countItems(pool, instance);
          if (waiting + sending + sent === 0) return { succeeded: 0, failed: 0, refused: 0, alreadyRunning: 0, succeededMeanwhile: 0, ...ended };
          if (items.length === 0) await sleep(lookEveryMs);
        }
        throw new OutsideUnavailable('UNFINISHED', 'expected every call to end within one try; the next one goes on where this one stopped', {
          unknown: false,
        });
      },
    },
  };

  async function calledAgain(batch: string, { requestedBy, reason }: Batch, { no, call }: Item) {
    const answer = await commit.command({
      lifecycle: 'productionCall',
      instance: call,
      command: 'callAgain',
      input: {},
      reason,
      actor: requestedBy,
      idempotencyKey: `${batch}:${no}`,
      expectedRevision: null,
      via: 'keeper',
    });
    if (answer.ok) return { state: 'sent' as const };
    const { problem } = answer;
    if (problem.kind === 'Unavailable') throw new OutsideUnavailable('UNAVAILABLE', messageOf(problem).en, { unknown: false });
    if (problem.code === 'ENDED' && (await stateOfCall(pool, call)) === 'succeeded') return { state: 'succeededMeanwhile' as const };
    return { state: 'refused' as const, code: problem.code, message: messageOf(problem) };
  }
}
