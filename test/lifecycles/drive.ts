import { shanghai } from '../../calendar/calendar.ts';
import { policiesOf } from '../../db/policies.ts';
import { type Answer, type CommandRequest, fieldProblems, stale } from '../../db/requests.ts';
import { type Question, requirementProblem, whyNot } from '../../lifecycles/ask.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import { nextDue } from '../../lifecycles/deadlines.ts';
import type { FactName, Facts } from '../../lifecycles/facts.ts';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';
import { type Message, play, type World } from '../../lifecycles/play.ts';
import { invalid, notFound, type Problem, refused } from '../../lifecycles/problem.ts';
import { commandNamed, createRegistry, type Registry } from '../../lifecycles/registry.ts';
import { gaveUp, retried } from '../../lifecycles/repair.ts';
import { type Actor, maySee, system } from '../../lifecycles/roles.ts';
import type { Calendar, Policies } from '../../lifecycles/spans.ts';
import { begin, type Step, step } from '../../lifecycles/step.ts';
import { factsOfTheModel, startOfTime } from './cast.ts';

export type FactsFor = (names: readonly FactName[], ask: { actor: Actor; input: Record<string, unknown>; instance: Instance | null }) => Facts;

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

/** A command without what only a transport knows: no key, no door. */
export type ModelCommand = Pick<CommandRequest, 'lifecycle' | 'command' | 'actor'> &
  Partial<Pick<CommandRequest, 'instance' | 'input' | 'reason' | 'expectedRevision'>>;

export type Model = ReturnType<typeof createModel>;

/**
 * A family of instances in memory under a virtual clock: asked, stepped and played exactly as db/commit.ts does it,
 * without a database. What it holds is what the real stack must hold after the same commands, results and instants.
 */
export function createModel(options: ModelOptions = {}) {
  return modelOf(options, { instances: new Map(), log: [], messages: [], now: options.now ?? startOfTime, made: 0 });
}

type Held = { instances: Map<string, Instance>; log: LogEntry[]; messages: Message[]; now: number; made: number };

