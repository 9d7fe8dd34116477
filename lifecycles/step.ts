import { givenOf, type Question, restore, stampOf } from './ask.ts';
import { changed } from './canonical.ts';
import { type ClosedDeadline, deadlinesAfter } from './deadlines.ts';
import type { Lifecycle } from './declaration.ts';
import { type ClosedEffect, effectsAfter } from './effects.ts';
import type { EventKind, Incident, Instance, LogEntry, OpenEffect, StateValue } from './instance.ts';
import { activeStates, isFrozen, isOver } from './registry.ts';
import type { Actor } from './roles.ts';
import { system } from './roles.ts';
import { firstSnapshot, nextSnapshot, takes } from './transition.ts';

/** One event that is put to one instance. Whether it may be is asked before (ask.ts). */
export type Happening = {
  kind: EventKind;
  type: string;
  input: Record<string, unknown>;
  reason: string | null;
  /** The effect that this ends. */
  effect?: OpenEffect;
};

export type Step = {
  instance: Instance;
  entries: LogEntry[];
  closedDeadlines: ClosedDeadline[];
  closedEffects: ClosedEffect[];
  /** States entered, in order, and by whom; their consequences for other instances follow from them. */
  entered: { state: string; by: Actor }[];
};

/** A command was called possible and the machine has no transition for it: a defect of the declaration, of which nothing may be stored. */
export class NoTransition extends Error {
  constructor({ number, value }: Pick<Instance, 'number' | 'value'>, event: string) {
    super(`expected ${number} to take the accepted "${event}" in ${JSON.stringify(value)}, got no transition`);
    this.name = 'NoTransition';
  }
}

/** A new instance: the machine's initial transition, the first line of its log. */
export function begin({
  lifecycle,
  instance,
  input,
  happening,
  question,
  policiesFor,
}: {
  lifecycle: Lifecycle;
  instance: Omit<Instance, 'value' | 'context' | 'revision' | 'at' | 'deadlines' | 'effects' | 'recorded' | 'incidents'>;
  input: Record<string, unknown>;
  happening: Happening;
  question: Question;
  /** The policies of the new instance, once its context is known; without it those of the question. */
  policiesFor?: (context: Record<string, unknown>) => Question['policies'];
}): Step {
  const snapshot = firstSnapshot(lifecycle.machine, input);
  const blank: Instance = {
    ...instance,
    value: '',
    context: {},
    revision: 0,
    at: question.now,
    deadlines: [],
    effects: [],
    recorded: [],
    incidents: [],
  };
  const asked = policiesFor ? { ...question, policies: policiesFor(snapshot.context) } : question;
  return settle({ lifecycle, from: blank, before: null, value: snapshot.value as StateValue, context: snapshot.context, happening, question: asked });
}

/**
 * What one event does to one instance: state, context, deadlines, effects, incidents and the log's lines. Pure; the
 * only caller of the machine's transition. A result that comes while frozen is recorded, and applied when the freeze ends.
 * @throws NoTransition
 */
export function step({
  lifecycle,
  instance,
  happening,
  question,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  happening: Happening;
  question: Question;
}): Step {
  if (isFrozen(instance.value) && isFromOutside(lifecycle, happening)) return record({ lifecycle, instance, happening, question });
  const done = apply({ lifecycle, instance, happening, question });
  return isFrozen(instance.value) && !isFrozen(done.instance.value) ? withRecorded({ lifecycle, done, question }) : done;
}

/** What nobody of the parties did: the outcome of an effect, or what a machine reports. */
const isFromOutside = (lifecycle: Lifecycle, { kind, type }: Pick<Happening, 'kind' | 'type'>) =>
  kind === 'effect' || lifecycle.commands[type]?.whenFrozen === 'recorded';

function apply({ lifecycle, instance, happening, question }: { lifecycle: Lifecycle; instance: Instance; happening: Happening; question: Question }): Step {
  const event = { type: happening.type, input: happening.input, ...stampOf(question, happening.reason) };
  const here = restore(lifecycle, instance.value, instance.context);
  // every guard said no: it would stand in the log as done, and nothing was
  if (happening.kind === 'command' && !takes(lifecycle.machine, here, event)) throw new NoTransition(instance, happening.type);
  const snapshot = nextSnapshot(lifecycle.machine, here, event);
  return settle({ lifecycle, from: instance, before: instance.value, value: snapshot.value as StateValue, context: snapshot.context, happening, question });
}

/** A fact from outside while frozen: kept for later, the effect is done. */
function record({ lifecycle, instance, happening, question }: { lifecycle: Lifecycle; instance: Instance; happening: Happening; question: Question }): Step {
  const kept = settle({ lifecycle, from: instance, before: instance.value, value: instance.value, context: instance.context, happening, question });
  const fact = { event: happening.type, input: happening.input, at: question.now };
  return {
    ...kept,
    instance: { ...kept.instance, recorded: [...instance.recorded, fact] },
    entries: kept.entries.map((entry) => ({ ...entry, applied: false })),
  };
}

