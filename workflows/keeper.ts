import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { Answer, CommandRequest } from '../db/requests.ts';
import type { Agenda } from '../lifecycles/agenda.ts';
import { longestInTaskMs, tryAsActivity, tryInTask } from './tries.ts';

export type KeeperInput = {
  instance: string;
  agenda: Agenda;
  /** How far this workflow's clock is ahead of the family's; carried over when the workflow continues as new. */
  lagMs?: number;
  /** Events of history after which it continues as new even while effects run; a test takes fewer. */
  historyLimit?: number;
};
/** What a lifecycle's workflow returns when its instance has reached a final state. */
export type KeeperResult = { instance: string; state: string; revision: number };
/** What the workflow knows, for Temporal's own CLI and UI; the truth is in PostgreSQL. */
export type KeeperState = Agenda & { instance: string; lifecycle: string; asOfRevision: number; running: string[] };
export type UpdateRequest = Omit<CommandRequest, 'lifecycle' | 'instance' | 'via'>;

export const commandUpdate = defineUpdate<Answer, [UpdateRequest]>('command');
export const stateQuery = defineQuery<KeeperState>('state');

/** A timer is not worth setting anew for less; milliseconds. */
const toleranceMs = 250;

type Timer = { key: string; dueAt: number; fired: boolean; scope: CancellationScope };

/**
 * Keeps one instance alive: sleeps until its next deadline, runs its effects, and takes a newer agenda whenever one
 * comes. The workflow type is the lifecycle's name. It holds no business state, so new rules cannot break its replay.
 */
