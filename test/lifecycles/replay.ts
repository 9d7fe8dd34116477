import { type AnyStateMachine, initialTransition, type StateNode } from 'xstate';
import { restore } from '../../lifecycles/ask.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance, LogEntry, StateValue } from '../../lifecycles/instance.ts';
import { activeStates } from '../../lifecycles/registry.ts';
import { nextSnapshot } from '../../lifecycles/transition.ts';
import type { Model } from './drive.ts';

type Event = { type: string; actor: LogEntry['actor']; [name: string]: unknown };

export type Rebuilt = { value: StateValue; context: Record<string, unknown> };
type Rules = Pick<Model, 'registry' | 'calendar' | 'policiesOf'> & { instances: ReadonlyMap<string, Instance> };
type Seen = (lifecycle: Lifecycle, value: StateValue, context: Record<string, unknown>, event: Event) => void;

/**
 * The value and context that the log of one instance leads to when every line is put to the machine again, from the
 * first: the history must explain the row without the row's help.
 */
export function replayed(model: Model, id: string, lifecycleName: string, seen?: Seen): Rebuilt {
  // what an opening joins is taken as it was then, so every instance is rebuilt along the way
  const instances = new Map<string, Instance>();
  for (const entry of model.log) {
    const instance = model.instances.get(entry.instance) as Instance;
    const own = instance.id === id ? lifecycleName : instance.lifecycle;
    const before = instances.get(instance.id) ?? { value: '', context: {} };
    const after = withEntry({ ...model, instances }, model.registry.of(own), before, entry, instance.id === id ? seen : undefined);
    instances.set(instance.id, { ...instance, ...after });
  }
  const { value, context } = instances.get(id) ?? { value: '', context: {} };
  return { value, context };
}

/** One line more. Lines that were only recorded, and notes that the chart has no part in, change nothing. */
export function withEntry(rules: Rules, lifecycle: Lifecycle, rebuilt: Rebuilt, entry: LogEntry, seen?: Seen): Rebuilt {
  const { type, input, at, actor, reason, facts } = entry;
  if (entry.before !== null && (!entry.applied || entry.kind === 'core')) return rebuilt;
  if (entry.before === null) {
    const [{ value, context }] = initialTransition(lifecycle.machine, inputOf(lifecycle, entry, rules));
    return { value: value as StateValue, context };
  }
  const event = { type, input, at, actor, reason, facts, calendar: rules.calendar, policies: rules.policiesOf(lifecycle.name) };
  seen?.(lifecycle, rebuilt.value, rebuilt.context, event);
  const { value, context } = nextSnapshot(lifecycle.machine, restore(lifecycle, rebuilt.value, rebuilt.context), event);
  return { value: value as StateValue, context };
}

function inputOf(lifecycle: Lifecycle, entry: LogEntry, { calendar, policiesOf, instances }: Rules): Record<string, unknown> {
  if (entry.kind !== 'command' || !lifecycle.opening) return entry.input;
  const { actor, facts, at: now } = entry;
  const given = { context: {}, actor, facts, now, policies: policiesOf(lifecycle.name), calendar, parties: { buyer: '', merchant: '' }, effects: [] };
  const refs = Object.entries(lifecycle.opening.joins?.(entry.input as never) ?? {});
  const joined = Object.fromEntries(refs.flatMap(([ref, id]) => (instances.get(id) ? [[ref, instances.get(id) as Instance]] : [])));
  return lifecycle.opening.start({ ...given, joined, input: entry.input as never }).input;
}

/** Every transition of a chart by name, and both answers of every guard: what a suite must have met. */
export function branchesOf(lifecycle: Lifecycle): string[] {
  return nodesOf(lifecycle.machine).flatMap((node) =>
    [...node.transitions.values()].flatMap((branches) =>
      branches.flatMap((branch, index) => {
        const name = nameOf(node, branch, index);
        const guard = guardOf(branch);
        return guard ? [`${name}, ${guard}`, `${name}, not ${guard}`] : [name];
      }),
    ),
  );
}

/** The branches that an event meets: those whose guard says no, and the one that is taken. */
export function branchesMet(lifecycle: Lifecycle, value: StateValue, context: Record<string, unknown>, event: Event): string[] {
  const snapshot = restore(lifecycle, value, context);
  const taken = new Set(lifecycle.machine.getTransitionData(snapshot as never, event as never) as object[]);
  const active = activeStates(value);
  const met: string[] = [];
  for (const node of nodesOf(lifecycle.machine)) {
    if (!active.includes(node.key)) continue;
    for (const [index, branch] of (node.transitions.get(event.type) ?? []).entries()) {
      const guard = guardOf(branch);
      const isTaken = taken.has(branch);
      if (isTaken || guard) met.push(`${nameOf(node, branch, index)}${guard ? `, ${isTaken ? '' : 'not '}${guard}` : ''}`);
      if (isTaken) break;
    }
  }
  return met;
}

/** Which of a lifecycle's branches the log of a model took. */
export function branchesIn(model: Model, lifecycleName: string): Set<string> {
  const met = new Set<string>();
  for (const instance of model.instances.values())
    if (instance.lifecycle === lifecycleName)
      replayed(model, instance.id, lifecycleName, (...seen) => {
        for (const branch of branchesMet(...seen)) met.add(branch);
      });
  return met;
}

type Branch = { guard?: unknown; target?: readonly { key: string }[] };

export function nodesOf(machine: AnyStateMachine): StateNode[] {
  const visit = (node: StateNode): StateNode[] => [node, ...Object.values(node.states).flatMap((child) => visit(child as StateNode))];
  return visit(machine.root as unknown as StateNode);
}

function nameOf(node: { key: string }, branch: Branch & { eventType?: string }, index: number): string {
  return `${node.key} · ${branch.eventType} #${index + 1} → ${branch.target?.map((target) => target.key).join('+') ?? 'stays'}`;
}

function guardOf({ guard }: Branch): string | null {
  if (!guard) return null;
  return typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'a guard');
}