function withRecorded({ lifecycle, done, question }: { lifecycle: Lifecycle; done: Step; question: Question }): Step {
  let result: Step = { ...done, instance: { ...done.instance, recorded: [] } };
  // ACT-2: what comes from outside is not the doing of the person who ended the freeze
  const fromOutside: Question = { ...question, actor: system, facts: {} };
  for (const fact of done.instance.recorded) {
    const kind = lifecycle.commands[fact.event] ? ('command' as const) : ('effect' as const);
    const happening: Happening = { kind, type: fact.event, input: fact.input, reason: null };
    const takes = restore(lifecycle, result.instance.value, result.instance.context).can({
      type: fact.event,
      input: fact.input,
      ...stampOf(fromOutside),
    } as never);
    const next = takes
      ? apply({ lifecycle, instance: result.instance, happening, question: fromOutside })
      : notApplicable({ lifecycle, instance: result.instance, happening, question: fromOutside });
    result = {
      instance: next.instance,
      entries: [...result.entries, ...next.entries],
      closedDeadlines: [...result.closedDeadlines, ...next.closedDeadlines],
      closedEffects: [...result.closedEffects, ...next.closedEffects],
      entered: [...result.entered, ...next.entered],
    };
  }
  return result;
}

function notApplicable({
  lifecycle,
  instance,
  happening,
  question,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  happening: Happening;
  question: Question;
}): Step {
  const kept = settle({ lifecycle, from: instance, before: instance.value, value: instance.value, context: instance.context, happening, question });
  return { ...kept, entries: kept.entries.map((entry) => ({ ...entry, applied: false })) };
}

/** A line in the log that the chart has no part in: an effect that gave up, or is tried again by hand. */
export function note({
  instance,
  happening,
  question,
  change,
}: {
  instance: Instance;
  happening: Happening;
  question: Question;
  change: Partial<Pick<Instance, 'effects' | 'incidents'>>;
}): Step {
  const revision = instance.revision + 1;
  const entry: LogEntry = {
    instance: instance.id,
    revision,
    kind: happening.kind,
    type: happening.type,
    actor: question.actor,
    at: question.now,
    input: happening.input,
    reason: happening.reason,
    facts: question.facts,
    before: instance.value,
    after: instance.value,
    changes: {},
    applied: true,
  };
  return { instance: { ...instance, ...change, revision, at: question.now }, entries: [entry], closedDeadlines: [], closedEffects: [], entered: [] };
}

/** From the machine's answer to the whole instance: deadlines, effects and incidents follow the states. */
function settle({
  lifecycle,
  from,
  before,
  value,
  context,
  happening,
  question,
}: {
  lifecycle: Lifecycle;
  from: Instance;
  before: StateValue | null;
  value: StateValue;
  context: Record<string, unknown>;
  happening: Happening;
  question: Question;
}): Step {
  const revision = from.revision + 1;
  const given = givenOf({ ...from, value, context }, question);
  const deadlines = deadlinesAfter({ lifecycle, armed: from.deadlines, before, after: value, event: happening.type, revision, given });
  const effects = effectsAfter({
    lifecycle,
    open: from.effects,
    before,
    after: value,
    done: happening.effect ?? null,
    event: happening.type,
    revision,
    id: from.id,
    given,
  });
  const was = before === null ? [] : activeStates(before);
  const instance: Instance = {
    ...from,
    value,
    context,
    revision,
    at: question.now,
    deadlines: deadlines.armed,
    effects: effects.open,
    incidents: incidentsAfter({ lifecycle, from, value, happening, effects: effects.open, now: question.now }),
  };
  return {
    instance,
    entries: [
      {
        instance: from.id,
        revision,
        kind: happening.kind,
        type: happening.type,
        actor: question.actor,
        at: question.now,
        input: happening.input,
        reason: happening.reason,
        facts: question.facts,
        before,
        after: value,
        changes: changed(from.context, context),
        applied: true,
      },
    ],
    closedDeadlines: deadlines.closed,
    closedEffects: effects.closed,
    entered: activeStates(value)
      .filter((state) => !was.includes(state))
      .map((state) => ({ state, by: question.actor })),
  };
}

/** An incident stands while what it is about stands: its effect is open, or its deadline's state is not left. */
function incidentsAfter({
  lifecycle,
  from,
  value,
  happening,
  effects,
  now,
}: {
  lifecycle: Lifecycle;
  from: Instance;
  value: StateValue;
  happening: Happening;
  effects: readonly OpenEffect[];
  now: number;
}): Incident[] {
  const active = activeStates(value);
  const standing = from.incidents.filter((incident) =>
    lifecycle.effects[incident.name]
      ? effects.some((effect) => effect.key === incident.subject)
      : lifecycle.deadlines[incident.name]?.in.some((state) => active.includes(state)) && !isOver(lifecycle, value),
  );
  const passed = happening.kind === 'deadline' ? lifecycle.deadlines[happening.type] : undefined;
  if (!passed?.incident) return standing;
  const subject = from.deadlines.find((deadline) => deadline.name === happening.type)?.key ?? happening.type;
  return [...standing, { subject, name: happening.type, code: 'DEADLINE_PASSED', message: passed.label.en, openedAt: now }];
}
