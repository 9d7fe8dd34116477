import { ApplicationFailure } from '@temporalio/common';
import type pg from 'pg';
import { beginAttempt, type EffectRef, failAttempt } from '../db/attempts.ts';
import type { Commit } from '../db/commit.ts';
import { DatabaseUnavailable, unavailability } from '../db/transaction.ts';
import type { Agenda } from '../lifecycles/agenda.ts';
import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/** One try of one effect, admitted and ended by PostgreSQL. Its retries are Temporal's and leave no history. */
export function effectActivity({
  commit,
  pool,
  outside,
  onBug,
}: {
  commit: Commit;
  pool: pg.Pool;
  outside: Outside;
  onBug: (error: unknown, effect: EffectRef) => void;
}) {
  /** PostgreSQL away is no failed try of the outside: asked again soon, not in the effect's own rhythm. */
  return async function admitted(effect: EffectRef): Promise<Agenda | null> {
    try {
      return await attempt(effect);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw again('DATABASE_UNAVAILABLE', error.message, 2_000);
      throw error;
    }
  };

  async function attempt(effect: EffectRef): Promise<Agenda | null> {
    const admission = await beginAttempt(pool, effect, commit.registry);
    if (!admission.admitted) {
      if (admission.why === 'busy') throw again('LANE_BUSY', 'as many calls to this system as may be are under way', admission.retryInMs * (1 + Math.random()));
      if (admission.why === 'running') throw again('ATTEMPT_RUNNING', 'another try may still be running', Math.min(1_000, admission.retryInMs));
      return commit.agenda(effect.instance);
    }
    let record: Record<string, unknown> | null = null;
    const sending: Sending = {
      instance: effect.instance,
      params: admission.params,
      idempotencyKey: effect.key,
      signal: AbortSignal.timeout(effect.timeoutMs),
      record: (what) => {
        record = what;
      },
    };
    let result: Record<string, unknown>;
    try {
      result = await within(effect.timeoutMs + patienceMs, answerOf(outside, { ...sending, askFirst: admission.askFirst }));
    } catch (error) {
      // an outside that asks PostgreSQL has met no bug when that is away or busy: tried again in the effect's rhythm. What it
      // said itself stands: its network has PostgreSQL's codes
      const away = error instanceof OutsideUnavailable || error instanceof OutsideRefused ? null : unavailability(error);
      return ended(effect, admission, away ? new OutsideUnavailable('DATABASE_UNAVAILABLE', away.message, { unknown: true }) : error, { record });
    }
    try {
      return await commit.effectSucceeded({ ...effect, no: admission.no, result, record });
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      // the outside has done it, but a rule of ours threw: an incident, and a retry asks first
      return ended(effect, admission, error, { unknown: true, record });
    }
  }

  async function ended(
    effect: EffectRef,
    { no, token }: { no: number; token: string },
    error: unknown,
    { unknown = false, record = null }: { unknown?: boolean; record?: Record<string, unknown> | null } = {},
  ): Promise<Agenda | null> {
    const away = error instanceof OutsideUnavailable;
    const known = away || error instanceof OutsideRefused;
    const described = known
      ? { code: error.code, message: error.message }
      : { code: 'BUG', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    const next = await failAttempt(pool, {
      effect,
      no,
      token,
      // a bug may have struck after the request was sent
      unknown: unknown || !known || (away && error.unknown),
      error: described,
      record,
      notBeforeMs: away ? error.notBeforeMs : null,
      registry: commit.registry,
    });
    if (!known) onBug(error, effect);
    if (next === 'superseded') return commit.agenda(effect.instance);
    if (away && next !== 'givenUp') throw again(described.code, described.message, next.nextInMs);
    return commit.effectGaveUp({ ...effect, exit: away ? 'exhausted' : known ? 'failed' : 'bug', error: described });
  }
}

/** After a try's own time-out: an outside that ignores it must hold neither the effect nor the worker's stop. */
const patienceMs = 2_000;

const answerOf = async (outside: Outside, { askFirst, ...sending }: Sending & { askFirst: boolean }) =>
  (askFirst && outside.ask ? await outside.ask(sending) : null) ?? (await outside.send(sending));

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutsideUnavailable('TIMEOUT', `expected an answer within ${ms} ms, got none`, { unknown: true })), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The delay once for Temporal, which keeps it to itself, and once for a keeper that waits on its own. */
const again = (type: string, message: string, nextRetryDelay: number) =>
  ApplicationFailure.create({ type, message, nextRetryDelay, details: [nextRetryDelay] });
