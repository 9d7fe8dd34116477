import { type Question, restore, stampOf } from './ask.ts';
import type { ClosedDeadline } from './deadlines.ts';
import type { Consequence, Entered, Lifecycle } from './declaration.ts';
import type { ClosedEffect } from './effects.ts';
import type { Instance, LogEntry } from './instance.ts';
import type { Posting } from './ledger.ts';
import { type Message, messagesOf } from './notice.ts';
import type { Row } from './organisation/rows.ts';
import { isFinal, type Registry } from './registry.ts';
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
  postings: (Posting & { instance: string; revision: number; at: number })[];
  rows: (Row & { instance: string; revision: number; at: number })[];
  closedDeadlines: (ClosedDeadline & { instance: string })[];
  closedEffects: (ClosedEffect & { instance: string })[];
};

/** What must be locked too: instances by id, and all of the family that belong to a lifecycle. */
export type Together = { instances: readonly string[]; members: readonly string[] };

/** What must be locked too before this cause can be played. */
export class NeedsTogether extends Error {
  readonly together: Together;
  constructor(together: Together) {
    super(`expected ${[...together.instances, ...together.members.map((name) => `every ${name} of the family`)].join(', ')} to be locked together`);
    this.name = 'NeedsTogether';
    this.together = together;
  }
}

/**
 * Plays one cause to its end: the step of the instance it is put to, then what the states it entered mean for other
 * instances, in the same transaction. Pure: the locked family comes in, everything to be stored goes out.
 * @throws NeedsTogether when an instance to be told is not in the family.
 * @throws when a posting is no amount of money: a rule's bug, which must store nothing
 */
