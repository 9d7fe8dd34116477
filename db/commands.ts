import { validate as isUuid } from 'uuid';
import { type Question, requirementProblem, whyNot } from '../lifecycles/ask.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { play, toldBy } from '../lifecycles/play.ts';
import { invalid, keyReused, notFound, type Problem } from '../lifecycles/problem.ts';
import { maySee } from '../lifecycles/roles.ts';
import { begin } from '../lifecycles/step.ts';
import { canonical, sha256 } from './chain.ts';
import { decide, unknownCommand } from './decide.ts';
import { loadFacts } from './facts.ts';
import { type Loaded, load, loadRest } from './load.ts';
import { keepRefusal } from './refusals.ts';
import { type Answer, type CommandRequest, fieldProblems, stale } from './requests.ts';
import { storableJson } from './storable.ts';
import { instancesOf, type Unit } from './unit.ts';

/** Commands by people and machines: asked, then played; a refusal is kept and changes nothing. */
export function createCommands({ registry, settings, together, worldOf, rulesFor, store }: Unit) {
  return { onInstance, open };

  async function onInstance(request: CommandRequest): Promise<Answer> {
    const { command: name, actor, via } = request;
    const id = request.instance as string;
    return together<Answer>(async (client, also) => {
      const scope = `${actor.id}:${name}`;
      const loaded = !isUuid(id)
        ? null
        : await load(client, { settings, id, refs: toldBy(registry, request.lifecycle, name), also, scope, key: request.idempotencyKey });
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

      const decided = await decide(client, {
        lifecycle: registry.of(instance.lifecycle, instance.version),
        instance,
        wish: request,
        questionFor: (facts) => ({ actor, facts, now: Math.max(loaded.now, instance.at), ...rulesFor(loaded, instance) }),
      });
      if (!decided.ok) return refuse(decided.problem);
      const { first, question } = decided;
      const played = play({ world: worldOf(loaded), family: instancesOf(loaded), cause: question, first });
      const done = await store(client, {
        loaded,
        play: played,
        via,
        key: { scope, key: request.idempotencyKey, fingerprint, instance: id },
        expectedRevision: request.expectedRevision,
      });
      return { result: { ok: true, instance: id, revision: first.instance.revision, replayed: false }, done };
    });
  }

  async function open(request: CommandRequest): Promise<Answer> {
    const { command: name, actor, via } = request;
    const lifecycle = registry.of(request.lifecycle);
    const opening = lifecycle.opening;
    if (opening?.name !== name) return { ok: false, problem: invalid([unknownCommand(lifecycle, name)]) };
    return together<Answer>(async (client) => {
      const scope = `${actor.id}:${name}`;
      await client.query({
        name: 'one opening per key',
        text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))',
        values: [`${scope}:${request.idempotencyKey}`],
      });
      const { loaded: rest } = await loadRest(client, { settings, scope, key: request.idempotencyKey });
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
      const facts = await loadFacts(client, opening.command.facts, { actor, input: storableJson(parsed.data ?? {}), instance: null });
      const world = worldOf(loaded);
      const question: Question = { actor, facts, now: loaded.now, policies: world.policiesOf(lifecycle.name), calendar: world.calendar };
      const blank = { context: {}, parties: { buyer: '', merchant: '' }, effects: [], ...question };
      if (!opening.command.by.includes(actor.role)) return refuse(whoMay(lifecycle, name, question));
      const fields = fieldProblems({ declared: opening.command, parsed, request, question, instance: null });
      if (fields.length > 0) return refuse(invalid(fields));
      const no = requirementProblem(opening.command.requires, { ...blank, opening: parsed.data ?? {} }, null);
      if (no) return refuse(no);

      const { input, parties } = opening.start({ ...blank, input: parsed.data as never });
      const { id, number } = world.identityFor(lifecycle.prefix, loaded.now);
      const first = begin({
        lifecycle,
        instance: { id, lifecycle: lifecycle.name, version: lifecycle.version, number, family: id, refs: {}, parties },
        input,
        happening: { kind: 'command', type: name, input: parsed.data ?? {}, reason: request.reason },
        question,
        policiesFor: (context) => world.policiesOf(lifecycle.name, lifecycle.version, context),
      });
      const played = play({ world, family: new Map(), cause: question, first });
      played.created.add(id);
      const done = await store(client, {
        loaded,
        play: played,
        via,
        key: { scope, key: request.idempotencyKey, fingerprint, instance: id },
        expectedRevision: null,
      });
      return { result: { ok: true, instance: id, revision: first.instance.revision, replayed: false }, done };
    });
  }

  function whoMay(lifecycle: Lifecycle, name: string, question: Question): Problem {
    const nobody: Instance = {
      id: '',
      lifecycle: lifecycle.name,
      version: lifecycle.version,
      number: lifecycle.label.en,
      family: '',
      refs: {},
      parties: { buyer: '', merchant: '' },
      value: '',
      context: {},
      revision: 0,
      at: 0,
      deadlines: [],
      effects: [],
      recorded: [],
      incidents: [],
    };
    const problem = whyNot({ lifecycle, instance: nobody, name, question });
    return problem ?? notFound(name);
  }
}
