import type pg from 'pg';
import { type Agenda, agendaOf } from '../lifecycles/agenda.ts';
import { type Question, requirementProblem, whyNot } from '../lifecycles/ask.ts';
import { coreCommands } from '../lifecycles/core.ts';
import type { Command, Lifecycle } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { type Message, NeedsTogether, type Play, play, toldBy, type World } from '../lifecycles/play.ts';
import { type FieldProblem, invalid, keyReused, notFound, type Problem, unavailable } from '../lifecycles/problem.ts';
import { commandNamed, type Registry, stateOf } from '../lifecycles/registry.ts';
import { gaveUp, retried } from '../lifecycles/repair.ts';
import { type Actor, maySee, system } from '../lifecycles/roles.ts';
import type { Calendar, Policies } from '../lifecycles/spans.ts';
import { begin, type Step, step } from '../lifecycles/step.ts';
import { canonical, sha256 } from './chain.ts';
import { loadFacts } from './facts.ts';
import { type Loaded, type Locked, load, loadRest } from './load.ts';
import { createNumbers } from './numbers.ts';
import { policiesOf } from './policies.ts';
import { createQueue } from './queue.ts';
import { keepRefusal } from './refusals.ts';
import { save, type Via } from './save.ts';
import { DatabaseUnavailable, inTransaction } from './transaction.ts';

/** A command as it comes through a door: by whom, with which key, against which revision. */
export type CommandRequest = {
  lifecycle: string;
  /** Null for a command that opens an instance. */
  instance: string | null;
  command: string;
  input: unknown;
  reason: string | null;
  actor: Actor;
  idempotencyKey: string;
  /** The revision the caller decided on; null opts out. */
  expectedRevision: number | null;
  via: Via;
};

export type Answer = { ok: true; instance: string; revision: number; replayed: boolean } | { ok: false; problem: Problem };

/** What the rest of the process hears of a commit: who must be woken, and what changed for whom. */
export type Committed = { id: string; lifecycle: string; revision: number; wakeSeq: number; awake: boolean; buyer: string; merchant: string };

export type CommitOptions = {
  pool: pg.Pool;
  registry: Registry;
  calendar: Calendar;
  onCommitted: (changed: Committed[], messages: Message[]) => void;
};

export type Commit = ReturnType<typeof createCommit>;

const commandLimit = 64 * 1024;

