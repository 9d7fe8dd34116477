import type { AnyStateMachine, SnapshotFrom } from 'xstate';
import { joined } from './codes.ts';
import { coreCommands } from './core.ts';
import type { Command, Given, Lifecycle, Requirement, Stamp } from './declaration.ts';
import type { Facts } from './facts.ts';
import type { Instance, StateValue } from './instance.ts';
import { type Problem, refused } from './problem.ts';
import { activeStates, commandNamed, isFinal, isFrozen, stateOf } from './registry.ts';
import { type Actor, roles } from './roles.ts';
import type { Calendar, Policies } from './spans.ts';

/** What a question is asked with; the same for commit, GraphQL and what-if. */
export type Question = { actor: Actor; facts: Facts; now: number; policies: Policies; calendar: Calendar };

export const restore = (lifecycle: Lifecycle, value: StateValue, context: Record<string, unknown>) =>
  lifecycle.machine.resolveState({ value, context }) as SnapshotFrom<AnyStateMachine>;

export const givenOf = (instance: Instance, question: Question): Given => ({
  ...question,
  context: instance.context,
  parties: instance.parties,
  effects: instance.effects,
});

export const stampOf = (question: Question, reason: string | null = null): Stamp => ({
  at: question.now,
  actor: question.actor,
  reason,
  facts: question.facts,
  calendar: question.calendar,
  policies: question.policies,
});

/** Does the chart have a transition for this event here? Guards that read an input see none: any branch counts. */
function isHandled(lifecycle: Lifecycle, value: StateValue, event: string): boolean {
  const active = activeStates(value);
  const visit = (node: AnyStateMachine['root']): boolean =>
    node.transitions.has(event) ||
    Object.values(node.states).some((child) => (node.type === 'parallel' || active.includes(child.key)) && visit(child as never));
  return visit(lifecycle.machine.root);
}

/** The states in which the chart answers to an event. */
export function statesThatTake(lifecycle: Lifecycle, event: string): string[] {
  const found: string[] = [];
  const visit = (node: AnyStateMachine['root']) => {
    if (node.transitions.has(event)) found.push(node.key);
    for (const child of Object.values(node.states)) visit(child as never);
  };
  visit(lifecycle.machine.root);
  return found;
}

export function requirementProblem(requirements: readonly Requirement[] | undefined, given: Given, state: string | null): Problem | null {
  const unmet = requirements?.find((requirement) => !requirement.met(given));
  if (!unmet) return null;
  const problem = refused(unmet.code, unmet.details?.(given) ?? {}, state);
  return problem.kind === 'Refused' ? { ...problem, possibleAt: unmet.possibleAt?.(given) ?? null } : problem;
}

/**
 * Why a command is not possible now, or null when it is. Looks at role, state, freeze and requirements, never at
 * the input: an enabled command is refused for its input alone, as `Invalid`.
 */
export function whyNot({
  lifecycle,
  instance,
  name,
  question,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  name: string;
  question: Question;
}): Problem | null {
  const command = commandNamed(lifecycle, name);
  if (!command) throw new Error(`expected a command of ${lifecycle.name}, got "${name}"`);
  const found = firstReason({ lifecycle, instance, name, command, question });
  if (found?.kind !== 'Refused') return found;
  const state = lifecycle.states[stateOf(instance.value)] ?? null;
  return {
    ...found,
    since: instance.at,
    allowed: allowed({ lifecycle, instance, question }),
    details: { command: command.label, number: instance.number, state, lifecycle: lifecycle.label, ...found.details },
  };
}

/** The commands of the caller that are possible now. */
export function allowed({ lifecycle, instance, question }: { lifecycle: Lifecycle; instance: Instance; question: Question }): string[] {
  return Object.entries({ ...lifecycle.commands, ...coreCommands })
    .filter(([name, command]) => !firstReason({ lifecycle, instance, name, command, question }))
    .map(([name]) => name);
}

function firstReason({
  lifecycle,
  instance,
  name,
  command,
  question,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  name: string;
  command: Command;
  question: Question;
}): Problem | null {
  const state = stateOf(instance.value);
  if (!command.by.includes(question.actor.role))
    return refused('ROLE_NOT_ALLOWED', { expected: joined(command.by.map((role) => roles[role])), role: roles[question.actor.role] }, state);
  if (isFinal(lifecycle, instance.value)) return refused('ENDED', {}, state);
  if (isFrozen(instance.value) && command.whenFrozen !== 'allowed') return refused('FROZEN_BY_APPEAL', {}, state);
  if (!(name in coreCommands) && !isHandled(lifecycle, instance.value, name))
    return refused(
      'WRONG_STATE',
      { expected: joined(statesThatTake(lifecycle, name).map((taking) => lifecycle.states[taking] ?? { zh: taking, en: taking })) },
      state,
    );
  return requirementProblem(command.requires, givenOf(instance, question), state);
}
