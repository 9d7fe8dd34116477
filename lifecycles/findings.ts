import { actingState, waitsForOf } from './awaited.ts';
import { causeOf, chartOf } from './chart.ts';
import { type Lifecycle, targetOf } from './declaration.ts';
import { explore, type Place, toldEventsOf, type Walk, wayTo } from './explore.ts';
import { brokenRules, faultOf, resolved } from './policies.ts';
import { finalStatesOf, isOver, type Registry, stateOf, statesOf } from './registry.ts';
import { type Bilingual, roleNames } from './roles.ts';
import type { Calendar } from './spans.ts';

/** What is wrong with a lifecycle, and the shortest way to where it shows. */
export type Finding = { lifecycle: string; what: string; way: string | null };

/** Everything that can be known to be wrong with a lifecycle without running it on a database. */
export function findingsOf({ lifecycle, registry, calendar }: { lifecycle: Lifecycle; registry: Registry; calendar: Calendar }): Finding[] {
  const found = (what: string, way: string | null = null): Finding => ({ lifecycle: `${lifecycle.name} v${lifecycle.version}`, what, way });
  const named = namesOf(lifecycle, registry).map((what) => found(what));
  if (named.length > 0) return named;
  const walk = explore({ lifecycle, calendar });
  return [...placesOf(walk), ...untakenOf(walk), ...reachOf(walk)].map(({ what, at }) => found(what, at ? wayTo(at) : null));
}

/** Names that lead nowhere, and labels that one language lacks. Asked first: a walk needs sound names. */
function namesOf(lifecycle: Lifecycle, registry: Registry): string[] {
  const { states, transitions } = chartOf(lifecycle);
  const known = new Set(states.map((state) => state.name));
  const events = new Set(transitions.map(({ cause }) => cause.name));
  const unknownStates = (owner: string, names: readonly string[]) =>
    names.filter((name) => !known.has(name)).map((name) => `${owner} names state "${name}", which the machine has not`);
  const { commands, deadlines, effects } = lifecycle;
  return [
    ...[...known].filter((name) => !lifecycle.states[name]).map((name) => `state ${name} has no label`),
    ...unknownStates('states', Object.keys(lifecycle.states)),
    ...[...events].filter((event) => causeOf(lifecycle, event).kind === 'unknown').map((event) => `event ${event} is no declared command, deadline or event`),
    ...Object.keys({ ...commands, ...deadlines, ...lifecycle.events })
      .filter((event) => !events.has(event))
      .map((event) => `the machine takes ${event} nowhere`),
    ...Object.entries(deadlines).flatMap(([name, { in: where, rearmOn = [] }]) => [
      ...unknownStates(`deadline ${name}`, where),
      ...rearmOn.filter((event) => !events.has(event)).map((event) => `deadline ${name} is armed anew on ${event}, which the machine never takes`),
    ]),
    ...Object.entries(effects).flatMap(([name, { in: where, after, ...exits }]) => [
      ...unknownStates(`effect ${name}`, where),
      ...(after !== undefined && !effects[after] ? [`effect ${name} comes after ${after}, which is not declared`] : []),
      ...[{ event: exits.succeeded }, exits.failed, exits.exhausted].flatMap((exit) =>
        exit === 'incident' || lifecycle.events[exit?.event ?? ''] ? [] : [`effect ${name} exits by ${exit?.event ?? 'nothing'}, which is no declared event`],
      ),
    ]),
    ...toldEventsOf(lifecycle)
      .filter((event) => !toldTo(lifecycle.name, registry).has(event))
      .map((event) => `event ${event} is no outcome of an effect, and no lifecycle tells it`),
    ...unknownStates('onEnter', Object.keys(lifecycle.onEnter)),
    ...[...Object.values(lifecycle.onEnter), ...Object.values(lifecycle.onEvent ?? {})].flat().flatMap((consequence) => toOthers(consequence, registry)),
    ...(lifecycle.contacts ?? []).filter(({ beside }) => !commands[beside]).map(({ beside }) => `a contact is shown beside ${beside}, which is no command`),
    ...Object.keys(lifecycle.notices)
      .filter((event) => !events.has(event) && event !== lifecycle.opening?.name)
      .map((event) => `a notice hangs on ${event}, which the machine never takes`),
    ...Object.entries(lifecycle.notices).flatMap(([event, list]) =>
      list
        .flatMap(({ to }) => to)
        .filter((role, index, all) => all.indexOf(role) < index)
        .map((role) => `notices tell ${role} of ${event} twice`),
    ),
    ...Object.entries(lifecycle.policies).flatMap(([name, { rule }]) =>
      /^[A-Z]{3}-\d+[a-z]?$/.test(rule) ? [] : [`policy ${name} cites no rule, got "${rule}"`],
    ),
    ...policyRulesOf(lifecycle),
    ...labelsOf(lifecycle).flatMap(([owner, label]) =>
      (['zh', 'en'] as const).filter((language) => !label?.[language]?.trim()).map((language) => `${owner} has no ${language}`),
    ),
  ];
}

