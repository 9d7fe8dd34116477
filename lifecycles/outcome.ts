import type { Question } from './ask.ts';
import type { Lifecycle } from './declaration.ts';
import type { Instance, OpenEffect } from './instance.ts';
import { gaveUp } from './repair.ts';
import { type Step, step } from './step.ts';

type Of = { lifecycle: Lifecycle; instance: Instance; question: Question };

/** An armed deadline has come (TIM-2). Whether it is due is for whoever knows the clock. */
export function deadlinePassed({ name, ...rest }: Of & { name: string }): Step {
  return step({ ...rest, happening: { kind: 'deadline', type: name, input: {}, reason: null } });
}

/**
 * The outside has done what an open effect asked; a result that its schema does not take is an incident.
 * @param shown the result as the incident may show it
 */
export function effectDone({ effect, result, shown = result, ...rest }: Of & { effect: OpenEffect; result: unknown; shown?: unknown }): Step {
  const declared = rest.lifecycle.effects[effect.name];
  const parsed = declared?.result.safeParse(result);
  if (declared && parsed?.success)
    return step({ ...rest, happening: { kind: 'effect', type: declared.succeeded, input: parsed.data as Record<string, unknown>, reason: null, effect } });
  const got = JSON.stringify(shown)?.slice(0, 200).toWellFormed() ?? 'nothing';
  return gaveUp({ ...rest, effect, error: { code: 'UNREADABLE_RESULT', message: `expected the result of ${effect.name}, got ${got}` } });
}
