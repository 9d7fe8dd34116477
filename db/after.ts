import type { OpenEffect } from '../lifecycles/instance.ts';
import type { Play } from '../lifecycles/play.ts';
import type { Loaded } from './load.ts';
import type { InstanceRow } from './read/instances.ts';

/** Hears of an instance as a command left it, once that is committed. */
export type Hear = (row: InstanceRow) => void;

const byInstant =
  <T>(instantOf: (item: T) => number, keyOf: (item: T) => string) =>
  (one: T, other: T) =>
    instantOf(one) - instantOf(other) || (keyOf(one) < keyOf(other) ? -1 : 1);

/**
 * An instance as a play left it, as who reads it from the tables gets it: so that a command's answer is read from
 * nowhere. Null while an effect of before goes on: how often it was tried, only the tables say.
 */
export function rowAfter({ loaded, play, id }: { loaded: Loaded; play: Play; id: string }): InstanceRow | null {
  const instance = play.changed.get(id);
  const before = loaded.family.get(id);
  const wasThere = ({ key, generation }: OpenEffect) => before?.instance.effects.some((one) => one.key === key && one.generation === generation);
  if (!instance || instance.effects.some(wasThere)) return null;
  return {
    instance: {
      ...instance,
      deadlines: instance.deadlines.toSorted(
        byInstant(
          ({ armedAt }) => armedAt,
          ({ key }) => key,
        ),
      ),
      // which lane it waits in, only its table says
      effects: instance.effects
        .toSorted(
          byInstant(
            ({ openedAt }) => openedAt,
            ({ key }) => key,
          ),
        )
        .map(({ lane: _, ...effect }) => effect),
    },
    createdAt: before?.createdAt ?? instance.at,
    now: Math.max(loaded.now, instance.at),
    wedged: before?.wedged ?? null,
    tries: Object.fromEntries(instance.effects.map(({ key }) => [key, { tries: 0, nextAttemptAt: null }])),
    settings: loaded.settings,
  };
}
