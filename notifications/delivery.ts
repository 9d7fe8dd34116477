import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { batchSize, type Claimed, claim, dispatch, type Outcome, type Patience, type RoleAddress, settle, somethingDue } from '../db/deliveries.ts';
import type { Channel } from '../lifecycles/topics.ts';
import { render } from './template.ts';
import { type Transport, Undeliverable, Unreachable } from './transport.ts';

export type DeliveryOptions = {
  pool: pg.Pool;
  transports: readonly Transport[];
  roleAddresses?: readonly RoleAddress[];
  /** The console's address for links; null: messages have none. */
  baseUrl?: string | null;
  patience?: Partial<Patience>;
  /** How long a claimed batch is this process's alone. A process that dies leaves it to the others after that. */
  leaseMs?: number;
  onError: (error: unknown) => void;
  everyMs?: number;
};

const writeTries = 10;

type Tried = Pick<Outcome, 'outcome' | 'detail'> & { error?: unknown };

const usualPatience: Patience = { firstRetryMs: 2_000, longestRetryMs: 3_600_000, giveUpMs: 72 * 3_600_000 };

/**
 * Delivers messages in batches, at least once each: several processes share the work, none sends what another holds.
 * A slow channel holds up only itself.
 */
export function startDelivery({
  pool,
  transports,
  roleAddresses = [],
  baseUrl = null,
  patience: given = {},
  leaseMs = 120_000,
  onError,
  everyMs = 1_000,
}: DeliveryOptions) {
  const patience = { ...usualPatience, ...given };
  const sending = new Map<Channel, Promise<void>>();
  const stopping = new AbortController();
  const running = run();

  return {
    /** Finishes the messages under way; what was claimed besides is given back. */
    async stop(): Promise<void> {
      stopping.abort();
      await running;
      await Promise.all(sending.values());
      for (const transport of transports) transport.close();
    },
  };

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isFull = await look().catch((error) => onError(error));
      if (!isFull) await sleep(everyMs, null, { signal: stopping.signal }).catch(() => {});
    }
  }

  /** @returns true when there is likely more to be done at once */
  async function look(): Promise<boolean> {
    const free = transports.filter(({ channel }) => !sending.has(channel));
    const channels = free.map(({ channel }) => channel);
    const due = await somethingDue(pool, channels);
    const made = due.messages ? await dispatch(pool, roleAddresses) : 0;
    if (!due.deliveries && made === 0) return false;
    const until = performance.now() + leaseMs;
    const claimed = await claim(pool, { channels, leaseMs, giveUpMs: patience.giveUpMs });
    for (const transport of free) {
      const batch = claimed.filter(({ channel }) => channel === transport.channel);
      if (batch.length === 0) continue;
      const sent = sendAll(transport, batch, until).catch(onError);
      sending.set(
        transport.channel,
        sent.then(() => void sending.delete(transport.channel)),
      );
    }
    return made === batchSize || (claimed.length === batchSize && sending.size < transports.length);
  }

  /** Sends a batch over the transport's few connections, and keeps what came of each as soon as it is known. */
  async function sendAll(transport: Transport, batch: readonly Claimed[], until: number): Promise<void> {
    const ledger = createLedger();
    const waiting = [...batch];
    let unreachable: Error | undefined;
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { id, attempt } = next;
        // a try begins only if it ends while the claim is ours: later, another process may be sending it
        const isLate = performance.now() + transport.timeoutMs > until;
        if (isLate || unreachable || stopping.signal.aborted) {
          void ledger.keep({ id, attempt, outcome: 'kept', detail: null });
          continue;
        }
        const { outcome, detail, error } = next.stale ? tooLate() : await send(transport, next);
        if (error instanceof Unreachable) unreachable ??= error;
        // marked before the next one is begun: a process that dies leaves one unmarked on each connection at most
        await ledger.keep({ id, attempt, outcome, detail });
      }
    };
    await Promise.all(Array.from({ length: transport.concurrency }, lane));
    await ledger.close();
    if (unreachable) onError(unreachable);
  }

  function tooLate(): Tried {
    return { outcome: 'failed', detail: `not sent within ${Math.round(patience.giveUpMs / 3_600_000)} hours` };
  }

  async function send(transport: Transport, claimed: Claimed): Promise<Tried> {
    try {
      const message = {
        ...render(claimed, claimed.language, baseUrl),
        key: `${claimed.instance}.${claimed.revision}.${claimed.id}`,
        thread: claimed.orderNumber,
        to: claimed.address,
        language: claimed.language,
      };
      const answer = await withinTime(transport.timeoutMs, (signal) => transport.send(message, signal));
      return { outcome: transport.outcome, detail: answer?.slice(0, 500) ?? null };
    } catch (error) {
      const detail = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      return { outcome: error instanceof Undeliverable ? 'refused' : 'failed', detail, error };
    }
  }

  /** Outcomes as they come, written one statement after another, each with all that came meanwhile. */
  function createLedger() {
    const unwritten: Outcome[] = [];
    let writing = Promise.resolve();
    return {
      /** Resolves once it is written, or cannot be. */
      keep(outcome: Outcome): Promise<void> {
        unwritten.push(outcome);
        writing = writing.then(() => write(unwritten.splice(0)));
        return writing;
      },
      close: () => writing,
    };
  }

  /** What is not kept is sent again, so PostgreSQL gets a while to come back. */
  async function write(outcomes: readonly Outcome[]): Promise<void> {
    for (let left = outcomes.length === 0 ? 0 : writeTries; left > 0; left--) {
      try {
        return await settle(pool, outcomes, patience);
      } catch (error) {
        onError(error);
        await sleep(1_000);
      }
    }
  }
}

/** The work with a hard end, whatever the other side does. */
async function withinTime<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = new Error(`expected an answer within ${ms} ms, got none`);
  const timer = setTimeout(() => end.abort(late), ms);
  const ended = new Promise<never>((_, reject) => end.signal.addEventListener('abort', () => reject(late)));
  try {
    return await Promise.race([work(end.signal), ended]);
  } finally {
    clearTimeout(timer);
  }
}
