import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type pg from 'pg';
import { markWoken, readAgendas, type Wake } from '../db/agendas.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Calendar } from '../lifecycles/spans.ts';

export type WakerOptions = {
  pool: pg.Pool;
  registry: Registry;
  calendar: Calendar;
  client: Client;
  taskQueue: string;
  onError: (error: unknown) => void;
  /** At most one signal per instance in this time, with the newest agenda; milliseconds. */
  everyMs?: number;
  /** Tests lose wakes here. */
  deliver?: (wake: Wake, send: () => Promise<void>) => Promise<void>;
};

export type Waker = ReturnType<typeof createWaker>;

export const workflowIdOf = ({ lifecycle, id }: { lifecycle: string; id: string }) => `${lifecycle}/${id}`;

/** Temporal answers in this time or counts as away; milliseconds. */
const rpcMs = 3_000;
const batchSize = 200;
const concurrency = 24;
/** From this many waiting on, only a new effect or an earlier deadline is worth a signal. */
const backlogFrom = 1_000;
/** So is it when the last wakes took this long to tell: Temporal does not keep up; milliseconds. */
const slowMs = 750;

/**
 * Tells workflows of newer agendas, off the path of the command that made them. What is lost here (this process dies,
 * Temporal is away) is found by the sweep: the row says that a wake is owed.
 */
export function createWaker({ pool, registry, calendar, client, taskQueue, onError, everyMs = 250, deliver = (_wake, send) => send() }: WakerOptions) {
  const waiting = new Set<string>();
  const sending = new Set<string>();
  /** What could wait while Temporal was behind: told when nothing else is, so that a workflow does not show the past for good. */
  const postponed = new Set<string>();
  let later: NodeJS.Timeout | null = null;
  let reachable = true;
  let isSlow = false;
  let flushing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  return {
    /** Instances whose agenda changed. */
    wake(ids: Iterable<string>) {
      for (const id of ids) waiting.add(id);
      if (!stopped && waiting.size > 0) timer ??= setTimeout(() => void flush(), everyMs);
    },
    /** False while Temporal cannot be reached: commands are accepted, their effects wait. */
    isReachable: () => reachable,
    isWaiting: (id: string) => waiting.has(id) || sending.has(id),
    waiting: () => waiting.size,
    flush,
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      if (later) clearTimeout(later);
      await flush();
    },
  };

  async function flush(): Promise<void> {
    flushing ??= drain().finally(() => {
      flushing = null;
      timer = null;
      if (!stopped && waiting.size > 0) timer = setTimeout(() => void flush(), everyMs);
      if (!stopped && postponed.size > 0) later ??= setTimeout(takeUp, slowMs);
    });
    return flushing;
  }

  function takeUp(): void {
    later = null;
    if (waiting.size === 0) for (const id of [...postponed].slice(0, batchSize)) waiting.add(id);
    timer ??= setTimeout(() => void flush(), everyMs);
  }

  async function drain(): Promise<void> {
    const isBacklog = waiting.size > backlogFrom || isSlow;
    const began = performance.now();
    const all = [...waiting];
    waiting.clear();
    for (const id of all) sending.add(id);
    for (let at = 0; at < all.length; at += batchSize) {
      const batch = all.slice(at, at + batchSize);
      await sendBatch(batch, isBacklog);
      for (const id of batch) sending.delete(id);
    }
    isSlow = performance.now() - began > slowMs;
  }

  async function sendBatch(ids: string[], isBacklog: boolean): Promise<void> {
    try {
      const wakes = await readAgendas(pool, { ids, registry, calendar, onError });
      const urgent = wakes.filter((wake) => !isBacklog || isUrgent(wake));
      const patient = wakes.filter((wake) => isBacklog && !isUrgent(wake));
      for (const { id } of urgent) postponed.delete(id);
      for (const { id } of patient) postponed.add(id);
      const sent: Wake[] = [];
      const queue = urgent.values();
      await Promise.all(
        Array.from({ length: Math.min(concurrency, urgent.length) }, async () => {
          for (const wake of queue) if (await send(wake)) sent.push(wake);
        }),
      );
      await markWoken(
        pool,
        [...sent.map((wake) => ({ ...wake, armedUntil: firstDue(wake.agenda) })), ...patient].map(({ id, agenda, armedUntil }) => ({
          id,
          seq: agenda.seq,
          armedUntil,
        })),
      );
    } catch (error) {
      onError(error);
    }
  }

  async function send(wake: Wake): Promise<boolean> {
    try {
      await deliver(wake, () => client.withDeadline(Date.now() + rpcMs, () => deliverTo(wake)));
      reachable = true;
      return true;
    } catch (error) {
      reachable = false;
      onError(error);
      return false;
    }
  }

  /** The first agenda of an instance starts its workflow; a later one is a signal named by what happened. */
  async function deliverTo({ id, lifecycle, name, isNew, agenda, number }: Wake): Promise<void> {
    const workflowId = workflowIdOf({ lifecycle, id });
    const start = {
      workflowId,
      taskQueue,
      args: [{ instance: id, agenda }],
      staticSummary: number,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    };
    if (agenda.final && !isNew) {
      await client.workflow
        .getHandle(workflowId)
        .signal(name, agenda)
        .catch((error) => {
          // it has already ended with the state that this wake would have told it
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
      return;
    }
    if (isNew) {
      try {
        await client.workflow.start(lifecycle, start);
        return;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    }
    await client.workflow.signalWithStart(lifecycle, { ...start, signal: name, signalArgs: [agenda] });
  }
}

const firstDue = (agenda: Wake['agenda']): number | null =>
  agenda.deadlines.reduce<number | null>((first, { dueAt }) => (first === null || dueAt < first ? dueAt : first), null);

function isUrgent({ isNew, agenda, armedUntil }: Wake): boolean {
  const due = firstDue(agenda);
  // a timer that has fired holds nothing any more
  const armed = armedUntil !== null && armedUntil > agenda.at ? armedUntil : null;
  return isNew || agenda.final || agenda.effects.length > 0 || (due !== null && (armed === null || due < armed));
}