function policyRulesOf(lifecycle: Lifecycle): string[] {
  const unknown = (lifecycle.policyRules ?? []).flatMap((rule) => rule.policies.filter((name) => !lifecycle.policies[name]));
  if (unknown.length > 0) return unknown.map((name) => `a policy rule speaks of "${name}", which is no policy`);
  const faulty = Object.entries(lifecycle.policies).filter(([, declared]) => faultOf(declared, declared.default));
  const broken = brokenRules(lifecycle, resolved(lifecycle, []));
  return [
    ...faulty.map(([name]) => `policy ${name} has a default that it could not be set to`),
    ...broken.map(({ label }) => `the policies’ defaults contradict each other: expected that ${label.en}`),
  ];
}

const toldTo = (name: string, registry: Registry) =>
  new Set(
    registry.current
      .flatMap(({ onEnter, onEvent = {} }) => [...Object.values(onEnter), ...Object.values(onEvent)].flat())
      .flatMap((one) => ('event' in one && targetOf(one) === name ? [one.event] : [])),
  );

function toOthers(consequence: Lifecycle['onEnter'][string][number], registry: Registry): string[] {
  const name = targetOf(consequence);
  const other = registry.current.find((one) => one.name === name);
  if (!other) return [`onEnter refers to "${name}", which is no lifecycle`];
  return 'event' in consequence && !other.events[consequence.event] ? [`onEnter tells ${name} "${consequence.event}", which it does not declare`] : [];
}

function labelsOf({
  label,
  states,
  commands,
  events,
  deadlines,
  effects,
  notices,
  policies,
  policyRules = [],
  opening,
}: Lifecycle): [string, Bilingual | undefined][] {
  const all = opening ? { ...commands, [opening.name]: opening.command } : commands;
  return [
    ['the lifecycle', label],
    ...Object.entries(states).flatMap(([name, state]): [string, Bilingual][] => [
      [`state ${name}`, state],
      [`state ${name}'s description`, state.description],
    ]),
    ...Object.entries(all).flatMap(([name, command]): [string, Bilingual][] => [
      [`command ${name}`, command.label],
      [`command ${name}'s description`, command.description],
    ]),
    ...Object.entries(events).map(([name, event]): [string, Bilingual] => [`event ${name}`, event]),
    ...Object.entries({ ...deadlines, ...effects, ...policies }).map(([name, declared]): [string, Bilingual] => [name, declared.label]),
    ...policyRules.map(({ policies: names, label: rule }): [string, Bilingual] => [`the policy rule on ${names.join(', ')}`, rule]),
    ...Object.entries(notices).flatMap(([name, list]) => list.map(({ text }): [string, Bilingual] => [`notice on ${name}`, text])),
  ];
}

type Where = { what: string; at: Place | null };

