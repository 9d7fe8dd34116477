import type { Deadline, Given, Lifecycle } from './declaration.ts';
import type { ArmedDeadline, StateValue } from './instance.ts';
import { activeStates, isFrozen } from './registry.ts';
import { endOf } from './spans.ts';

export type ClosedDeadline = { key: string; status: 'fired' | 'cancelled' };

/**
 * The deadlines after an event (TIM-2, SUP-5): those of states entered are armed, those of states left are
 * cancelled, a freeze or a pause takes their instant and keeps the remainder, its end gives an instant back.
 */
export function deadlinesAfter({
  lifecycle,
  armed,
  before,
  after,
  event,
  revision,
  given,
}: {
  lifecycle: Lifecycle;
  armed: readonly ArmedDeadline[];
  before: StateValue | null;
  after: StateValue;
  event: string;
  revision: number;
  given: Given;
}): { armed: ArmedDeadline[]; closed: ClosedDeadline[] } {
  const was = before === null ? [] : activeStates(before);
  const is = activeStates(after);
  const kept: ArmedDeadline[] = [];
  const closed: ClosedDeadline[] = [];

  for (const deadline of armed) {
    const declared = lifecycle.deadlines[deadline.name];
    if (deadline.name === event) closed.push({ key: deadline.key, status: 'fired' });
    else if (!declared?.in.some((state) => is.includes(state)) || declared.rearmOn?.includes(event)) closed.push({ key: deadline.key, status: 'cancelled' });
    else kept.push(rests(declared, after) ? stopped(deadline, given.now) : running(deadline, given.now));
  }
  for (const [name, declared] of Object.entries(lifecycle.deadlines)) {
    const inside = declared.in.some((state) => is.includes(state));
    const entered = inside && !declared.in.some((state) => was.includes(state));
    if (!entered && !(inside && declared.rearmOn?.includes(event))) continue;
    const due = declared.due(given);
    if (!due) continue;
    const dueAt = 'at' in due ? due.at : endOf(due, given.now, given.calendar);
    const deadline = { key: `${revision}:${name}`, name, armedAt: given.now, dueAt, remainingMs: null };
    kept.push(rests(declared, after) ? stopped(deadline, given.now) : deadline);
  }
  return { armed: kept, closed };
}

/** Whether a deadline stands still: frozen, unless it runs on then, or in a state that pauses it. */
export function rests({ whenFrozen, pausedIn }: Pick<Deadline, 'whenFrozen' | 'pausedIn'>, value: StateValue): boolean {
  return (isFrozen(value) && whenFrozen !== 'run') || activeStates(value).some((state) => pausedIn?.includes(state));
}

function stopped(deadline: ArmedDeadline, now: number): ArmedDeadline {
  if (deadline.dueAt === null) return deadline;
  return { ...deadline, dueAt: null, remainingMs: Math.max(0, deadline.dueAt - now) };
}

function running(deadline: ArmedDeadline, now: number): ArmedDeadline {
  if (deadline.dueAt !== null) return deadline;
  return { ...deadline, dueAt: now + (deadline.remainingMs ?? 0), remainingMs: null };
}

/** The running deadline that is due first, if any. */
export function nextDue(armed: readonly ArmedDeadline[]): (ArmedDeadline & { dueAt: number }) | null {
  return armed.reduce<(ArmedDeadline & { dueAt: number }) | null>(
    (first, deadline) => (deadline.dueAt !== null && (!first || deadline.dueAt < first.dueAt) ? { ...deadline, dueAt: deadline.dueAt } : first),
    null,
  );
}