/** The one place where an instance changes: lock, check, transition, append, agenda, in one transaction. */
export function createCommit({ pool, registry, calendar, onCommitted }: CommitOptions) {
  const numbers = createNumbers(pool);
  const queue = createQueue({ limit: 200 });

  return { command, fire, effectSucceeded, effectGaveUp, agenda, registry, calendar };

  /** Never throws for what a caller can cause: every problem is an answer. */
  async function command(request: CommandRequest): Promise<Answer> {
    if ((JSON.stringify(request.input) ?? '').length + (request.reason?.length ?? 0) > commandLimit)
      return { ok: false, problem: invalid([{ path: 'input', message: `expected at most ${commandLimit} characters, got more` }]) };
    try {
        if (request.instance === null) return await open(request);
      return await queue(request.instance, () => onInstance(request));
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return { ok: false, problem: unavailable(error.message) };
      if ((error as { code?: string }).code === 'ECONNREFUSED') return { ok: false, problem: unavailable('PostgreSQL does not answer') };
      throw error;
    }
  }

  function worldOf(loaded: Pick<Loaded, 'policyValues'>): World {
    return {
      registry,
      calendar,
      policiesOf: (name) => policiesOf(registry.of(name), loaded.policyValues),
      identityFor: (prefix, now) => numbers.take(prefix, now),
    };
  }

  /** Runs a transaction again with more instances locked when the play turns out to need them. */
  async function together<T>(work: (client: pg.PoolClient, also: string[]) => Promise<{ result: T; done: (() => void) | null }>): Promise<T> {
    const also: string[] = [];
    for (;;) {
      await numbers.ready();
      try {
        const { result, done } = await inTransaction(pool, (client) => work(client, also));
        done?.();
        return result;
      } catch (error) {
        if (!(error instanceof NeedsTogether) || also.length > 20) throw error;
        also.push(...error.instances);
      }
    }
  }

  async function onInstance(request: CommandRequest): Promise<Answer> {
    const { command: name, actor, via } = request;
    const id = request.instance as string;
    return together<Answer>(async (client, also) => {
      const scope = `${actor.id}:${name}`;
      const loaded = await load(client, { id, refs: toldBy(registry, request.lifecycle, name), also, scope, key: request.idempotencyKey });
      const locked = loaded?.family.get(id) ?? null;
      const refuse = async (problem: Problem) => {
        await keepRefusal(client, { locked, command: name, actor, via, input: request.input, problem, now: loaded?.now ?? Date.now() });
        return { result: { ok: false as const, problem }, done: null };
      };
      if (!loaded || !locked || locked.instance.lifecycle !== request.lifecycle) return refuse(notFound(id));
      const { instance } = locked;
      if (!maySee(actor, instance.parties)) return refuse(notFound(id));

      const fingerprint = sha256(canonical([request.lifecycle, id, name, request.input, request.reason]));
      if (loaded.bound) {
        if (loaded.bound.fingerprint !== fingerprint) return refuse(keyReused(request.idempotencyKey));
        return { result: { ok: true, instance: loaded.bound.instance, revision: loaded.bound.revision, replayed: true }, done: null };
      }
      if (request.expectedRevision !== null && request.expectedRevision !== instance.revision) return refuse(stale(locked, request.expectedRevision));

      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const declared = commandNamed(lifecycle, name) as Command;
      const parsed = declared.input.safeParse(request.input);
      const facts = await loadFacts(client, declared.facts, { actor, input: parsed.data ?? {}, instance });
      const question: Question = { actor, facts, now: Math.max(loaded.now, instance.at), policies: worldOf(loaded).policiesOf(lifecycle.name), calendar };
      const no = whyNot({ lifecycle, instance, name, question });
      if (no) return refuse(no);
      const fields = fieldProblems({ declared, parsed, request, question, instance });
      if (fields.length > 0) return refuse(invalid(fields));

      const happening = { kind: name in coreCommands ? ('core' as const) : ('command' as const), type: name, input: parsed.data ?? {}, reason: request.reason };
      const first = name in coreCommands ? retried({ instance, happening, question }) : step({ lifecycle, instance, happening, question });
      const played = play({ world: worldOf(loaded), family: instancesOf(loaded), cause: question, first });
      const done = await store(client, { loaded, played, via, key: { scope, key: request.idempotencyKey, fingerprint, instance: id }, expectedRevision: request.expectedRevision });
      return { result: { ok: true, instance: id, revision: first.instance.revision, replayed: false }, done };
    });
  }

  async function open(request: CommandRequest): Promise<Answer> {
    const { command: name, actor, via } = request;
    const lifecycle = registry.of(request.lifecycle);
    const opening = lifecycle.opening;
    if (opening?.name !== name) throw new Error(`expected the opening command of ${lifecycle.name}, got "${name}"`);
    return together<Answer>(async (client) => {
      const scope = `${actor.id}:${name}`;
      await client.query({ name: 'one opening per key', text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))', values: [`${scope}:${request.idempotencyKey}`] });
      const { loaded: rest } = await loadRest(client, { ids: [], family: null, scope, key: request.idempotencyKey });
      const loaded: Loaded = { ...rest, family: new Map() };
      const refuse = async (problem: Problem) => {
        await keepRefusal(client, { locked: null, command: name, actor, via, input: request.input, problem, now: loaded.now });
        return { result: { ok: false as const, problem }, done: null };
      };
      const fingerprint = sha256(canonical([request.lifecycle, null, name, request.input, request.reason]));
      if (loaded.bound) {
        if (loaded.bound.fingerprint !== fingerprint) return refuse(keyReused(request.idempotencyKey));
        return { result: { ok: true, instance: loaded.bound.instance, revision: loaded.bound.revision, replayed: true }, done: null };
      }
      const parsed = opening.command.input.safeParse(request.input);
      const facts = await loadFacts(client, opening.command.facts, { actor, input: parsed.data ?? {}, instance: null });
      const question: Question = { actor, facts, now: loaded.now, policies: worldOf(loaded).policiesOf(lifecycle.name), calendar };
      const world = worldOf(loaded);
      const blank = { context: {}, parties: { buyer: '', merchant: '' }, effects: [], ...question };
      if (!opening.command.by.includes(actor.role)) return refuse(whoMay(lifecycle, name, actor));
      const fields = fieldProblems({ declared: opening.command, parsed, request, question, instance: null });
      if (fields.length > 0) return refuse(invalid(fields));
      const no = requirementProblem(opening.command.requires, blank, null);
      if (no) return refuse(no);

      const { input, parties } = opening.start({ ...blank, input: parsed.data as never });
      const { id, number } = world.identityFor(lifecycle.prefix, loaded.now);
      const first = begin({
        lifecycle,
        instance: { id, lifecycle: lifecycle.name, version: lifecycle.version, number, family: id, refs: {}, parties },
        input,
        happening: { kind: 'command', type: name, input: parsed.data ?? {}, reason: request.reason },
        question,
      });
      const played = play({ world, family: new Map(), cause: question, first });
      played.created.add(id);
      const done = await store(client, { loaded, played, via, key: { scope, key: request.idempotencyKey, fingerprint, instance: id }, expectedRevision: null });
      return { result: { ok: true, instance: id, revision: first.instance.revision, replayed: false }, done };
    });
  }

  /**
   * A deadline has come. Fires it if it is armed and due by PostgreSQL's clock.
   * @param keeperNow the workflow's clock, in sandboxes whose Temporal skips time: it then moves the family's clock
   * @returns the newest agenda, and how long it is still to wait when it came early
   */
  async function fire({ instance: id, lifecycle: name, key, via, keeperNow }: { instance: string; lifecycle: string; key: string; via: Via; keeperNow?: number }): Promise<{ agenda: Agenda | null; earlyMs: number }> {
    const event = key.slice(key.indexOf(':') + 1);
    return together<{ agenda: Agenda | null; earlyMs: number }>(async (client, also) => {
      const loaded = await load(client, { id, refs: toldBy(registry, name, event), also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: { agenda: null, earlyMs: 0 }, done: null };
      const { instance } = locked;
      const armed = instance.deadlines.find((deadline) => deadline.key === key);
      if (!armed || armed.dueAt === null) return { result: { agenda: agendaFrom(loaded, locked), earlyMs: 0 }, done: null };
      if (armed.dueAt > loaded.now && keeperNow !== undefined && keeperNow >= armed.dueAt) await moveClock(client, instance.family, armed.dueAt, loaded);
      if (armed.dueAt > loaded.now) return { result: { agenda: agendaFrom(loaded, locked), earlyMs: armed.dueAt - loaded.now }, done: null };
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const question = questionOf(loaded, instance);
      const first = step({ lifecycle, instance, happening: { kind: 'deadline', type: armed.name, input: {}, reason: null }, question });
      const { agenda: next, done } = await storeFor(client, { loaded, first, question, via });
      return { result: { agenda: next, earlyMs: 0 }, done };
    });
  }

  /** The outside has done what an effect asked. Counted once, whatever is sent twice. */
  async function effectSucceeded({ instance: id, lifecycle: name, key, no, result }: { instance: string; lifecycle: string; key: string; no: number; result: unknown }): Promise<Agenda | null> {
    const effectName = key.slice(key.lastIndexOf(':') + 1);
    const succeeded = registry.of(name).effects[effectName]?.succeeded ?? '';
    return together<Agenda | null>(async (client, also) => {
      const loaded = await load(client, { id, refs: toldBy(registry, name, succeeded), also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: null, done: null };
      const { instance } = locked;
      const effect = instance.effects.find((open) => open.key === key);
      if (!effect) {
        await client.query("update attempts set outcome = 'succeeded', finished_at = clock_timestamp() where effect = $1 and no = $2", [key, no]);
        return { result: agendaFrom(loaded, locked), done: null };
      }
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const question = questionOf(loaded, instance);
      const parsed = lifecycle.effects[effect.name]?.result.safeParse(result);
      const first = parsed?.success
        ? step({ lifecycle, instance, happening: { kind: 'effect', type: lifecycle.effects[effect.name]?.succeeded ?? '', input: parsed.data, reason: null, effect }, question })
        : gaveUp({ instance, effect, question, error: { code: 'UNREADABLE_RESULT', message: `expected the result of ${effect.name}, got ${canonical(result).slice(0, 200)}` } });
      const { agenda: next, done } = await storeFor(client, { loaded, first, question, via: 'keeper', attempt: { effect: key, no } });
      return { result: next, done };
    });
  }

  /** An effect will not be tried again by itself: its declared exit is taken. */
  async function effectGaveUp({ instance: id, lifecycle: name, key, exit, error }: { instance: string; lifecycle: string; key: string; exit: 'failed' | 'exhausted' | 'bug'; error: { code: string; message: string } }): Promise<Agenda | null> {
    return together<Agenda | null>(async (client, also) => {
      const loaded = await load(client, { id, refs: [], also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: null, done: null };
      const { instance } = locked;
      const effect = instance.effects.find((open) => open.key === key && open.status !== 'failed');
      if (!effect) return { result: agendaFrom(loaded, locked), done: null };
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const question = questionOf(loaded, instance);
      const declared = exit === 'bug' ? 'incident' : (lifecycle.effects[effect.name]?.[exit] ?? 'incident');
      const first: Step =
        declared === 'incident'
          ? gaveUp({ instance, effect, error, question })
          : step({ lifecycle, instance, happening: { kind: 'effect', type: declared.event, input: error, reason: null, effect }, question });
      const { agenda: next, done } = await storeFor(client, { loaded, first, question, via: 'keeper' });
      return { result: next, done };
    });
  }

  /** The newest agenda of an instance, without changing it; null when there is no such instance. */
  async function agenda(id: string): Promise<Agenda | null> {
    return inTransaction(pool, async (client) => {
      const loaded = await load(client, { id, refs: [] });
      const locked = loaded?.family.get(id);
      return loaded && locked ? agendaFrom(loaded, locked) : null;
    });
  }

  function questionOf(loaded: Loaded, instance: Instance): Question {
    return { actor: system, facts: {}, now: Math.max(loaded.now, instance.at), policies: worldOf(loaded).policiesOf(instance.lifecycle), calendar };
  }

  function agendaFrom(loaded: Loaded, { instance, wakeSeq }: Pick<Locked, 'instance' | 'wakeSeq'>): Agenda {
    return agendaOf({ registry, instance, seq: wakeSeq, now: Math.max(loaded.now, instance.at), policies: worldOf(loaded).policiesOf(instance.lifecycle), calendar });
  }

  async function storeFor(client: pg.PoolClient, { loaded, first, question, via, attempt }: { loaded: Loaded; first: Step; question: Question; via: Via; attempt?: { effect: string; no: number } }) {
    const played = play({ world: worldOf(loaded), family: instancesOf(loaded), cause: question, first });
    const awake = via === 'keeper' ? first.instance.id : undefined;
    const seqs = new Map<string, number>();
    const done = await store(client, { loaded, played, via, awake, attempt, seqs });
    const instance = played.changed.get(first.instance.id) ?? first.instance;
    return { agenda: agendaFrom(loaded, { instance, wakeSeq: seqs.get(instance.id) ?? 0 }), done };
  }

  async function store(client: pg.PoolClient, { loaded, played, via, key, expectedRevision, awake, attempt, seqs }: {
    loaded: Loaded;
    played: Play;
    via: Via;
    key?: { scope: string; key: string; fingerprint: string; instance: string };
    expectedRevision?: number | null;
    awake?: string;
    attempt?: { effect: string; no: number };
    seqs?: Map<string, number>;
  }): Promise<() => void> {
    const wakes = await save(client, { registry, loaded, play: played, via, calendarVersion: calendar.version, key, expectedRevision, awake, attempt });
    for (const [id, seq] of wakes) seqs?.set(id, seq);
    return () => {
      const changed = [...played.changed.values()].map((instance) => ({
        id: instance.id,
        lifecycle: instance.lifecycle,
        revision: instance.revision,
        wakeSeq: wakes.get(instance.id) ?? 0,
        awake: instance.id === awake,
        ...instance.parties,
      }));
      onCommitted(changed, played.messages);
    };
  }

  function whoMay(lifecycle: Lifecycle, name: string, actor: Actor): Problem {
    const nobody: Instance = {
      id: '', lifecycle: lifecycle.name, version: lifecycle.version, number: lifecycle.label.en, family: '', refs: {}, parties: { buyer: '', merchant: '' },
      value: '', context: {}, revision: 0, at: 0, deadlines: [], effects: [], recorded: [], incidents: [],
    };
    const problem = whyNot({ lifecycle, instance: nobody, name, question: { actor, facts: {}, now: 0, policies: {} as Policies, calendar } });
    return problem ?? notFound(name);
  }
}

const instancesOf = (loaded: Loaded) => new Map([...loaded.family].map(([id, locked]) => [id, locked.instance]));

function stale({ instance, lastActor }: Locked, expectedRevision: number): Problem {
  const currentState = stateOf(instance.value);
  return {
    kind: 'Stale', code: 'STALE', currentRevision: instance.revision, currentState, changedBy: lastActor, changedAt: instance.at,
    details: { number: instance.number, currentRevision: instance.revision, expectedRevision, changedBy: lastActor },
  };
}

function fieldProblems({ declared, parsed, request, question, instance }: {
  declared: Command;
  parsed: ReturnType<Command['input']['safeParse']>;
  request: CommandRequest;
  question: Question;
  instance: Instance | null;
}): FieldProblem[] {
  const fields: FieldProblem[] = parsed.success ? [] : parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || 'input', message: issue.message }));
  const reason = request.reason?.trim() ?? '';
  if (declared.reason === 'required' && reason === '') fields.push({ path: 'reason', message: 'expected a reason, got none' });
  if (reason.length > 2_000) fields.push({ path: 'reason', message: `expected at most 2,000 characters, got ${reason.length}` });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(reason)) fields.push({ path: 'reason', message: 'expected text without control characters' });
  if (fields.length > 0 || !parsed.success) return fields;
  const given = { ...question, context: instance?.context ?? {}, parties: instance?.parties ?? { buyer: '', merchant: '' }, effects: instance?.effects ?? [] };
  return declared.check?.({ ...given, input: parsed.data as never }) ?? [];
}

/** Moves a family's clock forward to `to`, and its deadlines' places on PostgreSQL's own clock with it. */
export async function moveClock(client: pg.PoolClient, family: string, to: number, loaded: { now: number; offsetMs: number }): Promise<void> {
  const by = Math.ceil(to - loaded.now);
  if (by <= 0) return;
  await client.query('update families set clock_offset_ms = clock_offset_ms + $2 where id = $1', [family, by]);
  await client.query(
    "update deadlines set due_real = due_real - make_interval(secs => $2::float8 / 1000) where status = 'armed' and instance_id in (select id from instances where family = $1)",
    [family, by],
  );
  loaded.now += by;
  loaded.offsetMs += by;
}