/** At every place: something goes on from here, and whoever is waited for can do something. */
function placesOf(walk: Walk): Where[] {
  const { lifecycle, places, moves } = walk;
  const ends = new Set([...finalStatesOf(lifecycle), ...(lifecycle.rests ?? [])]);
  const onward = new Set<Place>(places.filter((place) => isOver(lifecycle, place.instance.value)));
  const back = Map.groupBy(moves, (move) => move.to);
  for (const place of onward) for (const move of back.get(place) ?? []) onward.add(move.from);
  const leaving = Map.groupBy(moves, (move) => move.from);
  const first = new Map<string, Where>();
  for (const place of places)
    for (const what of [...(ends.size > 0 && !onward.has(place) ? ['no final state can be reached'] : []), ...ownersOf(place)]) {
      const key = `${what} in ${stateOf(place.instance.value)}`;
      if (!first.has(key)) first.set(key, { what: key, at: place });
    }
  return [...first.values()];

  /** What an awaited person is awaited for: another state, or other people. An appeal that takes over is not. */
  function movesOn({ instance: from }: Place, { instance: to }: Place): boolean {
    const [was, is] = [actingState(lifecycle, from.value), actingState(lifecycle, to.value)];
    const over = (state: string) => lifecycle.states[state]?.takesOver ?? 0;
    return over(is) <= over(was) && (was !== is || waitsForOf(lifecycle, from).join() !== waitsForOf(lifecycle, to).join());
  }

  function ownersOf(place: Place): string[] {
    const { instance } = place;
    if (isOver(lifecycle, instance.value)) return [];
    const out = leaving.get(place) ?? [];
    const awaited = lifecycle.states[actingState(lifecycle, instance.value)]?.waitsFor ?? [];
    // a person who is awaited beside the system acts through a machine, or in another record that tells of it
    const byMachine = out.some(({ by }) => by.role === 'system' || by.kind === 'told');
    const persons = waitsForOf(lifecycle, instance).filter((role) => role !== 'system');
    const idle = persons.filter((role) => !(awaited.includes('system') && byMachine) && !out.some(({ by, to }) => by.role === role && movesOn(place, to)));
    const itself = instance.deadlines.some(({ dueAt }) => dueAt !== null) || instance.effects.length > 0 || byMachine;
    return [
      ...idle.map((role) => `waits for ${role}, who has no command that moves it on`),
      ...(persons.length === 0 && !itself ? ['waits for nobody: neither a person nor a deadline nor an effect'] : []),
    ];
  }
}

/** A command that asking calls possible, and that every guard of the machine then says no to. */
function untakenOf({ untaken }: Walk): Where[] {
  const first = new Map<string, Where>();
  for (const { at, by } of untaken) {
    const what = `${by.role} ${by.name} is called possible and no transition takes it in ${stateOf(at.instance.value)}`;
    if (!first.has(what)) first.set(what, { what, at });
  }
  return [...first.values()];
}

/** Over all places: what is declared but never happens. */
function reachOf({ lifecycle, places, moves }: Walk): Where[] {
  const never = (what: string): Where => ({ what, at: null });
  const visited = new Set(places.flatMap(({ instance }) => (typeof instance.value === 'string' ? [instance.value] : Object.values(instance.value))));
  const happened = new Set(moves.map(({ by }) => `${by.kind} ${by.name}`));
  const acted = new Set(moves.map(({ by }) => by.role));
  const opened = new Set(places.flatMap(({ instance }) => [...instance.effects, ...instance.deadlines].map(({ name }) => name)));
  const appears = roleNames.filter((role) => role !== 'system' && Object.values(lifecycle.states).some((state) => state.waitsFor.includes(role)));
  return [
    ...statesOf(lifecycle)
      .filter((state) => !visited.has(state))
      .map((state) => never(`state ${state} is never reached`)),
    ...Object.keys(lifecycle.commands)
      .filter((name) => !happened.has(`command ${name}`))
      .map((name) => never(`command ${name} is possible nowhere`)),
    ...Object.keys(lifecycle.deadlines)
      .filter((name) => !happened.has(`deadline ${name}`))
      .map((name) => never(`deadline ${name} never fires`)),
    ...Object.keys(lifecycle.effects)
      .filter((name) => !opened.has(name))
      .map((name) => never(`effect ${name} is never wanted`)),
    ...toldEventsOf(lifecycle)
      .filter((name) => !happened.has(`told ${name}`))
      .map((name) => never(`event ${name} is never taken; does lifecycles/examples.ts give its input?`)),
    ...appears.filter((role) => !acted.has(role)).map((role) => never(`role ${role} is waited for and has no command`)),
  ];
}
