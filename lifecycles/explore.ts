import { ask, type Question, restore, stampOf } from './ask.ts';
import { chartOf } from './chart.ts';
import { coreCommands } from './core.ts';
import type { Command, Lifecycle } from './declaration.ts';
import { type Examples, examples } from './examples.ts';
import type { Facts } from './facts.ts';
import type { Instance } from './instance.ts';
import { commandNamed, isFinal } from './registry.ts';
import { gaveUp, retried } from './repair.ts';
import { type Actor, type Role, system } from './roles.ts';
import { sampleNow, samplesOf } from './samples.ts';
import type { Calendar, Policies } from './spans.ts';
import { begin, type Happening, NoTransition, step } from './step.ts';

/** One thing that can happen to an instance, as a person would name it. */
export type Action = { kind: 'start' | 'command' | 'deadline' | 'effect' | 'told'; name: string; role: Role | null };
/** An instance as the walk met it first; `from` is the place it came from, by the shortest way. */
export type Place = { instance: Instance; from: Place | null; by: Action };
export type Move = { from: Place; by: Action; to: Place };
export type Walk = {
  lifecycle: Lifecycle;
  places: Place[];
  moves: Move[];
  /** Commands that were called possible and that no transition takes, with the place. */
  untaken: { at: Place; by: Action }[];
};

type WalkOptions = { lifecycle: Lifecycle; calendar: Calendar; given?: Examples; limit?: number };

/**
 * Every place that one instance can reach from its starts by commands, due deadlines, effects' outcomes and words of
 * other instances, breadth first, so that the way to each is a shortest one. Two places are the same when states,
 * effects, what is recorded, the shape of what rules read of the context and the timers that move something are: one
 * that is only seen (a reminder, an incident) opens no way. Inputs are the schemas' samples; `check` is not asked.
 * @throws when a lifecycle has more than `limit` places
 */
export function explore({ lifecycle, calendar, given = examples[lifecycle.name] ?? {}, limit = 20_000 }: WalkOptions): Walk {
  const defaults: Policies = Object.fromEntries(Object.entries(lifecycle.policies).map(([name, policy]) => [name, policy.default]));
  const policies = { ...defaults, ...given.policies };
  const moving = movingEvents(lifecycle);
  const acting = [...new Set(Object.values({ ...lifecycle.commands, ...coreCommands }).flatMap(({ by }) => by))];
  const places = new Map<string, Place>();
  const moves: Move[] = [];
  const untaken: Walk['untaken'] = [];
  const queue: Place[] = [];
  const inputs = new Map<string, Record<string, unknown>[]>();
  for (const input of startsOf(lifecycle, given)) reach(null, { kind: 'start', name: 'start', role: null }, startedBy(input));
  for (let place = queue.shift(); place; place = queue.shift()) {
    if (isFinal(lifecycle, place.instance.value)) continue;
    leave(place);
    if (places.size > limit) throw new Error(`expected at most ${limit} places of ${lifecycle.name}, got more: does a context grow without end?`);
  }
  return { lifecycle, places: [...places.values()], moves, untaken };

  function reach(from: Place | null, by: Action, instance: Instance) {
    const key = shapeOfPlace(instance, moving, given.unread);
    const known = places.get(key);
    const to = known ?? { instance, from, by };
    if (!known) {
      places.set(key, to);
      queue.push(to);
    }
    if (from) moves.push({ from, by, to });
  }

  function startedBy(input: Record<string, unknown>): Instance {
    const instance = { id: 'walk', lifecycle: lifecycle.name, version: lifecycle.version, number: lifecycle.prefix, family: 'walk', refs: {}, parties };
    const question = questionAt(given.at ?? sampleNow, system);
    return begin({ lifecycle, instance, input, happening: { kind: 'created', type: 'start', input: {}, reason: null }, question }).instance;
  }

  function leave(place: Place) {
    const { instance } = place;
    const asked = new Map(acting.map((role) => [role, ask({ lifecycle, instance, question: questionAt(instance.at, actorOf(role)) })]));
    for (const name of Object.keys({ ...lifecycle.commands, ...coreCommands })) commanded(place, name, asked);
    for (const { name, dueAt } of instance.deadlines)
      if (dueAt !== null) put(place, { kind: 'deadline', name, role: null }, { kind: 'deadline', type: name, input: {} }, { at: dueAt });
    for (const event of toldEventsOf(lifecycle)) {
      const input = given.told?.[event] ?? {};
      const stamp = stampOf(questionAt(instance.at, system));
      if (restore(lifecycle, instance.value, instance.context).can({ type: event, input, ...stamp } as never))
        put(place, { kind: 'told', name: event, role: null }, { kind: 'told', type: event, input });
    }
    outcomes(place);
  }

  function commanded(place: Place, name: string, asked: ReadonlyMap<Role, ReturnType<typeof ask>>) {
    const command = commandNamed(lifecycle, name);
    const { instance } = place;
    for (const role of command?.by ?? []) {
      const actor = command?.anotherPerson ? { ...actorOf(role), id: `another ${role}` } : actorOf(role);
      const question = questionAt(instance.at, actor);
      const answers = command?.anotherPerson ? ask({ lifecycle, instance, question }) : asked.get(role);
      if (!answers?.isAllowed(name)) continue;
      const by: Action = { kind: 'command', name, role };
      if (name in coreCommands) {
        const happening: Happening = { kind: 'core', type: name, input: { effect: instance.effects[0]?.key }, reason: 'reason' };
        reach(place, by, retried({ instance, happening, question }).instance);
      } else
        for (const input of inputsOf(name, command))
          if (!answers.refusalOf(name, input))
            for (const facts of [{}, ...(given.facts?.[name] ?? [])]) put(place, by, { kind: 'command', type: name, input }, { actor, facts });
    }
  }

  function inputsOf(name: string, command: Command | undefined): Record<string, unknown>[] {
    const known = inputs.get(name) ?? [...((command ? samplesOf(command.input) : []) as Record<string, unknown>[]), ...(given.inputs?.[name] ?? [])];
    inputs.set(name, known);
    return known;
  }

  function outcomes(place: Place) {
    const { instance } = place;
    for (const effect of instance.effects) {
      const declared = lifecycle.effects[effect.name];
      if (!declared || effect.status === 'failed') continue;
      for (const input of [...samplesOf(declared.result), ...(given.outcomes?.[effect.name] ?? [])])
        put(place, { kind: 'effect', name: declared.succeeded, role: null }, { kind: 'effect', type: declared.succeeded, input: input as never, effect });
      for (const exit of [declared.failed, declared.exhausted]) {
        const error = { code: 'FAILED', message: 'sample' };
        if (exit !== 'incident') put(place, { kind: 'effect', name: exit.event, role: null }, { kind: 'effect', type: exit.event, input: error, effect });
        else
          reach(
            place,
            { kind: 'effect', name: `${effect.name} gives up`, role: null },
            gaveUp({ instance, effect, error, question: questionAt(instance.at, system) }).instance,
          );
      }
    }
  }

  type Asking = { at?: number; actor?: Actor; facts?: Facts };

  function put(place: Place, by: Action, happening: Omit<Happening, 'reason'>, { at = place.instance.at, actor = actorOf('system'), facts = {} }: Asking = {}) {
    const question = { ...questionAt(Math.max(at, place.instance.at), actor), facts };
    try {
      reach(place, by, step({ lifecycle, instance: place.instance, happening: { ...happening, reason: 'reason' }, question }).instance);
    } catch (error) {
      if (!(error instanceof NoTransition)) throw error;
      untaken.push({ at: place, by });
    }
  }

  function questionAt(now: number, actor: Actor): Question {
    return { actor, facts: {}, now, policies, calendar };
  }
}

