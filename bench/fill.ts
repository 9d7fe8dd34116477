import type pg from 'pg';

/** Fills up to so many orders by SQL: every tenth waits for payment with its deadline, the others are completed. */
export async function fill(pool: pg.Pool, size: number): Promise<void> {
  const client = await pool.connect();
  try {
    // foreign keys are kept by how the rows are made
    await client.query("set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '256MB'");
    const { rows } = await client.query<{ count: number }>('select count(*)::int as count from instances');
    const from = rows[0]?.count ?? 0;
    const indexes = await client.query<{ name: string; definition: string }>(
      "select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename in ('instances', 'deadlines') and indexname not like '%_pk%' and indexname not like '%_unique'",
    );
    for (const { name } of indexes.rows) await client.query(`drop index ${name}`);
    await client.query('create temp table filled as select n, gen_random_uuid() as id, n % 10 = 0 as open from generate_series($1::int + 1, $2::int) n', [
      from,
      size,
    ]);
    await client.query('insert into families (id) select id from filled');
    await client.query(`insert into instances (id, lifecycle, version, number, family, refs, buyer, merchant, created_at, state, frozen, final, value, context,
        recorded, revision, last_event_at, last_actor, head, wake_seq, woken_seq, wake_name)
      select id, 'order', 1, 'OR-2025-' || lpad(n::text, 8, '0'), id, '{}', 'buyer-' || n % 500, 'merchant-' || n % 50, now() - n * interval '10 seconds',
        s.state, false, not open, to_jsonb(s.state), jsonb_build_object('product', 'saas-activated', 'productName', '协同办公 SaaS', 'accessType', 'SaaS',
          'tradeMode', 'general', 'supervised', true, 'scenario', 'none', 'quantity', 1, 'period', null, 'amount', 120000, 'currency', 'CNY', 'placedAt', 0,
          'paidAt', null, 'paymentMeans', null, 'paymentReference', null, 'completedAt', null, 'validFrom', null, 'validUntil', null),
        '[]', 1, now() - n * interval '10 seconds', 'bench', repeat('0', 64), 1, 1, 'placeOrder'
      from filled, lateral (select case when open then 'pendingPayment' else 'completed' end as state) s`);
    await client.query(`insert into deadlines (instance_id, key, name, status, armed_at, due_at, due_real, closed_at)
      select id, '1:unpaidTooLong', 'unpaidTooLong', case when open then 'armed' else 'cancelled' end, now(), now() + interval '1 day' + n * interval '1 second',
        case when open then now() + interval '1 day' + n * interval '1 second' end, case when open then null else now() end from filled`);
    for (const { definition } of indexes.rows) await client.query(definition);
    await client.query('drop table filled');
    await client.query('vacuum analyze instances, deadlines, families');
    // a million rows are not written out beside what is measured next
    await client.query('checkpoint');
  } finally {
    client.release(true);
  }
}
