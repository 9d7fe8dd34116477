import type pg from 'pg';
import { moveClock } from './clock.ts';
import type { Commit } from './commit.ts';
import { nudge } from './nudge.ts';
import { inTransaction } from './transaction.ts';

export type Advanced = {
  /** The family's clock now, epoch milliseconds. */
  now: number;
  /** Deadlines that fired on the way, in order. */
  fired: string[];
  /** Effects that are open: started by what fired, or due again; they run in real time. */
  effectsInFlight: number;
};

const most = 1_000;

/** Advances the clock of one family (an order with all that belongs to it). For development and tests, never production. */
export function createSandbox({ pool, commit, onNudged }: { pool: pg.Pool; commit: Commit; onNudged: (ids: string[]) => void }) {
  return { advance };

  /**
   * From due to due: each deadline on the way fires stamped with its own instant; retries that came due are tried.
   * @param byMs 0 or more
   * @returns null when there is no such instance
   */
  async function advance({ instance, byMs }: { instance: string; byMs: number }): Promise<Advanced | null> {
    const start = await clockOf(instance);
    if (!start) return null;
    const target = start.now + byMs;
    const fired: string[] = [];
    for (let count = 0; count < most; count++) {
      const next = await nextDeadline(start.family, target);
      if (!next) break;
      await moveTo(start.family, next.due);
      await commit.fire({ instance: next.id, lifecycle: next.lifecycle, key: next.key, via: 'sandbox' });
      fired.push(next.name);
    }
    await moveTo(start.family, target);
    await retryDue(start.family);
    const members = await pool.query<{ id: string }>('select id from instances where family = $1', [start.family]);
    onNudged(members.rows.map((row) => row.id));
    const { rows } = await pool.query<{ open: number }>(
      "select count(*)::int as open from effects where status = 'open' and instance_id in (select id from instances where family = $1)",
      [start.family],
    );
    return { now: (await clockOf(instance))?.now ?? target, fired, effectsInFlight: rows[0]?.open ?? 0 };
  }

  async function clockOf(instance: string): Promise<{ family: string; now: number; offsetMs: number } | null> {
    const { rows } = await pool.query(
      `select f.id as family, f.clock_offset_ms as "offsetMs", (extract(epoch from clock_timestamp()) * 1000)::bigint + f.clock_offset_ms as now
       from instances i join families f on f.id = i.family where i.id = $1`,
      [instance],
    );
    return rows[0] ?? null;
  }

  async function nextDeadline(family: string, until: number) {
    const { rows } = await pool.query<{ id: string; lifecycle: string; key: string; name: string; due: number }>(
      `select i.id, i.lifecycle, d.key, d.name, (extract(epoch from d.due_at) * 1000)::bigint as due from deadlines d join instances i on i.id = d.instance_id
       where i.family = $1 and d.status = 'armed' and d.due_at <= $2 order by d.due_at, d.key limit 1`,
      [family, new Date(until)],
    );
    return rows[0] ?? null;
  }

  async function moveTo(family: string, to: number): Promise<void> {
    await inTransaction(pool, async (client) => {
      await client.query('select from instances where family = $1 order by id for update', [family]);
      const { rows } = await client.query(
        `select clock_offset_ms as "offsetMs", (extract(epoch from clock_timestamp()) * 1000)::bigint + clock_offset_ms as now from families where id = $1 for update`,
        [family],
      );
      await moveClock(client, family, to, rows[0]);
    });
  }

  async function retryDue(family: string): Promise<void> {
    const { rows } = await pool.query<{ instance: string; keys: string[] }>(
      `select e.instance_id as instance, array_agg(e.key) as keys from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family
       where i.family = $1 and e.status = 'open' and e.next_attempt_at <= clock_timestamp() + make_interval(secs => f.clock_offset_ms / 1000.0) group by 1`,
      [family],
    );
    for (const due of rows) await nudge(pool, due);
  }
}