/** Whose a walked instance is. */
export const parties = { buyer: 'buyer', merchant: 'merchant' };
const actorOf = (role: Role): Actor => ({ id: role, role, party: role === 'buyer' || role === 'merchant' ? parties[role] : null });

/** Events that come from other instances: declared, and no effect's outcome. */
export function toldEventsOf(lifecycle: Lifecycle): string[] {
  const outcomes = new Set(
    Object.values(lifecycle.effects).flatMap(({ succeeded, failed, exhausted }) => [
      succeeded,
      ...[failed, exhausted].map((exit) => (typeof exit === 'object' ? exit.event : '')),
    ]),
  );
  return Object.keys(lifecycle.events).filter((event) => !outcomes.has(event));
}

/** The shortest way to a place: "merchant uploadAcceptance → buyer acceptDelivery → completionSyncDue". */
export function wayTo(place: Place): string {
  const steps: string[] = [];
  for (let at: Place | null = place; at?.from; at = at.from) steps.unshift(at.by.role ? `${at.by.role} ${at.by.name}` : at.by.name);
  return steps.join(' → ') || 'at the start';
}

function startsOf(lifecycle: Lifecycle, { starts }: Examples): Record<string, unknown>[] {
  const sampled = samplesOf(lifecycle.context) as Record<string, unknown>[];
  return starts ? starts.map((start) => ({ ...sampled[0], ...start })) : sampled;
}

/** The events by which something more than the log changes, somewhere. */
const movingEvents = (lifecycle: Lifecycle): ReadonlySet<string> =>
  new Set(chartOf(lifecycle).transitions.flatMap(({ from, to, actions, cause }) => (from !== to || actions.length > 0 ? [cause.name] : [])));

function shapeOfPlace(instance: Instance, moving: ReadonlySet<string>, unread: readonly string[] = []): string {
  const { value, deadlines, effects, recorded, incidents } = instance;
  const context = Object.fromEntries(Object.entries(instance.context).filter(([field]) => !unread.includes(field)));
  const timers = deadlines.filter(({ name }) => moving.has(name)).map(({ name, dueAt }) => `${name}${dueAt === null ? ' stopped' : ''}`);
  const work = effects.map(({ name, status }) => `${name} ${status}`);
  return JSON.stringify([
    value,
    shapeOf(context),
    timers.sort(),
    work.sort(),
    recorded.map((fact) => fact.event),
    incidents
      .map(({ name }) => name)
      .filter((name) => moving.has(name) || effects.some((effect) => effect.name === name))
      .sort(),
  ]);
}

/** Rules hang on which texts and whether numbers are there, not on how large they are. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}
