import type { Given, Lifecycle } from './declaration.ts';
import type { OpenEffect, StateValue } from './instance.ts';
import { activeStates, isFrozen } from './registry.ts';

export type ClosedEffect = { key: string; status: 'done' | 'cancelled' };

/**
 * The effects after an event: those of states entered are opened, those of states left are cancelled or finish on
 * their own, a freeze parks them, its end opens them again under a new generation (so that they run at once).
 */
export function effectsAfter({
  lifecycle,
  open,
  before,
  after,
  done,
  event,
  revision,
  id,
  given,
}: {
  lifecycle: Lifecycle;
  open: readonly OpenEffect[];
  before: StateValue | null;
  after: StateValue;
  /** The effect that this event ends. */
  done: OpenEffect | null;
  event: string;
  revision: number;
  id: string;
  given: Given;
}): { open: OpenEffect[]; closed: ClosedEffect[] } {
  const was = before === null ? [] : activeStates(before);
  const is = activeStates(after);
  const frozen = isFrozen(after);
  const kept: OpenEffect[] = [];
  const closed: ClosedEffect[] = [];

  for (const effect of open) {
    const declared = lifecycle.effects[effect.name];
    if (effect.key === done?.key) closed.push({ key: effect.key, status: 'done' });
    else if (!declared?.in.some((state) => is.includes(state)) && declared?.onLeave !== 'finish') closed.push({ key: effect.key, status: 'cancelled' });
    else if (declared.whenFrozen === 'park' && effect.status !== 'failed') kept.push(frozen ? { ...effect, status: 'parked' } : resumed(effect));
    else if (declared.againOn?.includes(event) && effect.status === 'open') kept.push({ ...effect, generation: effect.generation + 1 });
    else kept.push(effect);
  }
  for (const [name, declared] of Object.entries(lifecycle.effects)) {
    const inside = declared.in.some((state) => is.includes(state));
    const entered = inside && !declared.in.some((state) => was.includes(state));
    const isAgain = inside && declared.repeats === true && done?.name === name;
    const isNext = inside && declared.after !== undefined && declared.after === done?.name;
    if (!isAgain && (declared.after ? !isNext : !entered)) continue;
    kept.push({
      key: `${id}:${revision}:${name}`,
      name,
      params: declared.params(given),
      ...(declared.lane ? { lane: `${name} ${declared.lane.of(given)}` } : {}),
      status: frozen && declared.whenFrozen === 'park' ? 'parked' : 'open',
      generation: 1,
      openedAt: given.now,
    });
  }
  return { open: kept, closed };
}

const resumed = (effect: OpenEffect): OpenEffect => (effect.status === 'parked' ? { ...effect, status: 'open', generation: effect.generation + 1 } : effect);
