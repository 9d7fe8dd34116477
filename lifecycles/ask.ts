import type { AnyStateMachine, SnapshotFrom } from 'xstate';
import { actingState } from './awaited.ts';
import { type Code, type Details, joined } from './codes.ts';
import { coreCommands } from './core.ts';
import type { Command, Given, Lifecycle, Requirement, Stamp } from './declaration.ts';
import type { Facts } from './facts.ts';
import type { Instance, StateValue } from './instance.ts';
import { type Problem, refused } from './problem.ts';
import { activeStates, commandNamed, isFinal, isFrozen, stateOf } from './registry.ts';
import { type Actor, roles } from './roles.ts';
import type { Calendar, Policies } from './spans.ts';
import { frozenReason } from './standing.ts';

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

/** Whether a state that the instance is in answers to the event at all. */
export const handles = ({ machine }: Lifecycle, value: StateValue, event: string): boolean =>
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
  const reason = unmet(requirements, given);
  return reason && { ...refused(reason.code, reason.details?.(), state), possibleAt: reason.possibleAt?.() ?? null };
}

export type Asked = { lifecycle: Lifecycle; instance: Instance; question: Question };

/**
 * Asks one instance about its commands; each is looked at once. Looks at role, state, freeze and requirements, never
 * at the input: an enabled command is refused for its input alone, as `Invalid` or by its own `refuse`.
 */
export function ask({ lifecycle, instance, question }: Asked) {
  const found = new Map<string, Reason | null>();
  const given = givenOf(instance, question);
  const here: Here = { lifecycle, instance, given, final: isFinal(lifecycle, instance.value), frozen: isFrozen(instance.value) };
  return {
    whyNot,
    codeAgainst: (name: string) => reasonAgainst(name)?.code ?? null,
    allowed,
    isAllowed: (name: string) => reasonAgainst(name) === null,
    refusalOf,
  };

  /** Why a command is not possible now, or null when it is. */
  function whyNot(name: string): Problem | null {
    const reason = reasonAgainst(name);
    return reason && explained(name, reason);
  }

  /** The rule of its own that a well-formed input breaks, or null. */
  function refusalOf(name: string, input: Record<string, unknown>): Problem | null {
    const no = commandNamed(lifecycle, name)?.refuse?.({ ...given, input: input as never });
    return no ? explained(name, { code: no.code, details: () => no.details ?? {} }) : null;
  }

  /** Worded only when it is given as an answer: to know what is allowed, the sentence is not needed. */
  function explained(name: string, { code, details, possibleAt }: Reason): Problem {
    const state = stateOf(instance.value);
    const command = commandNamed(lifecycle, name)?.label ?? null;
    const common = { command, number: instance.number, state: lifecycle.states[actingState(lifecycle, instance.value)] ?? null, lifecycle: lifecycle.label };
    return {
      ...refused(code, { ...common, ...expectedOf(code, name), ...details?.() }, state),
      since: instance.at,
      allowed: allowed(),
      possibleAt: possibleAt?.() ?? null,
    };
  }

  /** Where it would be possible. */
  function expectedOf(code: Code, name: string): Details {
    if (code !== 'WRONG_STATE') return {};
    const taking = statesThatTake(lifecycle, name).map((one) => lifecycle.states[one] ?? { zh: one, en: one, fits: [] });
    return { expected: joined(taking.filter(({ fits }) => unmet(fits, given) === null)) };
  }

  /** The commands of the caller that are possible now. */
  function allowed(): string[] {
    return [...Object.keys(lifecycle.commands), ...Object.keys(coreCommands)].filter((name) => reasonAgainst(name) === null);
  }

  function reasonAgainst(name: string): Reason | null {
    const known = found.get(name);
    if (known !== undefined) return known;
    const command = commandNamed(lifecycle, name);
    if (!command) throw new Error(`expected a command of ${lifecycle.name}, got "${name}"`);
    const reason = firstReason(name, command, here);
    found.set(name, reason);
    return reason;
  }
}

export const whyNot = ({ name, ...asked }: Asked & { name: string }): Problem | null => ask(asked).whyNot(name);

export const refusalOf = ({ name, input, ...asked }: Asked & { name: string; input: Record<string, unknown> }): Problem | null =>
  ask(asked).refusalOf(name, input);

export const allowed = (asked: Asked): string[] => ask(asked).allowed();

type Reason = { code: Code; details?: () => Details; possibleAt?: () => number | null };
type Here = { lifecycle: Lifecycle; instance: Instance; given: Given; final: boolean; frozen: boolean };

function firstReason(name: string, command: Command, { lifecycle, instance, given, final, frozen }: Here): Reason | null {
  const { role } = given.actor;
  if (!command.by.includes(role))
    return { code: 'ROLE_NOT_ALLOWED', details: () => ({ expected: joined(command.by.map((one) => roles[one])), role: roles[role] }) };
  const isCore = name in coreCommands;
  // what a final instance still owes the world may have given up, and can be tried again
  if (final && !(isCore && instance.effects.length > 0)) return { code: 'ENDED' };
  const readOnly = frozenReason({ lifecycle, command, actor: given.actor, facts: given.facts });
  if (readOnly) return readOnly;
  const misfit = unmet(command.fits, given);
  if (misfit) return misfit;
  if (frozen && command.whenFrozen === undefined) return { code: 'FROZEN_BY_APPEAL' };
  if (frozen && instance.recorded.some(({ event }) => event === name)) return { code: 'RECORDED_ALREADY' };
  if (!isCore && !handles(lifecycle, instance.value, name)) return { code: 'WRONG_STATE' };
  return unmet(command.requires, given);
}

function unmet(requirements: readonly Requirement[] | undefined, given: Given): Reason | null {
  const first = requirements?.find((requirement) => !requirement.met(given));
  return first ? { code: first.code, details: () => first.details?.(given) ?? {}, possibleAt: () => first.possibleAt?.(given) ?? null } : null;
}
