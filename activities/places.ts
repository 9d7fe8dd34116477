import { ApplicationFailure } from '@temporalio/common';
import type { EffectActivity } from './activities.ts';

/** How long an outside that was slow is tried in activities of its own; milliseconds. */
const forMs = 60_000;

export type Places = ReturnType<typeof createPlaces>;

/**
 * Which effects may be tried inside a workflow task, in one process: a slow outside must not hold up the deadlines of others.
 * @param atMost tries that hold a workflow task at a time; a worker has 40 places for tasks
 * @param slowMs an outside that took longer is tried in activities for a minute
 */
export function createPlaces({ atMost = 8, slowMs = 1_000, now = () => performance.now() }: { atMost?: number; slowMs?: number; now?: () => number } = {}) {
  let taken = 0;
  const slowUntil = new Map<string, number>();
  return {
    now,
    /** @returns false when the try is to be made elsewhere */
    take(name: string): boolean {
      if (taken >= atMost || (slowUntil.get(name) ?? 0) > now()) return false;
      taken += 1;
      return true;
    },
    giveBack() {
      taken -= 1;
    },
    took(name: string, ms: number) {
      if (ms > slowMs) slowUntil.set(name, now() + forMs);
    },
  };
}

/** An effect's activity that refuses to be tried inside a workflow task while its outside is slow; the keeper then schedules it. */
export function whereQuick(attempt: EffectActivity, { name, places }: { name: string; places: Places }): EffectActivity {
  return async ({ inTask, ...effect }) => {
    if (inTask && !places.take(name))
      throw ApplicationFailure.create({ type: 'NOT_IN_TASK', message: `${name} is tried as an activity of its own`, details: [0] });
    const began = places.now();
    try {
      return await attempt(effect);
    } finally {
      places.took(name, places.now() - began);
      if (inTask) places.giveBack();
    }
  };
}
