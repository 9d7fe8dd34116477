import type { ArmedDeadline, Incident, Instance, OpenEffect } from './instance.ts';
import type { Play } from './play.ts';

export type DeadlineChange = { what: 'armed' | 'fired' | 'cancelled' | 'frozen' | 'resumed'; deadline: ArmedDeadline };
export type EffectChange = { what: 'opened' | 'parked' | 'reopened' | 'failed' | 'done' | 'cancelled'; effect: OpenEffect };

/** What one play makes of one instance. */
export type Difference = {
  /** As it is after it. */
  instance: Instance;
  /** As it was; null for one that the play creates. */
  before: Instance | null;
  deadlines: DeadlineChange[];
  effects: EffectChange[];
  incidents: Incident[];
};

/** Everything that a play changes, instance by instance. @param family as it was before */
export function differencesOf(played: Play, family: ReadonlyMap<string, Instance>): Difference[] {
  return [...played.changed.values()].map((instance) => {
    const before = family.get(instance.id) ?? null;
    return {
      instance,
      before,
      deadlines: deadlineChanges(instance, before, played),
      effects: effectChanges(instance, before, played),
      incidents: instance.incidents.filter(({ subject }) => !before?.incidents.some((known) => known.subject === subject)),
    };
  });
}

function deadlineChanges({ id, deadlines }: Instance, before: Instance | null, { closedDeadlines }: Play): DeadlineChange[] {
  const was = new Map(before?.deadlines.map((deadline) => [deadline.key, deadline]));
  const closed = closedDeadlines.flatMap(({ instance, key, status }) => {
    const deadline = was.get(key);
    return instance === id && deadline ? [{ what: status, deadline }] : [];
  });
  const others = deadlines.flatMap((deadline): DeadlineChange[] => {
    const known = was.get(deadline.key);
    const stands = deadline.dueAt === null;
    if (!known) return [{ what: stands ? 'frozen' : 'armed', deadline }];
    return stands === (known.dueAt === null) ? [] : [{ what: stands ? 'frozen' : 'resumed', deadline }];
  });
  return [...closed, ...others];
}

const became = { open: 'reopened', parked: 'parked', failed: 'failed' } as const satisfies Record<OpenEffect['status'], EffectChange['what']>;

function effectChanges({ id, effects }: Instance, before: Instance | null, { closedEffects }: Play): EffectChange[] {
  const was = new Map(before?.effects.map((effect) => [effect.key, effect]));
  const closed = closedEffects.flatMap(({ instance, key, status }) => {
    const effect = was.get(key);
    return instance === id && effect ? [{ what: status, effect }] : [];
  });
  const others = effects.flatMap((effect): EffectChange[] => {
    const known = was.get(effect.key);
    if (!known) return [{ what: effect.status === 'parked' ? 'parked' : 'opened', effect }];
    return known.status === effect.status && known.generation === effect.generation ? [] : [{ what: became[effect.status], effect }];
  });
  return [...closed, ...others];
}
