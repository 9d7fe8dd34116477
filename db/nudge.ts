import type pg from 'pg';
import { owe } from './owed.ts';
import { inTransaction } from './transaction.ts';

/**
 * Has effects tried at once: a new generation in the agenda, and a wake owed. No business event: nothing of the
 * instance's state changes, so neither does its revision.
 */
export async function nudge(pool: pg.Pool, { instance, keys }: { instance: string; keys: readonly string[] }): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('select from instances where id = $1 for update', [instance]);
    await client.query(
      "update effects set generation = generation + 1, next_attempt_at = null, nudged_at = clock_timestamp() where instance_id = $1 and key = any($2) and status = 'open'",
      [instance, keys],
    );
    await client.query(`with nudged as (update instances set wake_seq = wake_seq + 1 where id = $1 returning id, true as urgent) ${owe('nudged')}`, [instance]);
  });
}
