import type { OpenEffect } from '../lifecycles/instance.ts';
import type { Play } from '../lifecycles/play.ts';
import type { Loaded } from './load.ts';
import type { InstanceRow } from './read/instances.ts';

/** Told of an instance as a command left it, once that is committed. */
export type OnLeft = (row: InstanceRow) => void;

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
    // which lane an effect waits in, only its table says
    instance: { ...instance, effects: instance.effects.map(({ lane: _, ...effect }) => effect) },
    createdAt: before?.createdAt ?? instance.at,
    now: Math.max(loaded.now, instance.at),
    wedged: before?.wedged ?? null,
    tries: Object.fromEntries(instance.effects.map(({ key }) => [key, { tries: 0, nextAttemptAt: null }])),
    settings: loaded.settings,
  };
}
