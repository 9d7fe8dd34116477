import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type pg from 'pg';
import { markWoken, readAgendas, type Wake } from '../db/agendas.ts';
import type { Committed } from '../db/unit.ts';
import { idleFor } from '../lifecycles/agenda.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { inLanes } from './lanes.ts';
import { createPace, createTurns } from './turns.ts';

export type WakerOptions = {
  pool: pg.Pool;
  registry: Registry;
  client: Client;
  taskQueue: string;
  onError: (error: unknown, about?: { instance: string }) => void;
  /** What is urgent is told so long after it came, with all that came with it; milliseconds. */
  everyMs?: number;
  /** What the workflow has nothing to do for yet is told after this time, with all that followed; milliseconds. */
  patientMs?: number;
  /** A workflow with nothing to do yet is started so long after its instance was created; milliseconds. */
  startMs?: number;
  /** Tests lose wakes here. */
  deliver?: (wake: Wake, send: () => Promise<void>) => Promise<void>;
};

/** One that may wait: since when it does, when it must be told at once, and whether its workflow is still to be started. By this process's clock. */
type Patient = { since: number; soonAt: number; isNew: boolean };

export type Waker = ReturnType<typeof createWaker>;

export const workflowIdOf = ({ lifecycle, id }: { lifecycle: string; id: string }) => `${lifecycle}/${id}`;

/** Temporal answers in this time or counts as away; milliseconds. */
const rpcMs = 3_000;
const batchSize = 200;
/** What has been told is marked at the latest so long after; milliseconds. Far below what a sweep waits for a wake. */
const markWithin = 50;
/** So many at a time of what may wait; between two such times is looked at what comes soon. */
const patientBatch = 16;
/** After telling some of what may wait, so many times as long as that took goes by: a Temporal that is slow is asked the less. */
const restAfter = 3;
/** Wakes under way at once: what is urgent, and what only keeps a workflow's picture current. */
const concurrency = { urgent: 24, patient: 4 };
/** Milliseconds. */
export const patience = 2_000;
/** Milliseconds. What ends sooner than this, and never has to wait for anything, needs no workflow. */
export const startPatience = 30_000;
/** A process that is woken for more instances than this in a second is busy: answering them comes before pictures. */
const busyAbove = 20;
/** What a busy process has nothing to do for yet waits longer, so that more of what follows goes with it. */
const patienceAtMost = (patientMs: number) => 5 * patientMs;
/** What is still owed then is told by any process: whoever owed it is gone, or does not get to it. */
export const lostAfter = ({ patientMs, startMs }: { patientMs: number; startMs: number }) => 30 * patientMs + startMs;

/**
 * Tells workflows of newer agendas, off the path of the command that made them: at once when there is something to do
 * (an effect, a deadline that comes soon, the end), else a little later, together with what followed meanwhile, and the
 * more slowly, the slower Temporal is. What is lost here (this process dies, Temporal is away) is found by the sweep: it is still in `owed_wakes`.
 */
