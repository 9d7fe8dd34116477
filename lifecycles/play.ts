import { type Question, restore, stampOf } from './ask.ts';
import type { ClosedDeadline } from './deadlines.ts';
import type { Entered } from './declaration.ts';
import type { ClosedEffect } from './effects.ts';
import type { Instance, LogEntry } from './instance.ts';
import { type Message, messagesOf } from './notice.ts';
import type { Registry } from './registry.ts';
import type { Actor } from './roles.ts';
import type { Calendar, Policies } from './spans.ts';
import { begin, type Happening, type Step, step } from './step.ts';

/** What the rules need of the installation. */
export type World = {
  registry: Registry;
  calendar: Calendar;
  /** Of the current version when none is named; of the installation without a context that says which product's. */
  policiesOf(lifecycle: string, version?: number, context?: Record<string, unknown>): Policies;
  /** A fresh id and human number for an instance that is about to be created. */
  identityFor(prefix: string, now: number): { id: string; number: string };
};

export type Cause = Pick<Question, 'actor' | 'facts' | 'now'>;

/** Everything one cause changes, over all instances that change together with it. */
export type Play = {
  changed: Map<string, Instance>;
  created: Set<string>;
  entries: LogEntry[];
  messages: Message[];
  closedDeadlines: (ClosedDeadline & { instance: string })[];
  closedEffects: (ClosedEffect & { instance: string })[];
};

/** The instances that must be locked too before this cause can be played. */
export class NeedsTogether extends Error {
  readonly instances: string[];
  constructor(instances: string[]) {
    super(`expected ${instances.join(', ')} to be locked together`);
    this.name = 'NeedsTogether';
    this.instances = instances;
  }
}

/**
 * Plays one cause to its end: the step of the instance it is put to, then what the states it entered mean for other
 * instances, in the same transaction. Pure: the locked family comes in, everything to be stored goes out.
 * @throws NeedsTogether when an instance to be told is not in the family.
 */
export function play({
  world,
  family,
  cause,
  first,
}: {
  world: World;
  family: ReadonlyMap<string, Instance>;
  cause: Cause;
  /** The first step, from the caller's own question. */
  first: Step;
}): Play {
  const result: Play = { changed: new Map(), created: new Set(), entries: [], messages: [], closedDeadlines: [], closedEffects: [] };
  const queue: Step[] = [];
  keep(first);
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const { state, by } of next.entered) consequences(next.instance.id, state, by);
  }
  return result;

  function keep(done: Step) {
    const { id, lifecycle: name, version } = done.instance;
    const lifecycle = world.registry.of(name, version);
    result.changed.set(id, done.instance);
    result.entries.push(...done.entries);
    result.closedDeadlines.push(...done.closedDeadlines.map((closed) => ({ ...closed, instance: id })));
    result.closedEffects.push(...done.closedEffects.map((closed) => ({ ...closed, instance: id })));
    for (const entry of done.entries) result.messages.push(...messagesOf({ lifecycle, instance: done.instance, entry, calendar: world.calendar }));
    queue.push(done);
  }

  function consequences(id: string, state: string, by: Actor) {
    const instance = result.changed.get(id);
    if (!instance) return;
    const lifecycle = world.registry.of(instance.lifecycle, instance.version);
    const entered: Entered = {
      ...questionFor(instance, by),
      context: instance.context,
      parties: instance.parties,
      effects: instance.effects,
      id,
      number: instance.number,
    };
    for (const consequence of lifecycle.onEnter[state] ?? []) {
      if ('tell' in consequence) tell(instance, consequence.tell, { type: consequence.event, input: consequence.input(entered), by });
      else if (consequence.when?.(entered) ?? true) create(instance, consequence.create, { ref: consequence.ref, input: consequence.input(entered), by });
    }
  }

  function questionFor(instance: Pick<Instance, 'lifecycle' | 'at'> & Partial<Pick<Instance, 'version' | 'context'>>, actor: Actor): Question {
    return {
      ...cause,
      actor,
      now: Math.max(cause.now, instance.at),
      policies: world.policiesOf(instance.lifecycle, instance.version, instance.context),
      calendar: world.calendar,
    };
  }

  function tell(from: Instance, ref: string, { type, input, by }: { type: string; input: Record<string, unknown>; by: Actor }) {
    const id = from.refs[ref];
    if (!id) throw new Error(`expected ${from.number} to refer to "${ref}", got nothing`);
    const target = result.changed.get(id) ?? family.get(id);
    if (!target) throw new NeedsTogether([id]);
    const lifecycle = world.registry.of(target.lifecycle, target.version);
    const question = questionFor(target, by);
    const happening: Happening = { kind: 'told', type, input, reason: null };
    if (!restore(lifecycle, target.value, target.context).can({ type, input, ...stampOf(question) } as never))
      throw new Error(`expected ${target.number} to take "${type}" from ${from.number}, got state ${JSON.stringify(target.value)}`);
    keep(step({ lifecycle, instance: target, happening, question }));
  }

  function create(from: Instance, name: string, { ref, input, by }: { ref: string; input: Record<string, unknown>; by: Actor }) {
    const lifecycle = world.registry.of(name);
    const { id, number } = world.identityFor(lifecycle.prefix, cause.now);
    result.created.add(id);
    keep(
      begin({
        lifecycle,
        instance: { id, lifecycle: name, version: lifecycle.version, number, family: from.family, refs: { [ref]: from.id }, parties: from.parties },
        input,
        happening: { kind: 'created', type: `${name}Created`, input, reason: null },
        question: questionFor({ lifecycle: name, at: cause.now }, by),
        policiesFor: (context) => world.policiesOf(name, lifecycle.version, context),
      }),
    );
  }
}

/** The references a lifecycle's instances may have to tell when `event` is put to them, read off the chart. */
export function toldBy(registry: Registry, lifecycleName: string, event: string): string[] {
  const lifecycle = registry.of(lifecycleName);
  const targets = new Set<string>();
  const visit = (node: { transitions: Map<string, { target?: readonly { key: string }[] }[]>; states: Record<string, unknown> }) => {
    for (const transition of node.transitions.get(event) ?? []) for (const target of transition.target ?? []) targets.add(target.key);
    for (const child of Object.values(node.states)) visit(child as never);
  };
  visit(lifecycle.machine.root as never);
  return [...targets].flatMap((state) => (lifecycle.onEnter[state] ?? []).flatMap((consequence) => ('tell' in consequence ? [consequence.tell] : [])));
}
