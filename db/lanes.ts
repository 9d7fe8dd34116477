import type pg from 'pg';

/** A place for a try, or when to ask for one again, milliseconds. */
export type Place = { free: true } | { free: false; retryInMs: number };

/** Asks of one waiting try are at least so far apart, and at most; milliseconds, before the jitter. */
const leastMs = 500;
const mostMs = 15_000;
/** A place is asked about at most so often, milliseconds, and after a fourth of the time that it has been taken. */
const placeMs = 50;
const shareOfHeld = 1 / 4;
/** More than so many waiting change nothing any more: they are not counted. */
const countedMost = 2_000;

/**
 * When a try that found its lane full asks again: the more wait, the more rarely each does, so that they ask about as often
 * together until each asks every 15 s; and the longer the places are held, the more rarely all do: a merchant that hangs
 * is not asked about like one that answers at once.
 * @param heldMs how long the place that was taken last is held, milliseconds
 */
export const askAgainIn = ({ waiting, places, heldMs }: { waiting: number; places: number; heldMs: number }): number =>
  Math.round(Math.min(mostMs, Math.max(leastMs, (waiting / places) * Math.max(placeMs, heldMs * shareOfHeld))));

/**
 * Whether a lane has a place for one more try, asked inside the transaction that takes it. One without is marked as
 * looked after, so that the sweep, which finds what nobody tries, leaves it alone.
 */
export async function placeIn(client: pg.PoolClient, { lane, key, places }: { lane: string; key: string; places: number }): Promise<Place> {
  // one at a time counts, so that two do not both take the last place
  await client.query({ name: 'one in a lane', text: 'select pg_advisory_xact_lock(hashtextextended($1, 1))', values: [lane] });
  const { rows } = await client.query<{ running: number; heldMs: number | null }>({
    name: 'tries in a lane',
    text: `select count(*)::int as running, (extract(epoch from clock_timestamp() - max(a.started_at)) * 1000)::float8 as "heldMs"
      from effects e join attempts a on a.effect = e.key and a.no = e.attempts
      where e.lane = $1 and e.status = 'open' and e.key <> $2 and a.outcome = 'running' and a.lease_until > clock_timestamp()`,
    values: [lane, key],
  });
  const { running = 0, heldMs } = rows[0] ?? {};
  if (running < places) return { free: true };
  const { rows: counted } = await client.query<{ open: number }>({
    name: 'waiting in a lane',
    text: `with asked as (update effects set nudged_at = clock_timestamp() where key = $2)
      select count(*)::int as open from (select from effects where lane = $1 and status = 'open'
        and (next_attempt_at is null or next_attempt_at <= clock_timestamp()) limit $3) waiting_and_running`,
    values: [lane, key, countedMost],
  });
  return { free: false, retryInMs: askAgainIn({ waiting: Math.max(1, (counted[0]?.open ?? 0) - running), places, heldMs: heldMs ?? 0 }) };
}
