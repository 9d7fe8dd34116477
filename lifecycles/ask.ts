import type { AnyStateMachine, SnapshotFrom } from 'xstate';
import { type Details, joined } from './codes.ts';
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

/** The events that each state answers to, itself or by a state around it. Guards that read an input see none: any branch counts. */
const answered = new WeakMap<AnyStateMachine, ReadonlyMap<string, ReadonlySet<string>>>();

function answeredBy(machine: AnyStateMachine): ReadonlyMap<string, ReadonlySet<string>> {
  const known = answered.get(machine);
  if (known) return known;
  const found = new Map<string, ReadonlySet<string>>();
  const visit = (node: AnyStateMachine['root'], around: ReadonlySet<string>) => {
    const events = new Set([...around, ...node.transitions.keys()]);
    found.set(node.key, events);
    for (const child of Object.values(node.states)) visit(child as never, events);
  };
  visit(machine.root, new Set());
  answered.set(machine, found);
  return found;
}

const isHandled = ({ machine }: Lifecycle, value: StateValue, event: string): boolean =>
  activeStates(value).some((state) => answeredBy(machine).get(state)?.has(event));

/** The states in which the chart answers to an event by itself. */
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

export type Asked = { lifecycle: Lifecycle; instance: Instance; question: Question };

/**
 * Asks one instance about its commands; each is looked at once. Looks at role, state, freeze and requirements, never
 * at the input: an enabled command is refused for its input alone, as `Invalid` or by its own `refuse`.
 */
export function ask({ lifecycle, instance, question }: Asked) {
  const found = new Map<string, Problem | null>();
  return { whyNot, allowed, isAllowed: (name: string) => reasonAgainst(name) === null, refusalOf };

  /** Why a command is not possible now, or null when it is. */
  function whyNot(name: string): Problem | null {
    return explained(name, reasonAgainst(name));
  }

  /** The rule of its own that a well-formed input breaks, or null. */
  function refusalOf(name: string, input: Record<string, unknown>): Problem | null {
    const no = commandNamed(lifecycle, name)?.refuse?.({ ...givenOf(instance, question), input: input as never });
    return no ? explained(name, refused(no.code, no.details, stateOf(instance.value))) : null;
  }

  function explained(name: string, reason: Problem | null): Problem | null {
    if (reason?.kind !== 'Refused') return reason;
    const state = lifecycle.states[stateOf(instance.value)] ?? null;
    const command = commandNamed(lifecycle, name)?.label ?? null;
    return {
      ...reason,
      since: instance.at,
      allowed: allowed(),
      details: { command, number: instance.number, state, lifecycle: lifecycle.label, ...expectedOf(reason.code, name), ...reason.details },
    };
  }

  /** Where it would be possible; worked out only for an answer that is given. */
  function expectedOf(code: string, name: string): Details {
    if (code !== 'WRONG_STATE') return {};
    return { expected: joined(statesThatTake(lifecycle, name).map((taking) => lifecycle.states[taking] ?? { zh: taking, en: taking })) };
  }

  /** The commands of the caller that are possible now. */
  function allowed(): string[] {
    return [...Object.keys(lifecycle.commands), ...Object.keys(coreCommands)].filter((name) => reasonAgainst(name) === null);
  }

  function reasonAgainst(name: string): Problem | null {
    const known = found.get(name);
    if (known !== undefined) return known;
    const command = commandNamed(lifecycle, name);
    if (!command) throw new Error(`expected a command of ${lifecycle.name}, got "${name}"`);
    const reason = firstReason({ lifecycle, instance, name, command, question });
    found.set(name, reason);
    return reason;
  }
}

export const whyNot = ({ name, ...asked }: Asked & { name: string }): Problem | null => ask(asked).whyNot(name);

export const refusalOf = ({ name, input, ...asked }: Asked & { name: string; input: Record<string, unknown> }): Problem | null =>
  ask(asked).refusalOf(name, input);

export const allowed = (asked: Asked): string[] => ask(asked).allowed();

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
  const misfit = requirementProblem(command.fits, givenOf(instance, question), state);
  if (misfit) return misfit;
  if (isFrozen(instance.value) && command.whenFrozen === undefined) return refused('FROZEN_BY_APPEAL', {}, state);
  if (isFrozen(instance.value) && instance.recorded.some(({ event }) => event === name)) return refused('RECORDED_ALREADY', {}, state);
  if (!(name in coreCommands) && !isHandled(lifecycle, instance.value, name)) return refused('WRONG_STATE', {}, state);
  return requirementProblem(command.requires, givenOf(instance, question), state);
}
