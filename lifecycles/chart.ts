import type { StateNode } from 'xstate';
import type { Lifecycle } from './declaration.ts';
import { beginningsOf, nameOf, restingIn } from './registry.ts';
import type { Bilingual, Role } from './roles.ts';

/** What moves an instance along a transition, and whose doing it is. */
export type Cause =
  | { kind: 'command'; name: string; label: Bilingual; by: readonly Role[] }
  | { kind: 'deadline'; name: string; label: Bilingual }
  | { kind: 'effect'; name: string; label: Bilingual; effect: string; outcome: 'succeeded' | 'failed' | 'exhausted' }
  | { kind: 'told'; name: string; label: Bilingual }
  /** An event that the lifecycle does not declare; the check of lifecycles refuses it. */
  | { kind: 'unknown'; name: string; label: Bilingual };

export type ChartTransition = {
  region: string;
  from: string;
  /** The same state when nothing but the context, or a notice, follows. */
  to: string;
  cause: Cause;
  /** The fact that must hold, by its name. A later transition of the same event is taken when no earlier one is. */
  guard: string | null;
  /** The context's changes, by their names. */
  actions: readonly string[];
};

export type ChartState = Bilingual & {
  name: string;
  region: string;
  initial: boolean;
  /** The fact by which a region begins here rather than elsewhere. */
  initialWhen: string | null;
  final: boolean;
  description: Bilingual;
  waitsFor: readonly Role[];
  deadlines: readonly string[];
  effects: readonly string[];
};

/** A lifecycle as people look at it: no function in it, so that it can be drawn, sent and compared. */
export type Chart = {
  name: string;
  version: number;
  label: Bilingual;
  /** The main region first; a lifecycle without regions has one, of its own name. */
  regions: readonly string[];
  states: readonly ChartState[];
  transitions: readonly ChartTransition[];
};

/** The picture of a lifecycle, from its declaration alone. */
export function chartOf(lifecycle: Lifecycle): Chart {
  const regions = regionsOf(lifecycle);
  return {
    name: lifecycle.name,
    version: lifecycle.version,
    label: lifecycle.label,
    regions: regions.map(([name]) => name),
    states: regions.flatMap(([region, node]) => restingIn(node).map((child) => stateOfChart(lifecycle, region, node, child))),
    transitions: regions.flatMap(([region, node]) => [node, ...Object.values(node.states)].flatMap((from) => transitionsOf(lifecycle, region, from))),
  };
}

function regionsOf({ name, machine }: Lifecycle): [string, StateNode][] {
  const root = machine.root as unknown as StateNode;
  return root.type === 'parallel' ? Object.entries(root.states) : [[name, root]];
}

function stateOfChart(lifecycle: Lifecycle, region: string, parent: StateNode, { key, type }: StateNode): ChartState {
  const nameless = { zh: key, en: key, description: { zh: '', en: '' }, waitsFor: [] };
  const { zh, en, description, waitsFor } = lifecycle.states[key] ?? nameless;
  const here = (declared: Record<string, { in: readonly string[] }>) => Object.keys(declared).filter((name) => declared[name]?.in.includes(key));
  const beginning = beginningsOf(parent).find(({ state }) => state === key);
  return {
    name: key,
    region,
    initial: beginning !== undefined,
    initialWhen: beginning?.guard ?? null,
    final: type === 'final',
    zh,
    en,
    description,
    waitsFor,
    deadlines: here(lifecycle.deadlines),
    effects: here(lifecycle.effects),
  };
}

function transitionsOf(lifecycle: Lifecycle, region: string, node: StateNode): ChartTransition[] {
  return [...node.transitions].flatMap(([event, branches]) =>
    branches.map((branch) => ({
      region,
      from: node.key,
      to: branch.target?.[0]?.key ?? node.key,
      cause: causeOf(lifecycle, event),
      guard: branch.guard ? nameOf(branch.guard) : null,
      actions: branch.actions.map(nameOf),
    })),
  );
}

export function causeOf(lifecycle: Lifecycle, event: string): Cause {
  const command = lifecycle.commands[event];
  if (command) return { kind: 'command', name: event, label: command.label, by: command.by };
  const deadline = lifecycle.deadlines[event];
  if (deadline) return { kind: 'deadline', name: event, label: deadline.label };
  const label = lifecycle.events[event];
  for (const [effect, { succeeded, failed, exhausted }] of Object.entries(lifecycle.effects)) {
    const outcome = Object.entries({ succeeded: { event: succeeded }, failed, exhausted }).find(
      ([, exit]) => exit !== 'incident' && exit?.event === event,
    )?.[0];
    if (outcome && label) return { kind: 'effect', name: event, label, effect, outcome: outcome as 'succeeded' };
  }
  return label ? { kind: 'told', name: event, label } : { kind: 'unknown', name: event, label: { zh: event, en: event } };
}
