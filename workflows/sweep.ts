import type pg from 'pg';
import type { Commit } from '../db/commit.ts';
import { nudge } from '../db/nudge.ts';
import { inLanes } from './lanes.ts';
import { lostAfter, patience, startPatience, type Waker } from './wake.ts';

export type Repair = { what: 'wake' | 'deadline' | 'effect' | 'workflow'; instance: string; detail: string };

export type SweepOptions = {
  pool: pg.Pool;
  commit: Commit;
  waker: Pick<Waker, 'wake' | 'repeat' | 'backlog' | 'isWaiting' | 'isReachable'>;
  /** Looks why a workflow did not act (wedge.ts); says what it mended. */
  unwedge: (instance: { id: string; lifecycle: string }) => Promise<string | null>;
  /** Each repair is said: in a healthy installation there is none. */
  onRepair: (repair: Repair) => void;
  onError: (error: unknown, about?: { instance: string; key?: string }) => void;
  everyMs?: number;
  /** The waker's, both. */
  patientMs?: number;
  startMs?: number;
};

/** Overdue means that the workflow should have acted this long ago; milliseconds. */
const lateMs = 3_000;
/** An effect has rhythms and leases of its own, so that only one that nobody tries for so long is looked after; seconds. */
const untriedSeconds = 30;
const limit = 200;
/** Deadlines fired at a time. */
const fires = 12;
/** Deadlines looked for at a time: each process takes these in an order of its own, so they are few, and the longest due come first. */
const firesFound = 4 * fires;
/** Workflows looked at in one sweep. */
const looks = 10;

type Idle = { id: string; lifecycle: string };

/**
 * Finds what nobody came for: wakes owed by a process that died, deadlines and effects that are overdue because
 * Temporal or its workers are away. Runs in every API and worker process; one bad row never stops a batch.
 */
