import type pg from 'pg';

/** Moves a family's clock forward to `to`, and its deadlines' places on PostgreSQL's own clock with it. */
export async function moveClock(client: pg.PoolClient, family: string, to: number, loaded: { now: number; offsetMs: number }): Promise<void> {
  const by = Math.ceil(to - loaded.now);
  if (by <= 0) return;
  // commands under way have read the old clock: they come first
  await client.query('select from instances where family = $1 order by id for update', [family]);
  await client.query('update families set clock_offset_ms = clock_offset_ms + $2 where id = $1', [family, by]);
  await client.query(
    "update deadlines set due_real = due_real - make_interval(secs => $2::float8 / 1000) where status = 'armed' and instance_id in (select id from instances where family = $1)",
    [family, by],
  );
  loaded.now += by;
  loaded.offsetMs += by;
}
