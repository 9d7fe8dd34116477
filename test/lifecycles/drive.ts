import { shanghai } from '../../calendar/calendar.ts';
import { allowed, type Question, whyNot } from '../../lifecycles/ask.ts';
import { nextDue } from '../../lifecycles/deadlines.ts';
import type { FactName, Facts } from '../../lifecycles/facts.ts';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';
import type { Message } from '../../lifecycles/notice.ts';
import { type Play, play, type World } from '../../lifecycles/play.ts';
import { resolved } from '../../lifecycles/policies.ts';
import type { Problem } from '../../lifecycles/problem.ts';
import { commandNamed, createRegistry, type Registry } from '../../lifecycles/registry.ts';
import { type Actor, maySee } from '../../lifecycles/roles.ts';
import type { Calendar, Policies } from '../../lifecycles/spans.ts';
import type { Step } from '../../lifecycles/step.ts';
import { factsOfTheModel, startOfTime } from './cast.ts';
import { commandsOf } from './model-commands.ts';
import { outcomesOf } from './model-outcomes.ts';
import { remembering } from './remembering.ts';

export type FactsFor = (
  names: readonly FactName[],
  ask: { actor: Actor; input: Record<string, unknown>; instance: Instance | null; others?: Iterable<Instance> },
) => Facts;

export type ModelOptions = {
  registry?: Registry;
  calendar?: Calendar;
  /** Operators' values by lifecycle, over the declared defaults. */
  policies?: Record<string, Policies>;
  /** Stands for db/facts.ts. */
  factsFor?: FactsFor;
  /** Ids and numbers of new instances: give those of the real stack to compare with it. */
  identityFor?: World['identityFor'];
  now?: number;
};

/** What the parts of a model share: the world, what is held, and the one way to change it. */
export type Inside = {
  world: World;
  factsFor: FactsFor;
  now(): number;
  of(id: string): Instance;
  lastActor(id: string): string;
  instances: ReadonlyMap<string, Instance>;
  questionOf(instance: Instance, actor: Actor, facts: Facts): Question;
  store(first: Step, question: Question): void;
};

export type Model = ReturnType<typeof createModel>;

/**
 * A family of instances in memory under a virtual clock: asked, stepped and played exactly as db/commit.ts does it,
 * without a database. What it holds is what the real stack must hold after the same commands, results and instants.
 */
export function createModel({
  registry = createRegistry(),
  calendar = defaultCalendar,
  policies = {},
  factsFor = factsOfTheModel,
  identityFor,
  now = startOfTime,
}: ModelOptions = {}) {
  const known = new Map(registry.current.map((lifecycle) => [lifecycle.name, resolved(lifecycle, [policies[lifecycle.name]])]));
  const setting = { registry, calendar, factsFor, identityFor, policiesOf: (name: string) => known.get(name) ?? {} };
  return modelOf(setting, { instances: new Map(), log: [], messages: [], postings: [], now, made: 0 });
}

const defaultCalendar = remembering(shanghai);

type Setting = Required<Pick<ModelOptions, 'registry' | 'calendar' | 'factsFor'>> & Pick<ModelOptions, 'identityFor'> & Pick<World, 'policiesOf'>;
type Held = { instances: Map<string, Instance>; log: LogEntry[]; messages: Message[]; postings: Play['postings']; now: number; made: number };

