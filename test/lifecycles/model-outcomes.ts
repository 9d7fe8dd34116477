import type { Question } from '../../lifecycles/ask.ts';
import type { Facts } from '../../lifecycles/facts.ts';
import type { Instance, OpenEffect } from '../../lifecycles/instance.ts';
import { gaveUp } from '../../lifecycles/repair.ts';
import { system } from '../../lifecycles/roles.ts';
import { type Happening, type Step, step } from '../../lifecycles/step.ts';
import type { Inside } from './drive.ts';

/** What db/outcomes.ts does with what comes back by itself: due deadlines and the outcomes of effects. */
export function outcomesOf({ world, now, of, factsFor, questionOf, store }: Inside) {
  return { fire, effectResult, effectGaveUp };

  /** @returns false when the deadline is not armed, stopped by a freeze, or not due yet */
  function fire({ instance: id, key }: { instance: string; key: string }): boolean {
    const instance = of(id);
    const armed = instance.deadlines.find((deadline) => deadline.key === key);
    if (!armed || armed.dueAt === null || armed.dueAt > now()) return false;
    const facts = factsFor(declaredOf(instance).deadlines[armed.name]?.facts ?? [], { actor: system, input: {}, instance });
    return put(instance, { kind: 'deadline', type: armed.name, input: {}, reason: null }, facts);
  }

  /** @returns false when the effect is not wanted any more, or was done before: counted once, whatever is sent twice */
  function effectResult({ instance: id, key, result }: { instance: string; key: string; result: unknown }): boolean {
    const instance = of(id);
    const effect = instance.effects.find((open) => open.key === key);
    if (!effect) return false;
    const declared = declaredOf(instance).effects[effect.name];
    const parsed = declared?.result.safeParse(result);
    if (declared && parsed?.success) return put(instance, { kind: 'effect', type: declared.succeeded, input: parsed.data, reason: null, effect });
    return incident(instance, effect, { code: 'UNREADABLE_RESULT', message: `expected the result of ${effect.name}` });
  }

  /** The declared exit of an effect that will not be tried again by itself. */
  function effectGaveUp({ instance: id, key, exit = 'exhausted' }: { instance: string; key: string; exit?: 'failed' | 'exhausted' }): boolean {
    const instance = of(id);
    const effect = instance.effects.find((open) => open.key === key && open.status !== 'failed');
    if (!effect) return false;
    const error = { code: 'GAVE_UP', message: `${exit} by the test` };
    const taken = declaredOf(instance).effects[effect.name]?.[exit] ?? 'incident';
    if (taken === 'incident') return incident(instance, effect, error);
    return put(instance, { kind: 'effect', type: taken.event, input: error, reason: null, effect });
  }

  function incident(instance: Instance, effect: OpenEffect, error: { code: string; message: string }): true {
    return stored(instance, (question) => gaveUp({ instance, effect, error, question }));
  }

  function put(instance: Instance, happening: Happening, facts: Facts = {}): true {
    return stored(instance, (question) => step({ lifecycle: declaredOf(instance), instance, happening, question }), facts);
  }

  function stored(instance: Instance, stepOf: (question: Question) => Step, facts: Facts = {}): true {
    const question = questionOf(instance, system, facts);
    store(stepOf(question), question);
    return true;
  }

  function declaredOf(instance: Instance) {
    return world.registry.of(instance.lifecycle, instance.version);
  }
}