export function startSweep({ pool, commit, waker, unwedge, onRepair, onError, everyMs = 500, patientMs = patience, startMs = startPatience }: SweepOptions) {
  /** What could not be repaired, and when it is tried again: it must not take the places of the others. */
  const failing = new Map<string, { again: number; afterMs: number }>();
  let looking: Promise<void> | null = null;
  /** Instances of a version that only newer processes know are theirs. */
  const known = commit.registry.all.map(({ name, version }) => `${name}@${version}`);
  let stopped = false;
  let current: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, everyMs);

  return {
    sweep,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
      await looking;
    },
  };

  function tick() {
    current = sweep().catch(onError);
    void current.then(() => {
      // jitter keeps the sweeps of many processes apart
      if (!stopped) timer = setTimeout(tick, everyMs * (0.75 + Math.random() / 2));
    });
  }

  async function sweep(): Promise<void> {
    await owedWakes();
    const idle = [...(await allOverdueDeadlines()), ...(await overdueEffects())];
    // beside the sweep: a Temporal that does not answer must not hold up what covers for it
    looking ??= lookAt(idle.slice(0, looks)).finally(() => {
      looking = null;
    });
  }

  async function lookAt(idle: Idle[]): Promise<void> {
    for (const instance of idle) if (waker.isReachable()) await look(instance);
  }

  async function look(instance: Idle) {
    await unwedge(instance).then(
      (found) => {
        if (!found) return;
        onRepair({ what: 'workflow', instance: instance.id, detail: found });
        waker.repeat([instance.id]);
      },
      (error: unknown) => onError(error, { instance: instance.id }),
    );
  }

  function rest(key: string) {
    const afterMs = Math.min(2 * (failing.get(key)?.afterMs ?? 5_000), 600_000);
    failing.set(key, { again: performance.now() + afterMs, afterMs });
  }

  function resting(): string[] {
    return [...failing].filter(([, { again }]) => again > performance.now()).map(([key]) => key);
  }

  /**
   * Owed for that long: whoever owed it is gone, or does not get to it. Sooner, a busy process's own wakes would be sent twice.
   * What is found here is this process's for as long again, and no more than it can tell.
   */
  async function owedWakes() {
    const { rows } = await pool.query<{ id: string; seq: number }>({
      name: 'sweep wakes',
      // whose it is, is asked one by one: a plan made while the tables were empty would join all instances for hours
      text: `with lost as (select o.instance_id from owed_wakes o
          where o.since < statement_timestamp() - make_interval(secs => $2) and (o.urgent or o.since < statement_timestamp() - make_interval(secs => $3))
            and (select i.lifecycle || '@' || i.version from instances i where i.id = o.instance_id) = any($4)
          order by not o.urgent, o.since limit $1 for update of o skip locked)
        update owed_wakes o set since = clock_timestamp() from lost join instances i on i.id = lost.instance_id
          where o.instance_id = lost.instance_id returning i.id, i.wake_seq as seq`,
      values: [Math.max(0, limit - waker.backlog()), lateMs / 1_000, (lateMs + lostAfter({ patientMs, startMs })) / 1_000, known],
    });
    for (const { id, seq } of rows) if (!waker.isWaiting(id)) onRepair({ what: 'wake', instance: id, detail: `wake ${seq} was not delivered` });
    waker.repeat(rows.map((row) => row.id));
  }

  async function allOverdueDeadlines(): Promise<Idle[]> {
    const all: Idle[] = [];
    for (;;) {
      const found = await overdueDeadlines();
      all.push(...found);
      if (stopped || found.length < firesFound || all.length >= limit) return all;
    }
  }

  async function overdueDeadlines(): Promise<Idle[]> {
    const { rows } = await pool.query<{ id: string; lifecycle: string; key: string; late: number }>({
      name: 'sweep deadlines',
      text: `select d.instance_id as id, i.lifecycle, d.key, extract(epoch from clock_timestamp() - d.due_real)::float8 as late
        from deadlines d join instances i on i.id = d.instance_id
        where d.status = 'armed' and d.due_real < clock_timestamp() - make_interval(secs => $1) and i.lifecycle || '@' || i.version = any($3)
          and not d.instance_id || ' ' || d.key = any($4) order by d.due_real limit $2`,
      values: [lateMs / 1_000, firesFound, known, resting()],
    });
    // other processes sweep, too: in an order of one's own, not all come to the same one at once
    const mine = rows.map((row) => ({ row, at: Math.random() })).sort((one, other) => one.at - other.at);
    await inLanes(mine, fires, ({ row: { id, lifecycle, key, late } }) =>
      commit.fire({ instance: id, lifecycle, key, via: 'sweep' }).then(
        ({ fired }) => {
          failing.delete(`${id} ${key}`);
          if (fired) onRepair({ what: 'deadline', instance: id, detail: `${key} was ${late.toFixed(1)} s late` });
        },
        (error: unknown) => {
          rest(`${id} ${key}`);
          onError(error, { instance: id, key });
        },
      ),
    );
    return rows;
  }

  async function overdueEffects(): Promise<Idle[]> {
    const { rows } = await pool.query<{ id: string; lifecycle: string; key: string }>({
      name: 'sweep effects',
      text: `select i.id, i.lifecycle, e.key from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family
        where e.status = 'open' and coalesce(e.next_attempt_at - make_interval(secs => f.clock_offset_ms / 1000.0), e.opened_real) < clock_timestamp() - make_interval(secs => ${untriedSeconds})
          and coalesce(e.nudged_at < clock_timestamp() - interval '60 seconds', true)
          and not exists (select from attempts a where a.effect = e.key and a.outcome = 'running' and a.lease_until > clock_timestamp())
          and i.lifecycle || '@' || i.version = any($2) order by e.opened_real limit $1`,
      values: [limit, known],
    });
    for (const { id, key } of rows) {
      await nudge(pool, { instance: id, keys: [key] }).then(
        () => {
          onRepair({ what: 'effect', instance: id, detail: `${key} was overdue and is tried again` });
          waker.wake([id]);
        },
        (error: unknown) => onError(error, { instance: id, key }),
      );
    }
    return rows;
  }
}
