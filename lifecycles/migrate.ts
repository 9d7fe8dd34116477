import { givenOf, type Question } from './ask.ts';
import { changed } from './canonical.ts';
import { rests } from './deadlines.ts';
import type { Given, Lifecycle } from './declaration.ts';
import type { ArmedDeadline, Instance, StateValue } from './instance.ts';
import { activeStates } from './registry.ts';
import { endOf } from './spans.ts';
import { note, type Step } from './step.ts';

/** How a live instance of an earlier version becomes one of this version. */
export type Migration = {
  from: number;
  /** Old state → new state, where they differ. */
  states: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the earlier version's context
  context: (old: any) => Record<string, unknown>;
  /**
   * Per armed deadline: `keep` its instant, `restart` it in full from now, `recompute` it by the new rule from when it
   * was first armed. One that is not named here is kept.
   * One that only this version has must be named: `restart` arms it, `skip` leaves it out.
   */
  deadlines: Record<string, 'keep' | 'restart' | 'recompute' | 'skip'>;
};

export type Migrated = { step: Step } | { problems: string[] };

/**
 * A live instance carried over to a newer version of its machine by that version's declared plan. Pure: the same
 * question answers the dry run and the migration itself.
 * @returns the step to store, or everything that stands in the way
 */
export function migrated({ from, to, instance, question }: { from: Lifecycle; to: Lifecycle; instance: Instance; question: Question }): Migrated {
  const plan = to.migrations?.find((migration) => migration.from === instance.version);
  if (!plan) return { problems: [`expected a plan from version ${instance.version} to ${to.version} of ${to.name}, got none`] };
  const value = mapped(instance.value, plan);
  const context = to.context.safeParse(plan.context(instance.context));
  const problems = [
    ...unknownStates(to, value),
    ...(context.success ? [] : context.error.issues.map((issue) => `context.${issue.path.join('.')}: ${issue.message}`)),
    ...instance.effects.filter((effect) => !to.effects[effect.name]).map((effect) => `effect ${effect.name} is open and version ${to.version} has none such`),
    ...instance.deadlines
      .filter((armed) => !to.deadlines[armed.name])
      .map((armed) => `deadline ${armed.name} is armed and version ${to.version} has none such`),
    ...additions({ from, to, plan, value }),
  ];
  if (problems.length > 0 || !context.success) return { problems };

  const given = givenOf({ ...instance, value, context: context.data }, question);
  const step = note({
    instance: { ...instance, value, context: context.data, version: to.version },
    happening: { kind: 'migrated', type: 'machineMigrated', input: { from: instance.version, to: to.version }, reason: null },
    question,
    change: {},
  });
  const entries = step.entries.map((entry) => ({ ...entry, before: instance.value, changes: changed(instance.context, context.data) }));
  const added = newDeadlines({ from, to, value })
    .filter((name) => plan.deadlines[name] === 'restart')
    .map((name): ArmedDeadline => ({ key: `${step.instance.revision}:${name}`, name, armedAt: question.now, dueAt: null, remainingMs: null }))
    .map((blank) => carried({ armed: blank, plan, to, given, value }))
    .filter(({ dueAt, remainingMs }) => dueAt !== null || remainingMs !== null);
  const deadlines = [...instance.deadlines.map((armed) => carried({ armed, plan, to, given, value })), ...added];
  return { step: { ...step, entries, instance: { ...step.instance, deadlines } } };
}

/** What the newer version would have armed or opened on entering these states: the plan must say what becomes of it. */
function additions({ from, to, plan, value }: { from: Lifecycle; to: Lifecycle; plan: Migration; value: StateValue }): string[] {
  const active = activeStates(value);
  const effects = Object.keys(to.effects).filter((name) => !from.effects[name] && to.effects[name]?.in.some((state) => active.includes(state)));
  return [
    ...newDeadlines({ from, to, value })
      .filter((name) => plan.deadlines[name] !== 'restart' && plan.deadlines[name] !== 'skip')
      .map((name) => `deadline ${name} is new in version ${to.version}: expected the plan to say restart or skip`),
    ...effects.map((name) => `effect ${name} is new in version ${to.version} and would never run in this state: expected the plan to map the state`),
  ];
}

function newDeadlines({ from, to, value }: { from: Lifecycle; to: Lifecycle; value: StateValue }): string[] {
  const active = activeStates(value);
  return Object.keys(to.deadlines).filter((name) => !from.deadlines[name] && to.deadlines[name]?.in.some((state) => active.includes(state)));
}

function mapped(value: StateValue, { states }: Migration): StateValue {
  if (typeof value === 'string') return states[value] ?? value;
  return Object.fromEntries(Object.entries(value).map(([region, state]) => [region, states[state] ?? state]));
}

function unknownStates(to: Lifecycle, value: StateValue): string[] {
  try {
    to.machine.resolveState({ value, context: {} });
    return [];
  } catch {
    return [`expected states of version ${to.version}, got ${activeStates(value).join(', ')}`];
  }
}

function carried({ armed, plan, to, given, value }: { armed: ArmedDeadline; plan: Migration; to: Lifecycle; given: Given; value: StateValue }): ArmedDeadline {
  const how = plan.deadlines[armed.name] ?? 'keep';
  const declared = to.deadlines[armed.name];
  const due = how === 'keep' || how === 'skip' ? null : declared?.due(given);
  if (!due) return armed;
  const dueAt = 'at' in due ? due.at : endOf(due, how === 'restart' ? given.now : armed.armedAt, given.calendar);
  return declared && rests(declared, value) ? { ...armed, dueAt: null, remainingMs: Math.max(0, dueAt - given.now) } : { ...armed, dueAt, remainingMs: null };
}
