import { type AnyActorScope, type AnyStateMachine, createActor, type SnapshotFrom } from 'xstate';

type Snapshot = SnapshotFrom<AnyStateMachine>;
type Event = { type: string; [name: string]: unknown };

/** Where a machine begins, with this input; pure. */
export const firstSnapshot = (machine: AnyStateMachine, input: Record<string, unknown>): Snapshot =>
  machine.getInitialSnapshot(scopeOf(machine), input) as Snapshot;

/**
 * Where an event leads. Pure: XState's own `transition` without the actor that it makes for every call, which plays the
 * machine's beginning each time and costs more than the step. Our machines spawn nothing, so one inert scope serves all.
 */
export const nextSnapshot = (machine: AnyStateMachine, snapshot: Snapshot, event: Event): Snapshot =>
  machine.transition(snapshot, event, scopeOf(machine)) as Snapshot;

/** Whether the machine answers to the event here, be it only by seeing it. Its guards are asked. */
export const takes = (machine: AnyStateMachine, snapshot: Snapshot, event: Event): boolean =>
  machine.getTransitionData(snapshot as never, event as never).length > 0;

const scopes = new WeakMap<AnyStateMachine, AnyActorScope>();

function scopeOf(machine: AnyStateMachine): AnyActorScope {
  const known = scopes.get(machine);
  if (known) return known;
  const self = createActor(machine);
  const nothing = () => {};
  const scope: AnyActorScope = {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: nothing,
  };
  scopes.set(machine, scope);
  return scope;
}
