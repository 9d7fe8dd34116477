import type { Lifecycle, StateLabel } from './declaration.ts';
import type { Instance } from './instance.ts';
import { activeStates, stateOf } from './registry.ts';
import type { Role } from './roles.ts';

type Held = Pick<Instance, 'value' | 'context'>;

/**
 * The state that says who must act (SUP-11): the main region's, unless an active state of another region takes over,
 * as an appeal does, or the evidence that its decision awaits.
 */
export function actingState({ states }: Pick<Lifecycle, 'states'>, value: Instance['value']): string {
  const over = (state: string) => states[state]?.takesOver ?? 0;
  return activeStates(value).reduce((found, state) => (over(state) > over(found) ? state : found), stateOf(value));
}

/** Who must act now (SUP-11). */
export function waitsForOf(lifecycle: Pick<Lifecycle, 'states'>, { value, context }: Held): readonly Role[] {
  const state: StateLabel | undefined = lifecycle.states[actingState(lifecycle, value)];
  return state?.whom?.(context) ?? state?.waitsFor ?? [];
}
