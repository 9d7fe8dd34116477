import pg from 'pg';
import { owe } from './owed.ts';

/** In the order in which commands lock, a thousand at a time, so that commands go on meanwhile. */
const batchSql = `with batch as (
    select id from instances i where id > $1
      and (not final or exists (select from effects e where e.instance_id = i.id and e.status in ('open', 'parked')))
    order by id limit 1000 for update),
  again as (update effects set generation = generation + 1, next_attempt_at = null where status = 'open' and instance_id in (select id from batch)),
  rearmed as (update instances i set woken_seq = 0, wake_seq = wake_seq + 1 from batch where i.id = batch.id returning i.id, true as urgent)
  ${owe('rearmed')} returning instance_id as id`;

/**
 * Owes every live instance a wake, as if its workflow had never been started: the sweep of any running worker or API
 * then rebuilds them all from PostgreSQL. For a Temporal that lost its database.
 * @returns how many instances are re-armed
 */
export async function rearm(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let count = 0;
    for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
      const { rows } = await client.query<{ id: string }>(batchSql, [last]);
      if (rows.length === 0) return count;
      count += rows.length;
      last =
        rows
          .map((row) => row.id)
          .sort()
          .at(-1) ?? last;
    }
  } finally {
    await client.end();
  }
}