export default async function keeper({ instance, agenda: first, lagMs, historyLimit = 10_000 }: KeeperInput): Promise<KeeperResult> {
  const { workflowType: lifecycle, runStartTime } = workflowInfo();
  const { fire, command } = commits();
  let agenda = first;
  let lag = lagMs ?? runStartTime.getTime() - first.at;
  let changed = true;
  const clock: { timer: Timer | null } = { timer: null };
  const running = new Map<string, { generation: number; scope: CancellationScope }>();
  const ended = new Map<string, number>();
  const firing = new Set<string>();
  let triesInTask = 0;

  /**
   * A newer agenda replaces the one held. A message can only be late, so the least lag seen is the true one; after a try
   * inside a workflow task, whose clock stood still before it began, an answer seems early.
   */
  const adopt = (newer: Agenda | null, { tellsTime = true } = {}) => {
    // anyone who may write to the namespace may send any signal
    if (typeof newer?.seq !== 'number' || !Number.isFinite(newer.at) || newer.seq < agenda.seq) return;
    if (tellsTime) lag = Math.min(lag, Date.now() - newer.at);
    if (newer.seq > agenda.seq) {
      agenda = newer;
      setCurrentDetails(agenda.details);
    }
    changed = true;
  };
  setDefaultSignalHandler((_name, newer) => adopt(newer as Agenda));
  setHandler(stateQuery, () => ({ ...agenda, instance, lifecycle, asOfRevision: agenda.revision, running: [...running.keys()] }));
  setHandler(commandUpdate, (request) => command({ ...request, lifecycle, instance, via: 'update' }), {
    description: 'A command to this instance: the same commit as through the API',
    validator: (request) => {
      if (typeof request?.command !== 'string' || typeof request?.idempotencyKey !== 'string' || typeof request?.actor?.role !== 'string')
        throw new Error('expected {command, input, reason, actor: {id, role, party}, idempotencyKey, expectedRevision}');
    },
  });
  setCurrentDetails(agenda.details);

  for (;;) {
    changed = false;
    arrangeEffects();
    if (agenda.final && running.size + firing.size === 0) break;
    arrangeTimer();
    if ((running.size === 0 && workflowInfo().continueAsNewSuggested) || workflowInfo().historyLength > historyLimit) await startAfresh();
    await condition(() => changed || clock.timer?.fired === true);
    if (clock.timer?.fired) void fireDue(clock.timer);
  }
  await condition(allHandlersFinished);
  return { instance, state: agenda.state, revision: agenda.revision };

  /** A try inside a workflow task may still be under way then. */
  function isNear({ dueAt }: Agenda['deadlines'][number]): boolean {
    return dueAt + lag - Date.now() <= longestInTaskMs;
  }

  function arrangeTimer() {
    const next = agenda.deadlines
      .filter(({ key }) => !firing.has(key))
      .reduce<Agenda['deadlines'][number] | null>((soonest, one) => (!soonest || one.dueAt < soonest.dueAt ? one : soonest), null);
    const { timer } = clock;
    if (timer && !timer.fired && timer.key === next?.key && Math.abs(timer.dueAt - (next.dueAt + lag)) < toleranceMs) return;
    timer?.scope.cancel();
    clock.timer = null;
    // the try ends first, and mostly leaves other deadlines: a timer set for its while would cost two events
    if (!next || (triesInTask > 0 && !isNear(next))) return;
    const armed: Timer = { key: next.key, dueAt: next.dueAt + lag, fired: false, scope: new CancellationScope() };
    clock.timer = armed;
    const wait = armed.dueAt - Date.now();
    if (wait <= 0) armed.fired = true;
    else
      armed.scope
        .run(() => sleep(wait, { summary: next.summary }))
        .then(
          () => {
            armed.fired = true;
          },
          (error) => {
            if (!isCancellation(error)) throw error;
          },
        );
  }

  /** Beside the loop: one deadline that PostgreSQL cannot fire yet must not hold up the others, nor the effects. */
  async function fireDue({ key }: { key: string }) {
    clock.timer = null;
    firing.add(key);
    try {
      const { agenda: newer, earlyMs } = await fire({ instance, lifecycle, key, keeperNow: Date.now() - lag });
      adopt(newer);
      // PostgreSQL's clock decides; being early means that this workflow's clock runs ahead of it. By the answer's own
      // instant, not by what it says is left: the time that the answer took would make every later ask early again
      if (newer && earlyMs > 0) lag = Date.now() - newer.at;
      // what was fired is over, even if the agenda held here is newer than a restored PostgreSQL's
      if (earlyMs === 0) agenda = { ...agenda, deadlines: agenda.deadlines.filter((deadline) => deadline.key !== key) };
    } finally {
      firing.delete(key);
      changed = true;
    }
  }

  function arrangeEffects() {
    const wanted = new Map(agenda.effects.map((effect) => [effect.key, effect]));
    for (const [key, { generation, scope }] of running) {
      if (wanted.get(key)?.generation === generation) continue;
      running.delete(key);
      scope.cancel();
    }
    for (const effect of agenda.effects) {
      if (running.has(effect.key) || (ended.get(effect.key) ?? 0) >= effect.generation) continue;
      const scope = new CancellationScope();
      const own = { generation: effect.generation, scope };
      running.set(effect.key, own);
      void scope
        .run(() => runEffect(effect))
        .finally(() => {
          if (running.get(effect.key) !== own) return;
          running.delete(effect.key);
          ended.set(effect.key, effect.generation);
          changed = true;
        });
    }
  }

  async function runEffect(effect: Agenda['effects'][number]) {
    const { key, generation, timeoutMs, inTask, summary } = effect;
    const request = { instance, lifecycle, key, generation, timeoutMs };
    try {
      // a task that waits for a try lets no timer fire
      if (inTask && !agenda.deadlines.some(isNear)) {
        triesInTask += 1;
        const tried = await tryInTask(effect, request).finally(() => {
          triesInTask -= 1;
          changed = true;
        });
        if ('agenda' in tried) return adopt(tried.agenda, { tellsTime: false });
        if (tried.waitMs > 0) await sleep(tried.waitMs, { summary: `next try: ${summary}` });
      }
      adopt(await tryAsActivity(effect, request));
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }

  async function startAfresh(): Promise<never> {
    for (const { scope } of running.values()) scope.cancel();
    await condition(allHandlersFinished);
    return continueAsNew<typeof keeper>({ instance, agenda, lagMs: lag, historyLimit });
  }
}

type Commits = Pick<Activities, 'fire' | 'command'>;

/**
 * What commits in PostgreSQL: tried once inside the workflow task (a local activity: one event instead of six), and
 * when that fails as an activity, whose retries leave no history while PostgreSQL is away. Both are idempotent.
 */
function commits(): Commits {
  const once = proxyLocalActivities<Commits>({ startToCloseTimeout: '3s', retry: { maximumAttempts: 1 } });
  const patiently = proxyActivities<Commits>({
    startToCloseTimeout: '30s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  });
  return {
    fire: (deadline) => once.fire(deadline).catch(() => patiently.fire(deadline)),
    command: (request) => once.command(request).catch(() => patiently.command(request)),
  };
}