export function createWaker(options: WakerOptions) {
  const {
    pool,
    registry,
    client,
    taskQueue,
    onError,
    everyMs = 250,
    patientMs = patience,
    startMs = startPatience,
    deliver = (_wake, send) => send(),
  } = options;
  const waiting = new Set<string>();
  /** Of those that wait, which are told whatever there is to do. */
  const overdue = new Set<string>();
  /** Until what they were told is marked. */
  const sending = new Set<string>();
  let told: Wake[] = [];
  const patient = new Map<string, Patient>();
  const pace = createPace();
  let reachable = true;
  let stopped = false;
  let restUntil = 0;
  let isQuick = true;
  /** Each kind is told in turns of its own, so that what is urgent does not wait for what is not. */
  const urgentTurns = createTurns(tellUrgent);
  const patientTurns = createTurns(tellRipe);
  const marks = createTurns(markTold);

  return {
    /** What this process committed. */
    hear(changed: Iterable<Pick<Committed, 'id' | 'isNew' | 'awake' | 'idleMs'>>) {
      const now = performance.now();
      for (const { id, isNew, awake, idleMs } of changed) {
        if (awake) continue;
        pace.count();
        if (idleMs === 0) waiting.add(id);
        else if (!waiting.has(id)) keepPatient(id, { since: now, soonAt: now + idleMs, isNew });
      }
      arrange();
    },
    /** Instances that nobody has told in time. */
    repeat(ids: Iterable<string>) {
      for (const id of ids) {
        waiting.add(id);
        overdue.add(id);
      }
      arrange();
    },
    /** How many are to be told at once; a sweep takes over no more than can be. */
    backlog: () => waiting.size + sending.size,
    /** Instances whose agenda changed, nobody knows how. */
    wake(ids: Iterable<string>) {
      for (const id of ids) waiting.add(id);
      arrange();
    },
    /** False while Temporal cannot be reached: commands are accepted, their effects wait. */
    isReachable: () => reachable,
    isWaiting: (id: string) => waiting.has(id) || sending.has(id) || patient.has(id),
    flush,
    /** Tells all that is still to be told. */
    async stop() {
      stopped = true;
      await Promise.all([urgentTurns.ended(), patientTurns.ended()]);
      // it may be back: the first try says
      reachable = true;
      // turns that were under way have not seen what came meanwhile
      await flush();
    },
  };

  function arrange(): void {
    if (stopped) return;
    if (waiting.size > 0) urgentTurns.within(everyMs);
    if (patient.size > 0) patientTurns.within(everyMs);
  }

  /** What is urgent, and what may wait no longer. */
  async function flush(): Promise<void> {
    await urgentTurns.now();
    await patientTurns.now();
  }

  /** It waits since it first did, and is told at the first instant that any of its agendas asked for. */
  function keepPatient(id: string, { since, soonAt, isNew }: Patient): void {
    const known = patient.get(id);
    patient.set(id, { since: Math.min(since, known?.since ?? since), soonAt: Math.min(soonAt, known?.soonAt ?? soonAt), isNew });
  }

  /** Never one that this process is telling: of two agendas under way at once the older may arrive last, and start an ended workflow again. */
  async function tellUrgent(): Promise<void> {
    const found = [...waiting].filter((id) => !sending.has(id));
    const atOnce = new Set(found.filter((id) => overdue.delete(id)));
    for (const id of found) waiting.delete(id);
    await inBatches(found, concurrency.urgent, ({ id, agenda }) => atOnce.has(id) || idleFor(agenda) === 0);
    arrange();
  }

  async function tellRipe(): Promise<void> {
    const from = performance.now();
    // all are told at once when it is stopped
    for (const [id, { soonAt }] of patient) if (soonAt <= from && !stopped) waiting.add(id);
    arrange();
    if (from < restUntil && !stopped) return;
    const waitMs = pace.perSecond() > busyAbove ? patienceAtMost(patientMs) : patientMs;
    const isRipe = ({ since, isNew }: Patient) => since <= from - (isNew ? Math.max(startMs, waitMs) : waitMs);
    const ripe = [...patient].filter(([id, one]) => !sending.has(id) && (stopped || (isRipe(one) && !waiting.has(id)))).map(([id]) => id);
    const batch = stopped ? ripe : ripe.slice(0, isQuick ? 4 * patientBatch : patientBatch);
    // another process may have told it meanwhile
    await inBatches(batch, stopped ? concurrency.urgent : concurrency.patient, ({ wokenSeq, agenda }) => wokenSeq < agenda.seq);
    const took = performance.now() - from;
    isQuick = took < everyMs;
    restUntil = from + took + restAfter * Math.min(took, rpcMs);
    arrange();
  }

  async function inBatches(ids: string[], lanes: number, isDue: (wake: Wake) => boolean): Promise<void> {
    for (const id of ids) sending.add(id);
    for (let at = 0; at < ids.length; at += batchSize) await sendBatch(ids.slice(at, at + batchSize), lanes, isDue).catch(onError);
  }

  /** Each is free for the other turn as soon as it is marked as told, or found not to be due. */
  async function sendBatch(ids: string[], lanes: number, isDue: (wake: Wake) => boolean): Promise<void> {
    const known = new Map(ids.map((id) => [id, patient.get(id)]));
    const left = new Set(ids);
    const release = (id: string) => {
      if (left.delete(id)) sending.delete(id);
    };
    for (const id of ids) patient.delete(id);
    try {
      const wakes = await readAgendas(pool, { ids, registry, onError });
      const due = new Map(wakes.filter(isDue).map((wake) => [wake.id, wake]));
      const now = performance.now();
      for (const { id, isNew, wokenSeq, agenda } of wakes)
        if (!due.has(id) && wokenSeq < agenda.seq) keepPatient(id, { since: known.get(id)?.since ?? now, soonAt: now + idleFor(agenda), isNew });
      for (const id of ids) if (!due.has(id)) release(id);
      await inLanes(due.values(), lanes, async (wake) => {
        // Temporal is away, and this process ends: what is owed is told by another
        if (stopped && !reachable) return;
        if (!(await send(wake))) return release(wake.id);
        told.push(wake);
        left.delete(wake.id);
        marks.within(markWithin);
      });
      await marks.afterThis();
    } finally {
      for (const id of ids) release(id);
    }
  }

  /** While the rest of a batch is still being told: a sweep would take a wake that is told late and not marked for lost. */
  async function markTold(): Promise<void> {
    const marked = told;
    told = [];
    const again = await markWoken(pool, marked).catch((error) => {
      onError(error);
      return [];
    });
    for (const { id } of marked) sending.delete(id);
    for (const id of again) waiting.add(id);
    arrange();
  }

  async function send(wake: Wake): Promise<boolean> {
    try {
      await deliver(wake, () => client.withDeadline(Date.now() + rpcMs, () => deliverTo(wake)));
      reachable = true;
      return true;
    } catch (error) {
      reachable = false;
      onError(error, { instance: wake.id });
      return false;
    }
  }

  /** The first agenda of an instance starts its workflow, unless it has ended by then; a later one is a signal named by what happened. */
  async function deliverTo({ id, lifecycle, name, isNew, agenda, number }: Wake): Promise<void> {
    const workflowId = workflowIdOf({ lifecycle, id });
    const start = {
      workflowId,
      taskQueue,
      args: [{ instance: id, agenda }],
      staticSummary: number,
      // so long what a killed worker had begun is nobody's; a try inside a task keeps its task by a heartbeat
      workflowTaskTimeout: '5s',
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    };
    if (agenda.final) {
      await client.workflow
        .getHandle(workflowId)
        .signal(name, agenda)
        .catch((error) => {
          // it has already ended with the state that this wake would have told it, or was never needed
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
