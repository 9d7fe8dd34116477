import type pg from 'pg';

/** Bindings that go on although the service that was bound is released, oldest first. */
export async function bindingsOfReleased(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'bindings of released services',
    text: `select b.id from instances b join instances s on s.id = (b.refs ->> 'serviceInstance')::uuid
      where b.lifecycle = 'appBinding' and not b.final and b.state <> 'unbinding' and s.state = 'released' order by b.created_at, b.id`,
  });
  return rows.map(({ id }) => id);
}
