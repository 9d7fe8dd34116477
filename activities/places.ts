import { ApplicationFailure } from '@temporalio/common';
import type { EffectActivity } from './activities.ts';

/** How long an outside that was slow is tried in activities of its own; milliseconds. */
const forMs = 60_000;

/** An effect's activity as it is, but that it refuses a workflow task where it might hold one for long; the keeper then schedules it. */
export type Places = (name: string, attempt: EffectActivity) => EffectActivity;

/**
 * Which effects may be tried inside a workflow task, in one process: a slow outside must not hold up the deadlines of others.
 * @param atMost tries that hold a workflow task at a time; a worker has 40 places for tasks
 * @param slowMs an outside that took longer is tried in activities for a minute
 */
export function createPlaces({
  atMost = 8,
  slowMs = 1_000,
  now = () => performance.now(),
}: {
  atMost?: number;
  slowMs?: number;
  now?: () => number;
} = {}): Places {
  let taken = 0;
  return (name, attempt) => {
    let slowUntil = 0;
    return async ({ inTask, ...effect }) => {
      const began = now();
      if (inTask && (taken >= atMost || slowUntil > began))
        throw ApplicationFailure.create({ type: 'NOT_IN_TASK', message: `${name} is tried as an activity of its own`, details: [0] });
      if (inTask) taken += 1;
      try {
        return await attempt(effect);
      } finally {
        if (inTask) taken -= 1;
        if (now() - began > slowMs) slowUntil = now() + forMs;
      }
    };
  };
}
