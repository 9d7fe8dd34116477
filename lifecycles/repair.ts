import type { Question } from './ask.ts';
import type { Incident, Instance, OpenEffect } from './instance.ts';
import { type Happening, note, type Step } from './step.ts';

/** A retry by hand: a new generation runs at once, and the incident about it is closed. */
export function retried({ instance, happening, question }: { instance: Instance; happening: Happening; question: Question }): Step {
  const key = happening.input.effect;
  return note({
    instance,
    happening,
    question,
    change: {
      effects: instance.effects.map((effect) => (effect.key === key ? { ...effect, status: 'open', generation: effect.generation + 1 } : effect)),
      incidents: instance.incidents.filter((incident) => incident.subject !== key),
    },
  });
}

/** An effect that will not be tried again by itself: an operator sees an incident and can retry. */
export function gaveUp({
  instance,
  effect,
  error,
  question,
}: {
  instance: Instance;
  effect: OpenEffect;
  error: { code: string; message: string };
  question: Question;
}): Step {
  const incident: Incident = { subject: effect.key, name: effect.name, code: error.code, message: error.message.slice(0, 500), openedAt: question.now };
  return note({
    instance,
    happening: { kind: 'core', type: 'effectGaveUp', input: { effect: effect.key, error }, reason: null },
    question,
    change: {
      effects: instance.effects.map((other) => (other.key === effect.key ? { ...other, status: 'failed' } : other)),
      incidents: [...instance.incidents.filter((known) => known.subject !== effect.key), incident],
    },
  });
}
