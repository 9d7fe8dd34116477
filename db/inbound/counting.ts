import type pg from 'pg';
import { messageOf } from '../../lifecycles/problem.ts';
import type { Registry } from '../../lifecycles/registry.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import type { Commit } from '../commit.ts';
import { inTransaction } from '../transaction.ts';

/** A record that its instance has not counted. Instants are ISO text in UTC. */
type Waiting = { id: number; instance: string; meteringId: string; usage: string; from: string; until: string; old: boolean };
/** What came of one: the revision that counted it, or why the rules refused it. Null: not now. */
type Outcome = { revision: number } | { code: string; message: { zh: string; en: string } } | null;

const actor: Actor = { id: 'usage', role: 'system', party: null };
const atOnce = 200;
const instancesAtOnce = 4;

/**
 * Brings usage records to their instances as `recordUsage` (MET-1, MET-2): those of one instance in the order in which
 * they came, each exactly once. One process of an installation does it at a time.
 */
export function createCounting({ pool, commit }: { pool: pg.Pool; commit: Pick<Commit, 'command'> }) {
  return { run };

  /**
   * Counts all that waits. An instance that cannot count now, or fails, does not hold up the others.
   * @returns how many records were counted or refused by the rules @throws what failed, after the others are done
   */
  async function run(): Promise<number> {
    const lock = await pool.connect();
    let broken: Error | undefined;
    try {
      const { rows } = await lock.query<{ ours: boolean }>("select pg_try_advisory_lock(hashtext('usage counting')) as ours");
      if (!rows[0]?.ours) return 0;
      try {
        return await all();
      } finally {
        await lock.query("select pg_advisory_unlock(hashtext('usage counting'))");
      }
    } catch (error) {
      // whatever it was, a connection that is closed leaves no lock behind
      broken = error as Error;
      throw error;
    } finally {
      lock.release(broken);
    }
  }

  async function all(): Promise<number> {
    const stuck = new Set<string>();
    const errors: unknown[] = [];
    let done = 0;
    const take = async (queues: Waiting[][]) => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        const [instance = ''] = queue.map((record) => record.instance);
        const counted = await inOrder(queue, errors);
        if (counted < queue.length) stuck.add(instance);
        done += counted;
      }
    };
    for (let hasMore = true; hasMore; ) {
      const waiting = await next(stuck);
      const queues = [...Map.groupBy(waiting, ({ instance }) => instance).values()];
      await Promise.all(Array.from({ length: instancesAtOnce }, () => take(queues)));
      hasMore = waiting.length === atOnce;
    }
    if (errors.length > 0) throw errors[0];
    return done;
  }

  async function next(stuck: Set<string>): Promise<Waiting[]> {
    const { rows } = await pool.query<Waiting>({
      name: 'usage waiting',
      text: `select r.id, r.instance_id as instance, r.metering_id as "meteringId", r.usage::text as usage,
          to_char(r.begin_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from, to_char(r.end_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
          r.received_at < clock_timestamp() - interval '6 days' as old
        from usage_waiting w join usage_records r on r.id = w.record_id where r.instance_id <> all($1::uuid[]) order by w.record_id limit ${atOnce}`,
      values: [[...stuck]],
    });
    return rows;
  }

  /** @returns how many were done; those behind one that is not wait with it */
  async function inOrder(queue: readonly Waiting[], errors: unknown[]): Promise<number> {
    let done = 0;
    try {
      for (const record of queue) {
        const outcome = await count(record);
        if (!outcome) return done;
        await settle(record, outcome);
        done += 1;
      }
    } catch (error) {
      errors.push(error);
    }
    return done;
  }

  async function count(record: Waiting): Promise<Outcome> {
    const { id, instance, meteringId, from, until } = record;
    const idempotencyKey = `usage record ${id}`;
    // keys are forgotten after eight days, the log is not
    const before = record.old ? await countedBefore(instance, idempotencyKey) : null;
    if (before !== null) return { revision: before };
    const answer = await commit.command({
      lifecycle: 'serviceInstance',
      instance,
      command: 'recordUsage',
      input: { meteringId, from, until, usage: shortest(record.usage) },
      reason: null,
      actor,
      idempotencyKey,
      expectedRevision: null,
      via: 'api',
    });
    if (answer.ok) return { revision: answer.revision };
    const { problem } = answer;
    if (problem.kind === 'Unavailable' || problem.kind === 'Stale') return null;
    return { code: problem.code, message: messageOf(problem) };
  }

  async function countedBefore(instance: string, key: string): Promise<number | null> {
    const { rows } = await pool.query<{ revision: number }>('select revision from events where instance_id = $1 and idempotency_key = $2', [instance, key]);
    return rows[0]?.revision ?? null;
  }

  async function settle({ id }: Waiting, outcome: NonNullable<Outcome>): Promise<void> {
    const refused = 'code' in outcome ? outcome : null;
    await inTransaction(pool, async (client) => {
      await client.query({
        name: 'settle usage',
        text: 'insert into usage_counted (record_id, revision, code, message) values ($1, $2, $3, $4) on conflict do nothing',
        values: [id, 'revision' in outcome ? outcome.revision : null, refused?.code ?? null, refused && JSON.stringify(refused.message)],
      });
      await client.query({ name: 'usage no longer waits', text: 'delete from usage_waiting where record_id = $1', values: [id] });
    });
  }
}

/** "12.5000" → "12.5", as people write it. */
const shortest = (usage: string) => usage.replace(/\.?0+$/, '');

/** Counts on every nudge and every `everyMs`, one run after the other. An error is told, and the next run tries again. */
export function startCounting({
  everyMs = 5_000,
  onError,
  registry,
  ...parts
}: Parameters<typeof createCounting>[0] & { registry: Registry; everyMs?: number; onError: (error: unknown) => void }) {
  const { run } = createCounting(parts);
  const takesUsage = registry.current.some(({ name, commands }) => name === 'serviceInstance' && 'recordUsage' in commands);
  let running: Promise<unknown> | null = null;
  let again = false;
  const nudge = () => {
    if (!takesUsage) return;
    again = true;
    running ??= (async () => {
      while (again) {
        again = false;
        await run().catch(onError);
      }
      running = null;
    })();
  };
  const timer = setInterval(nudge, everyMs);
  return {
    nudge,
    async stop() {
      clearInterval(timer);
      again = false;
      await running;
    },
  };
}