function modelOf(setting: Setting, held: Held) {
  const { registry, calendar, policiesOf } = setting;
  const { instances, log, messages, postings } = held;
  const factsFor: FactsFor = (names, asked) => setting.factsFor(names, { others: instances.values(), ...asked });
  const world: World = { registry, calendar, policiesOf, identityFor: setting.identityFor ?? counted };
  const inside: Inside = { world, factsFor, now: () => held.now, of, lastActor, instances, questionOf, store };
  const outcomes = outcomesOf(inside);
  return {
    registry,
    calendar,
    policiesOf,
    /** Every instance by id, as its row would be. */
    instances,
    /** The operation log of the whole family, in order. */
    log,
    messages,
    /** Every movement of money, in order. */
    postings,
    get now() {
      return held.now;
    },
    ...commandsOf(inside),
    ...outcomes,
    whyNot: ask,
    allowed: possible,
    advance,
    moveTo,
    only,
    /** Puts an instance in as it is, for a test that begins in the middle. */
    put: (instance: Instance) => void instances.set(instance.id, instance),
    /** A model that goes on from here by itself; cheap, because instances are never changed in place. */
    fork: () => modelOf(setting, { ...held, instances: new Map(instances), log: [...log], messages: [...messages], postings: [...postings] }),
  };

  /** What GraphQL's `availableCommands` would say: null when the command is possible now. */
  function ask({
    instance: id,
    command: name,
    actor,
    input = {},
  }: {
    instance: string;
    command: string;
    actor: Actor;
    input?: Record<string, unknown>;
  }): Problem | null {
    const instance = of(id);
    const lifecycle = registry.of(instance.lifecycle, instance.version);
    const facts = factsFor(commandNamed(lifecycle, name)?.facts ?? [], { actor, input, instance });
    return whyNot({ lifecycle, instance, name, question: questionOf(instance, actor, facts) });
  }

  /** The names of the commands that are possible now for an actor who may see the instance. */
  function possible({ instance: id, actor }: { instance: string; actor: Actor }): string[] {
    const instance = of(id);
    if (!maySee(actor, instance.parties, instance.lifecycle)) return [];
    return allowed({ lifecycle: registry.of(instance.lifecycle, instance.version), instance, question: questionOf(instance, actor, {}) });
  }

  /** Moves the clock from due to due, each deadline stamped with its own instant. @returns what fired, in order */
  function advance(byMs: number): string[] {
    const target = held.now + byMs;
    const fired: string[] = [];
    for (let next = soonest(target); next; next = soonest(target)) {
      moveTo(next.dueAt);
      outcomes.fire(next);
      fired.push(next.name);
    }
    moveTo(target);
    return fired;
  }

  /** Sets the clock without firing anything: a deadline is then late, as after an outage. */
  function moveTo(instant: number): void {
    held.now = Math.max(held.now, instant);
  }

  function soonest(until: number): { instance: string; key: string; name: string; dueAt: number } | null {
    const due = [...instances.values()].flatMap((instance) => {
      const first = nextDue(instance.deadlines);
      return first && first.dueAt <= until ? [{ ...first, instance: instance.id }] : [];
    });
    return due.sort((one, other) => one.dueAt - other.dueAt)[0] ?? null;
  }

  function store(first: Step, { actor, facts, now }: Question): void {
    const played = play({ world, family: instances, cause: { actor, facts, now }, first });
    for (const [id, instance] of played.changed) instances.set(id, instance);
    log.push(...played.entries);
    messages.push(...played.messages);
    postings.push(...played.postings);
  }

  function questionOf(instance: Instance, actor: Actor, facts: Facts): Question {
    return { actor, facts, now: Math.max(held.now, instance.at), policies: policiesOf(instance.lifecycle), calendar };
  }

  function of(id: string): Instance {
    const instance = instances.get(id);
    if (!instance) throw new Error(`expected an instance of this model, got ${id}`);
    return instance;
  }

  function lastActor(id: string): string {
    return log.findLast((entry) => entry.instance === id)?.actor.id ?? '';
  }

  /** The family's one instance of a lifecycle, if there is one. */
  function only(lifecycle: string): Instance | undefined {
    for (const instance of instances.values()) if (instance.lifecycle === lifecycle) return instance;
    return undefined;
  }

  function counted(prefix: string): { id: string; number: string } {
    held.made += 1;
    return { id: `00000000-0000-4000-8000-${String(held.made).padStart(12, '0')}`, number: `${prefix}-${held.made}` };
  }
}