export function play({
  world,
  family,
  members,
  cause,
  first,
}: {
  world: World;
  family: ReadonlyMap<string, Instance>;
  /** The lifecycles of which all instances of the family are there; left out: of all. */
  members?: ReadonlySet<string>;
  cause: Cause;
  /** The first step, from the caller's own question. */
  first: Step;
}): Play {
  const result: Play = { changed: new Map(), created: new Set(), entries: [], messages: [], postings: [], rows: [], closedDeadlines: [], closedEffects: [] };
  const queue: Step[] = [];
  keep(first);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { id } = next.instance;
    for (const { type, actor, applied } of next.entries) if (applied) consequences(id, ({ onEvent }) => onEvent?.[type], actor);
    for (const { state, by } of next.entered) consequences(id, ({ onEnter }) => onEnter[state], by);
  }
  return result;

  function keep(done: Step) {
    const { id, lifecycle: name, version } = done.instance;
    const lifecycle = world.registry.of(name, version);
    const before = result.changed.get(id) ?? family.get(id) ?? null;
    result.changed.set(id, done.instance);
    result.entries.push(...done.entries);
    result.closedDeadlines.push(...done.closedDeadlines.map((closed) => ({ ...closed, instance: id })));
    result.closedEffects.push(...done.closedEffects.map((closed) => ({ ...closed, instance: id })));
    for (const entry of done.entries) result.messages.push(...messagesOf({ lifecycle, instance: done.instance, entry, calendar: world.calendar }));
    for (const entry of done.entries) post(entry, { lifecycle, instance: done.instance, before });
    queue.push(done);
  }

  function post(entry: LogEntry, { lifecycle, instance, before }: { lifecycle: Lifecycle; instance: Instance; before: Instance | null }) {
    const { postings, rows } = lifecycle;
    const [ofMoney, ofRows] = [postings?.[entry.type], rows?.[entry.type]];
    if (!entry.applied || !(ofMoney || ofRows)) return;
    const posted = { ...enteredBy(instance, entry.actor), before: before?.context ?? null, input: entry.input };
    const where = { instance: instance.id, revision: entry.revision, at: entry.at };
    for (const posting of ofMoney?.(posted) ?? []) {
      if (!Number.isSafeInteger(posting.amount) || posting.amount <= 0)
        throw new Error(`expected ${entry.type} of ${instance.number} to move an amount of minor units above 0, got ${posting.amount}`);
      result.postings.push({ ...posting, ...where });
    }
    result.rows.push(...(ofRows?.(posted) ?? []).map((row) => ({ ...row, ...where })));
  }

  function enteredBy(instance: Instance, by: Actor): Entered {
    const { context, parties, effects, id, number, refs } = instance;
    return { ...questionFor(instance, by), context, parties, effects, id, number, refs };
  }

  function consequences(id: string, declaredBy: (lifecycle: Lifecycle) => readonly Consequence[] | undefined, by: Actor) {
    const instance = result.changed.get(id);
    if (!instance) return;
    const lifecycle = world.registry.of(instance.lifecycle, instance.version);
    const declared = declaredBy(lifecycle) ?? [];
    if (declared.length === 0) return;
    const entered = enteredBy(instance, by);
    for (const consequence of declared) {
      if (!(consequence.when?.(entered) ?? true)) continue;
      const input = consequence.input(entered);
      if ('tell' in consequence) tell(instance, consequence.tell, { type: consequence.event, input, by });
      else if ('create' in consequence) create(instance, consequence, { input, by });
      else
        for (const member of membersOf(instance, consequence.tellMembers)) {
          const told = { type: consequence.event, input, by };
          if ((consequence.where?.(member, entered) ?? true) && takes(member, told)) put(member, told);
        }
    }
  }

  function membersOf({ id, family: of }: Instance, name: string): Instance[] {
    if (members && !members.has(name)) throw new NeedsTogether({ instances: [], members: [name] });
    const all = new Map([...family, ...result.changed]);
    return [...all.values()].filter(
      (one) => one.id !== id && one.family === of && one.lifecycle === name && !isFinal(world.registry.of(name, one.version), one.value),
    );
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

  type Told = { type: string; input: Record<string, unknown>; by: Actor };

  function tell(from: Instance, ref: string, told: Told) {
    const id = from.refs[ref];
    if (!id) throw new Error(`expected ${from.number} to refer to "${ref}", got nothing`);
    const target = result.changed.get(id) ?? family.get(id);
    if (!target) throw new NeedsTogether({ instances: [id], members: [] });
    if (!takes(target, told))
      throw new Error(`expected ${target.number} to take "${told.type}" from ${from.number}, got state ${JSON.stringify(target.value)}`);
    put(target, told);
  }

  function takes(target: Instance, { type, input, by }: Told): boolean {
    const lifecycle = world.registry.of(target.lifecycle, target.version);
    return restore(lifecycle, target.value, target.context).can({ type, input, ...stampOf(questionFor(target, by)) } as never);
  }

  function put(target: Instance, { type, input, by }: Told) {
    const happening: Happening = { kind: 'told', type, input, reason: null };
    keep(step({ lifecycle: world.registry.of(target.lifecycle, target.version), instance: target, happening, question: questionFor(target, by) }));
  }

  function create(
    from: Instance,
    { create: name, ref, refs = [] }: { create: string; ref: string; refs?: readonly string[] },
    { input, by }: Omit<Told, 'type'>,
  ) {
    const handedOn = refs.flatMap((known) => (from.refs[known] ? [[known, from.refs[known]] as const] : []));
    const lifecycle = world.registry.of(name);
    const { id, number } = world.identityFor(lifecycle.prefix, cause.now);
    result.created.add(id);
    keep(
      begin({
        lifecycle,
        instance: {
          id,
          lifecycle: name,
          version: lifecycle.version,
          number,
          family: from.family,
          refs: { ...Object.fromEntries(handedOn), [ref]: from.id },
          parties: from.parties,
        },
        input,
        happening: { kind: 'created', type: `${name}Created`, input, reason: null },
        question: questionFor({ lifecycle: name, at: cause.now }, by),
        policiesFor: (context) => world.policiesOf(name, lifecycle.version, context),
      }),
    );
  }
}

/** What may have to be told when `event` is put to a lifecycle's instance, read off the chart: references, and lifecycles of its family. */
export function toldBy(registry: Registry, lifecycleName: string, event: string): { refs: string[]; members: string[] } {
  const lifecycle = registry.of(lifecycleName);
  const targets = new Set<string>();
  const visit = (node: { transitions: Map<string, { target?: readonly { key: string }[] }[]>; states: Record<string, unknown> }) => {
    for (const transition of node.transitions.get(event) ?? []) for (const target of transition.target ?? []) targets.add(target.key);
    for (const child of Object.values(node.states)) visit(child as never);
  };
  visit(lifecycle.machine.root as never);
  const consequences = [...(lifecycle.onEvent?.[event] ?? []), ...[...targets].flatMap((state) => lifecycle.onEnter[state] ?? [])];
  return {
    refs: consequences.flatMap((consequence) => ('tell' in consequence ? [consequence.tell] : [])),
    members: consequences.flatMap((consequence) => ('tellMembers' in consequence ? [consequence.tellMembers] : [])),
  };
}