function modelOf(options: ModelOptions, held: Held) {
  const { registry = createRegistry(), calendar = shanghai, policies = {}, factsFor = factsOfTheModel } = options;
  const { instances, log, messages } = held;
  const world: World = {
    registry,
    calendar,
    policiesOf: (name) => policiesOf(registry.of(name), policies),
    identityFor: options.identityFor ?? counted,
  };
  return {
    registry,
    calendar,
    policies,
    /** Every instance by id, as its row would be. */
    instances,
    /** The operation log of the whole family, in order. */
    log,
    messages,
    get now() {
      return held.now;
    },
    command,
    whyNot: ask,
    advance,
    moveTo,
    fire,
    effectResult,
    effectGaveUp,
    only,
    put: (instance: Instance) => void instances.set(instance.id, instance),
    /** A model that goes on from here by itself; cheap, because instances are never changed in place. */
    fork: () => modelOf({ ...options, registry }, { ...held, instances: new Map(instances), log: [...log], messages: [...messages] }),
  };

  /** Asks, then plays; a refusal changes nothing. The same answers as commit's, in the same order of precedence. */
  function command(request: ModelCommand): Answer {
    const { lifecycle: name, command: commandName, actor, instance: id = null } = request;
    if (id === null) return open(request);
    const instance = instances.get(id);
    if (instance?.lifecycle !== name || !maySee(actor, instance.parties)) return { ok: false, problem: notFound(id) };
    const expected = request.expectedRevision ?? null;
    if (expected !== null && expected !== instance.revision) return { ok: false, problem: staleFor(instance, expected) };

    const lifecycle = registry.of(name, instance.version);
    const declared = commandNamed(lifecycle, commandName);
    if (!declared) throw new Error(`expected a command of ${name}, got "${commandName}"`);
    const parsed = declared.input.safeParse(request.input ?? {});
    const question = questionOf(instance, actor, factsFor(declared.facts ?? [], { actor, input: parsed.data ?? {}, instance }));
    const no = whyNot({ lifecycle, instance, name: commandName, question });
    if (no) return { ok: false, problem: no };
    const fields = fieldProblems({ declared, parsed, request: complete(request), question, instance });
    if (fields.length > 0) return { ok: false, problem: invalid(fields) };

    const isCore = commandName in coreCommands;
    const happening = { kind: isCore ? ('core' as const) : ('command' as const), type: commandName, input: parsed.data ?? {}, reason: request.reason ?? null };
    const first = isCore ? retried({ instance, happening, question }) : step({ lifecycle, instance, happening, question });
    store(first, question);
    return { ok: true, instance: id, revision: first.instance.revision, replayed: false };
  }

  function open(request: ModelCommand): Answer {
    const lifecycle = registry.of(request.lifecycle);
    const { opening } = lifecycle;
    if (opening?.name !== request.command) throw new Error(`expected the opening command of ${lifecycle.name}, got "${request.command}"`);
    const { actor } = request;
    const parsed = opening.command.input.safeParse(request.input ?? {});
    const facts = factsFor(opening.command.facts ?? [], { actor, input: parsed.data ?? {}, instance: null });
    const question: Question = { actor, facts, now: held.now, policies: world.policiesOf(lifecycle.name), calendar };
    const blank = { context: {}, parties: { buyer: '', merchant: '' }, effects: [], ...question };
    if (!opening.command.by.includes(actor.role)) return { ok: false, problem: refused('ROLE_NOT_ALLOWED') };
    const fields = fieldProblems({ declared: opening.command, parsed, request: complete(request), question, instance: null });
    if (fields.length > 0) return { ok: false, problem: invalid(fields) };
    const no = requirementProblem(opening.command.requires, blank, null);
    if (no) return { ok: false, problem: no };

    const { input, parties } = opening.start({ ...blank, input: parsed.data as never });
    const { id, number } = world.identityFor(lifecycle.prefix, held.now);
    const first = begin({
      lifecycle,
      instance: { id, lifecycle: lifecycle.name, version: lifecycle.version, number, family: id, refs: {}, parties },
      input,
      happening: { kind: 'command', type: request.command, input: parsed.data ?? {}, reason: request.reason ?? null },
      question,
    });
    store(first, question);
    return { ok: true, instance: id, revision: first.instance.revision, replayed: false };
  }

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

  /** Moves the clock from due to due, each deadline stamped with its own instant. @returns what fired, in order */
  function advance(byMs: number): string[] {
    const target = held.now + byMs;
    const fired: string[] = [];
    for (let next = soonest(target); next; next = soonest(target)) {
      held.now = Math.max(held.now, next.dueAt);
      fire({ instance: next.instance, key: next.key });
      fired.push(next.name);
    }
    held.now = target;
    return fired;
  }

  /** Sets the clock without firing anything: a deadline is then late, as after an outage. */
  function moveTo(instant: number): void {
    held.now = Math.max(held.now, instant);
  }

  function soonest(until: number) {
    return [...instances.values()]
      .flatMap((instance) => {
        const due = nextDue(instance.deadlines);
        return due && due.dueAt <= until ? [{ ...due, instance: instance.id }] : [];
      })
      .reduce<{ instance: string; key: string; name: string; dueAt: number } | null>((first, due) => (!first || due.dueAt < first.dueAt ? due : first), null);
  }

  /** @returns false when the deadline is not armed, stopped by a freeze, or not due yet */
  function fire({ instance: id, key }: { instance: string; key: string }): boolean {
    const instance = of(id);
    const armed = instance.deadlines.find((deadline) => deadline.key === key);
    if (!armed || armed.dueAt === null || armed.dueAt > held.now) return false;
    outcome(instance, (question) =>
      step({ lifecycle: declaredOf(instance), instance, happening: { kind: 'deadline', type: armed.name, input: {}, reason: null }, question }),
    );
    return true;
  }

  /** @returns false when the effect is not wanted any more, or was done before: counted once, whatever is sent twice */
  function effectResult({ instance: id, key, result }: { instance: string; key: string; result: unknown }): boolean {
    const instance = of(id);
    const effect = instance.effects.find((open) => open.key === key);
    if (!effect) return false;
    const declared = declaredOf(instance).effects[effect.name];
    const parsed = declared?.result.safeParse(result);
    outcome(instance, (question) =>
      parsed?.success && declared
        ? step({
            lifecycle: declaredOf(instance),
            instance,
            happening: { kind: 'effect', type: declared.succeeded, input: parsed.data, reason: null, effect },
            question,
          })
        : gaveUp({ instance, effect, question, error: { code: 'UNREADABLE_RESULT', message: `expected the result of ${effect.name}` } }),
    );
    return true;
  }

  /** The declared exit of an effect that will not be tried again by itself. */
  function effectGaveUp({ instance: id, key, exit = 'exhausted' }: { instance: string; key: string; exit?: 'failed' | 'exhausted' }): boolean {
    const instance = of(id);
    const effect = instance.effects.find((open) => open.key === key && open.status !== 'failed');
    if (!effect) return false;
    const error = { code: 'GAVE_UP', message: `${exit} by the test` };
    const taken = declaredOf(instance).effects[effect.name]?.[exit] ?? 'incident';
    outcome(instance, (question) =>
      taken === 'incident'
        ? gaveUp({ instance, effect, error, question })
        : step({ lifecycle: declaredOf(instance), instance, happening: { kind: 'effect', type: taken.event, input: error, reason: null, effect }, question }),
    );
    return true;
  }

  function outcome(instance: Instance, stepOf: (question: Question) => Step): void {
    const question = questionOf(instance, system, {});
    store(stepOf(question), question);
  }

  function store(first: Step, question: Question): void {
    const played = play({ world, family: instances, cause: question, first });
    for (const [id, instance] of played.changed) instances.set(id, instance);
    log.push(...played.entries);
    messages.push(...played.messages);
  }

  function questionOf(instance: Instance, actor: Actor, facts: Facts): Question {
    return { actor, facts, now: Math.max(held.now, instance.at), policies: world.policiesOf(instance.lifecycle), calendar };
  }

  function staleFor(instance: Instance, expected: number): Problem {
    const lastActor = log.findLast((entry) => entry.instance === instance.id)?.actor.id ?? '';
    return stale({ instance, lastActor, head: '', refusals: 0, refusalHead: '', wakeSeq: 0 }, expected);
  }

  function declaredOf(instance: Instance) {
    return registry.of(instance.lifecycle, instance.version);
  }

  function of(id: string): Instance {
    const instance = instances.get(id);
    if (!instance) throw new Error(`expected an instance of this model, got ${id}`);
    return instance;
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

const complete = (request: ModelCommand): CommandRequest => ({
  instance: null,
  input: {},
  reason: null,
  expectedRevision: null,
  idempotencyKey: 'model',
  via: 'api',
  ...request,
});
