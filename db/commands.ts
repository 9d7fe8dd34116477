import type pg from 'pg';
import { validate as isUuid } from 'uuid';
import { canonical } from '../lifecycles/canonical.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { play, type Together, toldBy } from '../lifecycles/play.ts';
import { invalid, keyReused, notFound, type Problem } from '../lifecycles/problem.ts';
import { commandNamed } from '../lifecycles/registry.ts';
import { maySee } from '../lifecycles/roles.ts';
import { factsOf } from '../lifecycles/standing.ts';
import { type OnLeft, rowAfter } from './after.ts';
import { sha256 } from './chain.ts';
import { decide, unknownCommand } from './decide.ts';
import { loadFacts } from './facts.ts';
import { type Loaded, load, loadRest } from './load.ts';
import { judgeOpening } from './opening.ts';
import { keepRefusal } from './refusals.ts';
import { type Answer, type CommandRequest, stale } from './requests.ts';
import { storable, storableJson } from './storable.ts';
import { familyOf, type Unit } from './unit.ts';

/** Commands by people and machines: asked, then played; a refusal is kept and changes nothing. */
export function createCommands({ registry, settings, together, worldOf, rulesFor, store }: Unit) {
  return { onInstance, open };

  /** @param problem why it is refused whatever the rules say; kept with the instance if the sender may see it */
  async function onInstance(request: CommandRequest, { problem: wrong, onLeft }: { problem: Problem | null; onLeft: OnLeft | undefined }): Promise<Answer> {
    const { command: name, actor, via } = request;
    const id = storable((request.instance as string).slice(0, 100));
    return together<Answer>(async (client, also) => {
      const scope = `${actor.id}:${name}`;
      const loaded = !isUuid(id)
        ? null
        : await load(client, {
            settings,
            id,
            told: wrong ? undefined : toldBy(registry, request.lifecycle, name),
            also,
            scope,
            key: wrong ? '' : request.idempotencyKey,
          });
      const locked = loaded?.family.get(id) ?? null;
      const refuse = async (problem: Problem) => {
        await keepRefusal(client, { locked, command: name, actor, via, input: request.input, problem, now: loaded?.now ?? Date.now() });
        return { result: { ok: false as const, problem }, done: null };
      };
      if (!loaded || !locked || locked.instance.lifecycle !== request.lifecycle) return refuse(notFound(id));
      const { instance } = locked;
      if (!maySee(actor, instance.parties, instance.lifecycle) && !(await isProven(client, request, instance))) return refuse(notFound(id));
      if (wrong) return refuse(wrong);

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
      const played = play({ world: worldOf(loaded), ...familyOf(loaded), cause: question, first });
      const done = await store(client, {
        loaded,
        play: played,
        via,
        key: { scope, key: request.idempotencyKey, fingerprint, instance: id },
        expectedRevision: request.expectedRevision,
      });
      return {
        result: { ok: true, instance: id, revision: first.instance.revision, replayed: false },
        done: andThen(done, { onLeft, loaded, play: played, id }),
      };
    });
  }

  /** Whoever proves to be meant, by the link of a mail, may send the command without seeing the instance. */
  async function isProven(client: pg.PoolClient, { command: name, actor, input }: CommandRequest, instance: Instance): Promise<boolean> {
    const declared = commandNamed(registry.of(instance.lifecycle, instance.version), name);
    const parsed = declared?.proof && declared.input.safeParse(input);
    if (!declared?.proof || !parsed?.success) return false;
    return declared.proof(await loadFacts(client, declared.facts, { actor, input: storableJson(parsed.data), instance }));
  }

  /** A request that opens nothing, whatever the rules say: kept without an instance. */
  async function refuseUnopened({ command: name, actor, via, input }: CommandRequest, problem: Problem): Promise<Answer> {
    return together<Answer>(async (client) => {
      const { loaded } = await loadRest(client, { settings, scope: '', key: '' });
      await keepRefusal(client, { locked: null, command: name, actor, via, input, problem, now: loaded.now });
      return { result: { ok: false, problem }, done: null };
    });
  }

  async function open(
    request: CommandRequest,
    { aheadMs, problem: wrong, onLeft }: { aheadMs: number; problem: Problem | null; onLeft: OnLeft | undefined },
  ): Promise<Answer> {
    const { command: name, actor, via } = request;
    if (wrong) return refuseUnopened(request, wrong);
    const lifecycle = registry.of(request.lifecycle);
    const opening = lifecycle.opening;
    if (opening?.name !== name) return refuseUnopened(request, invalid([unknownCommand(lifecycle, name)]));
    const parsed = opening.command.input.safeParse(request.input);
    const joins = Object.entries((parsed.success && opening.joins?.(parsed.data as never)) || {});
    return together<Answer>(async (client, also) => {
      const scope = `${actor.id}:${name}`;
      await client.query({
        name: 'one opening per key',
        text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))',
        values: [`${scope}:${request.idempotencyKey}`],
      });
      const loaded = await joined(client, { joins, also, scope, key: request.idempotencyKey, aheadMs });
      const [first = null] = joins;
      const refuse = async (problem: Problem) => {
        const locked = (first && loaded.family.get(first[1])) ?? null;
        await keepRefusal(client, {
          locked: locked && maySee(actor, locked.instance.parties, locked.instance.lifecycle) ? locked : null,
          command: name,
          actor,
          via,
          input: request.input,
          problem,
          now: loaded.now,
        });
        return { result: { ok: false as const, problem }, done: null };
      };
      const fingerprint = sha256(canonical([request.lifecycle, null, name, request.input, request.reason]));
      if (loaded.bound) {
        if (loaded.bound.fingerprint !== fingerprint) return refuse(keyReused(request.idempotencyKey));
        return { result: { ok: true, instance: loaded.bound.instance, revision: loaded.bound.revision, replayed: true }, done: null };
      }
      const { family, members } = familyOf(loaded);
      const facts = await loadFacts(client, factsOf({ lifecycle, command: opening.command, actor }), {
        actor,
        input: storableJson(parsed.data ?? {}),
        instance: null,
      });
      const world = worldOf(loaded);
      const cause = { actor, facts, now: Math.max(loaded.now, ...joins.map(([, id]) => family.get(id)?.at ?? 0)) };
      const decided = judgeOpening({ lifecycle, wish: request, parsed, cause, world, family });
      if (!decided.ok) return refuse(decided.problem);
      const { instance: opened } = decided.first;
      const { id } = opened;
      const played = play({ world, family, members, cause, first: decided.first });
      played.created.add(id);
      const done = await store(client, {
        loaded,
        play: played,
        via,
        key: { scope, key: request.idempotencyKey, fingerprint, instance: id },
        expectedRevision: null,
      });
      return { result: { ok: true, instance: id, revision: opened.revision, replayed: false }, done: andThen(done, { onLeft, loaded, play: played, id }) };
    });
  }

  /** The instances that an opening joins, locked; without any, only clock, settings and the key's answer. */
  async function joined(
    client: pg.PoolClient,
    { joins, also, scope, key, aheadMs }: { joins: [string, string][]; also: Together; scope: string; key: string; aheadMs: number },
  ): Promise<Loaded> {
    const ids = joins.map(([, id]) => id).filter((id) => isUuid(id));
    const [id] = ids;
    const found = id ? await load(client, { settings, id, also: { ...also, instances: [...also.instances, ...ids.slice(1)] }, scope, key }) : null;
    if (found) return found;
    const { loaded } = await loadRest(client, { settings, scope, key });
    return { ...loaded, now: loaded.now + aheadMs, offsetMs: aheadMs, family: new Map(), members: new Set() };
  }
}

/** What tells the rest of the process, and whoever sent the command, of what it came to. */
const andThen =
  (done: () => void, { onLeft, ...after }: { onLeft: OnLeft | undefined } & Parameters<typeof rowAfter>[0]) =>
  (): void => {
    done();
    const row = onLeft && rowAfter(after);
    if (row) onLeft(row);
  };
