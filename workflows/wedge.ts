import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type pg from 'pg';
import { owe } from '../db/owed.ts';
import { workflowIdOf } from './wake.ts';

/** So many failed tries of one workflow task are no passing fault: the code cannot replay this history. */
const failedTries = 3;
/** Temporal answers in this time or is asked another time; milliseconds. */
const rpcMs = 3_000;

/**
 * Looks at the workflow of an instance that did not act in time. One whose tasks keep failing is terminated, so that
 * the next wake starts it afresh from PostgreSQL; until it acts again the instance shows WEDGED.
 * @returns what was found wrong, or null
 */
export async function unwedge({
  pool,
  client,
  instance,
}: {
  pool: pg.Pool;
  client: Client;
  instance: { id: string; lifecycle: string };
}): Promise<string | null> {
  const workflowId = workflowIdOf(instance);
  const described = await client
    .withDeadline(Date.now() + rpcMs, () => client.workflow.getHandle(workflowId).describe())
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  if (described === null || described.status.name !== 'RUNNING') return null;
  const tries = described.raw.pendingWorkflowTask?.attempt ?? 0;
  if (tries < failedTries) return null;
  const found = `its workflow task failed ${tries} times; terminated and started afresh`;
  await pool.query(
    `with found as (update instances set wedged = $2, woken_seq = 0, wake_seq = wake_seq + 1 where id = $1 returning id, true as urgent) ${owe('found')}`,
    [instance.id, found],
  );
  // this very run: another process may have started it afresh meanwhile
  await client.withDeadline(Date.now() + rpcMs, () => client.workflow.getHandle(workflowId, described.runId).terminate(found));
  return found;
}
