import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { EffectActivity, EffectRequest } from '../activities/activities.ts';
import type { Agenda } from '../lifecycles/agenda.ts';

type Effect = Agenda['effects'][number];
type ByEffect = Record<string, EffectActivity>;

/**
 * The first try of an effect whose agenda says so, inside the workflow task: a local activity leaves one event instead of
 * six. Those that follow are an activity's, whose retries leave none. Admission is PostgreSQL's for all of them.
 * @returns the agenda that it led to, or how long to wait for the next try, in milliseconds
 */
export async function tryInTask({ name, timeoutMs }: Effect, request: EffectRequest): Promise<{ agenda: Agenda | null } | { waitMs: number }> {
  const options = { startToCloseTimeout: timeoutMs + graceMs, retry: { maximumAttempts: 1 } };
  const attempt = proxyLocalActivities<ByEffect>(options)[name] as EffectActivity;
  try {
    return { agenda: await attempt({ ...request, inTask: true }) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { waitMs: waitOf(error) };
  }
}

/** Longer than a try inside a workflow task can last; milliseconds. */
export const longestInTaskMs = 30_000;

export function tryAsActivity(effect: Effect, request: EffectRequest): Promise<Agenda | null> {
  const { name, retryEveryMs, putOffMs, taskQueue, summary } = effect;
  const attempt = proxyActivities<ByEffect>({
    startToCloseTimeout: effect.timeoutMs + graceMs,
    ...(taskQueue ? { taskQueue: `${workflowInfo().taskQueue}-${taskQueue}` } : {}),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    // a failed try names its own next delay, which Temporal cuts at the maximum; what ends without a word (a killed worker) is tried again soon
    retry: putOffMs
      ? { initialInterval: Math.min(1_000, retryEveryMs), backoffCoefficient: 1, maximumInterval: Math.max(putOffMs, retryEveryMs) }
      : { initialInterval: Math.min(1_000, retryEveryMs), backoffCoefficient: 2, maximumInterval: retryEveryMs },
    summary,
  })[name] as EffectActivity;
  return attempt(request);
}

/** A try ends by its own limit first; milliseconds. */
const graceMs = 10_000;

/** When the next try is due, as the failed one said; milliseconds. What ended without a word is tried again at once. */
function waitOf(error: unknown): number {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const said = failure instanceof ApplicationFailure ? failure.details?.[0] : undefined;
  return typeof said === 'number' ? said : 0;
}
