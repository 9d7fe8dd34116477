import type pg from 'pg';
import type { Actor, Bilingual } from '../../lifecycles/roles.ts';

export type Batch = { requestedBy: Actor; reason: string | null };
export type Item = { no: number; call: string };
type Ended = { state: 'sent' | 'refused' | 'succeededMeanwhile'; code?: string; message?: Bilingual };

/** In whose name a bulk calls, and why; null when there is none. */
export async function batchOf(pool: pg.Pool, batch: string): Promise<Batch | null> {
  const { rows } = await pool.query<Batch>({
    name: 'call batch',
    text: `select i.context -> 'requestedBy' as "requestedBy", e.reason from instances i join events e on e.instance_id = i.id and e.revision = 1
      where i.id = $1 and i.lifecycle = 'callBatch'`,
    values: [batch],
  });
  return rows[0] ?? null;
}

/** Takes over what became of the calls that were made again: their first try since then, or their end without one. */
export async function settleItems(pool: pg.Pool, batch: string): Promise<void> {
  await pool.query({
    name: 'call batch settled',
    text: `with ended as (
        select t.no, case when a.outcome = 'succeeded' then 'succeeded' when a.outcome is not null then 'failed'
            when i.state = 'succeeded' then 'succeededMeanwhile' else 'refused' end as state,
          coalesce(a.record ->> 'code', a.error ->> 'code', case when i.state <> 'succeeded' then 'ENDED' end) as code,
          coalesce(a.record -> 'sentence', jsonb_build_object('zh', a.error ->> 'message', 'en', a.error ->> 'message')) as message
        from call_batch_items t join instances i on i.id = t.call
          left join lateral (select outcome, record, error from attempts a where a.instance_id = t.call and a.started_at >= t.sent_at
            order by a.started_at limit 1) a on true
        where t.batch = $1 and t.state = 'sent' and (a.outcome <> 'running' or (a.outcome is null and i.final)))
      update call_batch_items t set state = ended.state, code = ended.code, message = ended.message, ended_at = clock_timestamp()
      from ended where t.batch = $1 and t.no = ended.no`,
    values: [batch],
  });
}

/**
 * Those whose turn has come, at most so many of a merchant under way at a time; those of a try that died first. One that is being
 * called at this moment is left as it is: a second call beside it would be a double.
 */
export async function takeItems(pool: pg.Pool, batch: string, perMerchant: number): Promise<Item[]> {
  const { rows } = await pool.query<Item>({
    name: 'call batch taken',
    text: `with open as (select merchant, count(*) as many from call_batch_items where batch = $1 and state in ('sending', 'sent') group by merchant),
      placed as (select t.no, t.call, row_number() over (partition by t.merchant order by t.no) + coalesce(o.many, 0) as place
        from call_batch_items t left join open o on o.merchant is not distinct from t.merchant where t.batch = $1 and t.state = 'waiting'),
      taken as (update call_batch_items t set sent_at = clock_timestamp(),
          state = case when r.running then 'alreadyRunning' else 'sending' end, ended_at = case when r.running then clock_timestamp() end
        from placed p cross join lateral (select exists (select from attempts a where a.instance_id = p.call and a.outcome = 'running'
            and a.lease_until > clock_timestamp()) as running) r
        where t.batch = $1 and t.no = p.no and p.place <= $2 returning t.no, t.call, t.state)
      select no, call from call_batch_items where batch = $1 and state = 'sending'
      union all select no, call from taken where state = 'sending' order by no`,
    values: [batch, perMerchant],
  });
  return rows;
}

export async function endItem(pool: pg.Pool, batch: string, { no, state, code, message }: Item & Ended): Promise<void> {
  await pool.query({
    name: 'call batch item',
    text: `update call_batch_items set state = $3, code = $4, message = $5, ended_at = case when $3 <> 'sent' then clock_timestamp() end
      where batch = $1 and no = $2 and state = 'sending'`,
    values: [batch, no, state, code ?? null, message ? JSON.stringify(message) : null],
  });
}

/** How many calls are how. */
export async function countItems(pool: pg.Pool, batch: string): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: string; many: number }>({
    name: 'call batch counted',
    text: 'select state, count(*)::int as many from call_batch_items where batch = $1 group by state',
    values: [batch],
  });
  return Object.fromEntries(rows.map(({ state, many }) => [state, many]));
}

export async function stateOfCall(pool: pg.Pool, call: string): Promise<string | null> {
  const { rows } = await pool.query<{ state: string }>({ name: 'state of a call', text: 'select state from instances where id = $1', values: [call] });
  return rows[0]?.state ?? null;
}
