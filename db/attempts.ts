import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Registry } from '../lifecycles/registry.ts';
import { isFrozen } from '../lifecycles/registry.ts';
import { endOf } from '../lifecycles/spans.ts';
import { maskedText } from './mask.ts';
import { settingsIn, versionsSql } from './settings.ts';
import { storable } from './storable.ts';
import { inTransaction } from './transaction.ts';

export type Admission =
  | {
      admitted: true;
      no: number;
      token: string;
      name: string;
      params: Record<string, unknown> /** An earlier try's outcome is unknown: ask the outside first. */;
      askFirst: boolean;
    }
  /** Not wanted any more, parked by a freeze, or already done: stop without touching the outside. */
  | { admitted: false; why: 'gone' | 'parked' | 'superseded' }
  /** Another try may still be running; its lease ends in so many ms. */
  | { admitted: false; why: 'running'; retryInMs: number };

export type EffectRef = { instance: string; lifecycle: string; key: string; generation: number; timeoutMs: number };

/** Time a worker has to store a try's outcome after the outside's own time-out. */
const graceMs = 5_000;

/**
 * Admission of one try of an effect: still wanted? frozen? done already? another try running? Numbers come from here,
 * never from Temporal; the row written is the fence against a second try beside this one.
 */
export async function beginAttempt(pool: pg.Pool, effect: EffectRef): Promise<Admission> {
  return inTransaction<Admission>(pool, async (client) => {
    // locked in a statement of its own: the next one then sees what the last holder committed, its attempt too
    await client.query({ name: 'lock of a try', text: 'select from instances where id = $1 for update', values: [effect.instance] });
    const { rows } = await client.query({
      name: 'effect to try',
      text: `select i.value, e.name, e.params, e.status, e.generation, e.attempts,
          a.outcome, extract(epoch from a.lease_until - clock_timestamp()) * 1000 as lease_ms
        from effects e join instances i on i.id = e.instance_id
        left join attempts a on a.effect = e.key and a.no = e.attempts
        where e.key = $1 for update of e`,
      values: [effect.key],
    });
    const row = rows[0];
    if (!row || row.status === 'done' || row.status === 'cancelled' || row.status === 'failed') return { admitted: false, why: 'gone' };
    if (row.status === 'parked' || (isFrozen(row.value) && row.status !== 'open')) return { admitted: false, why: 'parked' };
    if (row.generation > effect.generation) return { admitted: false, why: 'superseded' };
    const unfinished = row.outcome === 'running';
    if (unfinished && row.lease_ms > 0) return { admitted: false, why: 'running', retryInMs: Math.ceil(row.lease_ms) };
    const no = row.attempts + 1;
    const token = randomUUID();
    await client.query({
      name: 'attempt begun',
      text: `with lost as (update attempts set outcome = 'unknown', finished_at = clock_timestamp() where effect = $1 and outcome = 'running'),
          counted as (update effects set attempts = $2, tries = tries + 1, next_attempt_at = null where key = $1)
        insert into attempts (effect, no, instance_id, token, started_at, lease_until, outcome)
        select $1, $2, $3, $4, clock_timestamp(), clock_timestamp() + make_interval(secs => $5::float8 / 1000), 'running'`,
      values: [effect.key, no, effect.instance, token, effect.timeoutMs + graceMs],
    });
    return { admitted: true, no, token, name: row.name, params: row.params, askFirst: unfinished || row.outcome === 'unknown' };
  });
}

/**
 * Keeps a try that did not succeed, and says when the next is due.
 * @returns null when the policy's number of tries is used up
 */
export async function failAttempt(
  pool: pg.Pool,
  {
    effect,
    no,
    unknown,
    error,
    registry,
  }: {
    effect: EffectRef;
    no: number;
    /** True when the request may have reached the outside. */
    unknown: boolean;
    error: { code: string; message: string };
    registry: Registry;
  },
): Promise<{ nextInMs: number } | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query({
      name: 'effect that failed',
      text: `select i.version, i.context, e.name, e.tries, (extract(epoch from clock_timestamp()) * 1000)::bigint + f.clock_offset_ms as now,
          ${versionsSql} as versions
        from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family where e.key = $1 for update of e`,
      values: [effect.key],
    });
    const row = rows[0];
    const lifecycle = registry.of(effect.lifecycle, row.version);
    const retry = lifecycle.effects[row.name]?.retry;
    if (!retry) throw new Error(`expected effect ${row.name} to be declared in ${lifecycle.name}`);
    const { policiesOf, calendar } = await settingsIn(pool).at(row.versions, client);
    const policies = policiesOf(lifecycle, row.context);
    const limit = retry.attempts(policies);
    const nextAt = limit !== null && row.tries >= limit ? null : endOf(retry.every(policies), row.now, calendar);
    await client.query({
      name: 'attempt failed',
      text: `with ended as (update attempts set outcome = $3, finished_at = clock_timestamp(), error = $4::jsonb where effect = $1 and no = $2 and outcome = 'running')
        update effects set next_attempt_at = $5 where key = $1 and attempts = $2`,
      values: [
        effect.key,
        no,
        unknown ? 'unknown' : 'failed',
        JSON.stringify({ ...error, message: storable(maskedText(error.message).slice(0, 2_000)) }),
        nextAt === null ? null : new Date(nextAt).toISOString(),
      ],
    });
    return nextAt === null ? null : { nextInMs: Math.max(1, nextAt - row.now) };
  });
}
