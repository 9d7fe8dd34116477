import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Instance, LogEntry } from '../lifecycles/instance.ts';
import { messagesOf } from '../lifecycles/notice.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { isFrozen } from '../lifecycles/registry.ts';
import { type Calendar, endOf } from '../lifecycles/spans.ts';
import { placeIn } from './lanes.ts';
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
  | { admitted: false; why: 'running'; retryInMs: number }
  /** As many of its lane are under way as may be at a time; when to ask again, before the jitter that keeps askers apart. */
  | { admitted: false; why: 'busy'; retryInMs: number };

export type EffectRef = { instance: string; lifecycle: string; key: string; generation: number; timeoutMs: number };

/** Time a worker has to store a try's outcome after the outside's own time-out. */
const graceMs = 5_000;

/** In a statement of its own: the next one then sees what the last holder committed, its attempt too. */
const lockFor = (client: pg.PoolClient, { instance }: EffectRef) =>
  client.query({ name: 'lock of a try', text: 'select from instances where id = $1 for update', values: [instance] });

/**
 * Admission of one try of an effect: still wanted? frozen? done already? another try running? Numbers come from here,
 * never from Temporal; the row written is the fence against a second try beside this one.
 */
export async function beginAttempt(pool: pg.Pool, effect: EffectRef, registry: Registry): Promise<Admission> {
  return inTransaction<Admission>(pool, async (client) => {
    await lockFor(client, effect);
    const { rows } = await client.query({
      name: 'effect to try',
      text: `select i.value, i.version, i.revision, e.name, e.params, e.status, e.generation, e.attempts, e.lane,
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
    if (row.lane) {
      const places = registry.of(effect.lifecycle, row.version).effects[row.name]?.lane?.atMost ?? 1;
      const place = await placeIn(client, { lane: row.lane, key: effect.key, places });
      if (!place.free) return { admitted: false, why: 'busy', retryInMs: place.retryInMs };
    }
    const no = row.attempts + 1;
    const token = randomUUID();
    await client.query({
      name: 'attempt begun',
      text: `with lost as (update attempts set outcome = 'unknown', finished_at = clock_timestamp() where effect = $1 and outcome = 'running'),
          counted as (update effects set attempts = $2, tries = tries + 1, next_attempt_at = null where key = $1)
        insert into attempts (effect, no, instance_id, token, revision, started_at, lease_until, outcome)
        select $1, $2, $3, $4, $6, clock_timestamp(), clock_timestamp() + make_interval(secs => $5::float8 / 1000), 'running'`,
      values: [effect.key, no, effect.instance, token, effect.timeoutMs + graceMs, row.revision],
    });
    return { admitted: true, no, token, name: row.name, params: row.params, askFirst: unfinished || row.outcome === 'unknown' };
  });
}

/** What a failed try leads to: the next, giving up, or nothing, because a later try is under way whose word counts. */
export type AfterFailure = { nextInMs: number } | 'givenUp' | 'superseded';

/**
 * Keeps a try that did not succeed, and says when the next is due, if the policy's number of tries is not used up. A
 * try that lost its lease to a later one (its worker was suspended) only leaves its record: its token is spent.
 */
export async function failAttempt(
  pool: pg.Pool,
  {
    effect,
    no,
    token,
    unknown,
    error,
    record = null,
    notBeforeMs = null,
    registry,
  }: {
    effect: EffectRef;
    no: number;
    /** The admission's. */
    token: string;
    /** True when the request may have reached the outside. */
    unknown: boolean;
    error: { code: string; message: string };
    /** What was sent and what came, as its outside recorded it. */
    record?: Record<string, unknown> | null;
    /** How long the outside asked to be left alone. */
    notBeforeMs?: number | null;
    registry: Registry;
  },
): Promise<AfterFailure> {
  return inTransaction(pool, async (client) => {
    await lockFor(client, effect);
    const { rows } = await client.query({
      name: 'effect that failed',
      text: `select i.*, e.name, e.tries, (extract(epoch from clock_timestamp()) * 1000)::bigint + f.clock_offset_ms as now,
          ${versionsSql} as versions, exists (select from attempts a where a.effect = e.key and a.no = $2 and a.token = $3 and a.outcome = 'running') as current
        from effects e join instances i on i.id = e.instance_id join families f on f.id = i.family where e.key = $1 for update of e`,
      values: [effect.key, no, token],
    });
    const row = rows[0];
    const kept = JSON.stringify({ ...error, message: storable(maskedText(error.message).slice(0, 2_000)) });
    if (!row.current) {
      await client.query('update attempts set error = $4::jsonb, record = $5::jsonb where effect = $1 and no = $2 and token = $3 and error is null', [
        effect.key,
        no,
        token,
        kept,
        record && JSON.stringify(record),
      ]);
      return 'superseded';
    }
    const lifecycle = registry.of(effect.lifecycle, row.version);
    const retry = lifecycle.effects[row.name]?.retry;
    if (!retry) throw new Error(`expected effect ${row.name} to be declared in ${lifecycle.name}`);
    const { policiesOf, calendar } = await settingsIn(pool).at(row.versions, client);
    const policies = policiesOf(lifecycle, row.context);
    const limit = retry.attempts(policies, row.context);
    const rhythmically = endOf(retry.every(policies, row.context), row.now, calendar);
    const putOff = retry.putOff ? Math.min(row.now + (notBeforeMs ?? 0), endOf(retry.putOff(policies), row.now, calendar)) : row.now;
    const nextAt = limit !== null && row.tries >= limit ? null : Math.max(rhythmically, putOff);
    await client.query({
      name: 'attempt failed',
      text: `with ended as (update attempts set outcome = $3, finished_at = clock_timestamp(), error = $4::jsonb, record = $6::jsonb where effect = $1 and no = $2 and outcome = 'running')
        update effects set next_attempt_at = $5 where key = $1 and attempts = $2`,
      values: [effect.key, no, unknown ? 'unknown' : 'failed', kept, nextAt === null ? null : new Date(nextAt).toISOString(), record && JSON.stringify(record)],
    });
    if (nextAt !== null) await tell(client, { lifecycle, row, calendar });
    return nextAt === null ? 'givenUp' : { nextInMs: Math.max(1, nextAt - row.now) };
  });
}

/** PRD-4: one message for a burst of failures; the cause is what last happened to the instance. */
// biome-ignore lint/suspicious/noExplicitAny: a row of the statement above
async function tell(client: pg.PoolClient, { lifecycle, row, calendar }: { lifecycle: Lifecycle; row: any; calendar: Calendar }): Promise<void> {
  const notices = lifecycle.effects[row.name]?.failing;
  if (!notices) return;
  const instance = { ...row, deadlines: [], effects: [], incidents: [], parties: { buyer: row.buyer, merchant: row.merchant } } as Instance;
  const event = `${row.name}Failing`;
  const entry = { type: event, revision: row.revision, at: row.now, reason: null, applied: true } as LogEntry;
  const messages = messagesOf({ lifecycle: { ...lifecycle, notices: { [event]: notices } }, instance, entry, calendar });
  for (const { to, text, topic, channels, about } of messages)
    for (const role of to)
      await client.query({
        name: 'told of a failing effect',
        text: `insert into outbox (instance_id, revision, event, to_role, to_party, topic, channels, text, about, created_at)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict on constraint one_message_per_cause do nothing`,
        values: [
          row.id,
          row.revision,
          event,
          role,
          role === 'buyer' || role === 'merchant' ? instance.parties[role] : null,
          topic,
          channels && JSON.stringify(channels),
          JSON.stringify(text),
          JSON.stringify(about),
          new Date(row.now),
        ],
      });
}
