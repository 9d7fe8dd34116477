import { shanghai } from '../../calendar/calendar.ts';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { allowed } from '../../lifecycles/ask.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { resolved } from '../../lifecycles/policies.ts';
import { type Actor, maySee, type Role, roleNames } from '../../lifecycles/roles.ts';
import { commandUpdate, type KeeperState } from '../../workflows/keeper.ts';
import type { aTroubledCentre } from '../faults/troubled-centre.ts';
import { answering } from '../faults/troubled-centre.ts';
import { cast, file } from '../lifecycles/cast.ts';
import { otherInput, wrong } from '../lifecycles/happenings.ts';
import { validInput } from '../lifecycles/stories.ts';
import type { Engine } from '../worker.ts';
import { aCommand, accepted, aFile, buyer, type Database, machine, manager, merchant, reviewer } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';
import type { Door, Happening, Kind, Sequence } from './sequences.ts';
import { storedFamilies } from './stored.ts';

export const actors: Record<Role, Actor> = { ...cast, buyer, merchant, operationsManager: manager, reviewer, system: machine };

export type Played = {
  family: string;
  answers: { request: CommandRequest; answer: Answer }[];
  /** What keepers said of themselves on the way. */
  seen: { instance: string; state: KeeperState }[];
};

type Possible = { instance: Instance; name: string; role: Role };
type Around = { database: Database; engine: Engine; centre: Awaited<ReturnType<typeof aTroubledCentre>> };

/** Plays sequences of happenings on the real stack; effects, timers and wakes run beside it as they like. */
export async function aPlayer({ database, engine, centre }: Around) {
  const { pool, commit, registry } = database;
  const sandbox = createSandbox({ pool, commit, onNudged: (ids) => engine.waker.wake(ids) });
  const files = new Map(await Promise.all(Object.values(actors).map(async (actor) => [actor.role, await aFile(pool, actor)] as const)));
  return { play };

  async function play({ product, scenario, months, paid, happenings }: Sequence): Promise<Played> {
    const period = months === null ? undefined : { unit: 'month', count: months };
    const place = aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product, scenario, ...(period ? { period } : {}) } });
    const { instance: family } = await accepted(commit.command(place));
    const played: Played = { family, answers: [], seen: [] };
    if (paid) await send(played, { instance: (await instances(family))[0] as Instance, name: 'recordPayment', role: 'system' }, {});
    for (const happening of happenings) await happen(played, happening);
    return played;
  }

  async function happen(played: Played, happening: Happening): Promise<void> {
    const all = await instances(played.family);
    const [order] = all as [Instance];
    switch (happening.do) {
      case 'wait':
        await sandbox.advance({ instance: order.id, byMs: happening.ms });
        return;
      case 'waitUntilDue': {
        const due = Math.min(...all.flatMap(({ deadlines }) => deadlines.flatMap(({ dueAt }) => dueAt ?? [])));
        const now = (await sandbox.advance({ instance: order.id, byMs: 0 }))?.now ?? 0;
        if (Number.isFinite(due)) await sandbox.advance({ instance: order.id, byMs: Math.max(0, due + happening.by - now) });
        return;
      }
      case 'trouble':
        trouble(order.number, happening.what);
        return;
      case 'look':
        for (const instance of all) {
          const state = await stateQueried(engine, instance).catch(() => null);
          if (state) played.seen.push({ instance: instance.id, state });
        }
        return;
      case 'possible':
      case 'crossing': {
        const possible = possibleNow(all);
        if (possible.length === 0) return;
        const chosen = 'm' in happening ? [happening.n, happening.m] : [happening.n];
        const how = 'm' in happening ? {} : happening;
        await Promise.all(chosen.map((n) => send(played, possible[n % possible.length] as Possible, how)));
        return;
      }
      case 'command': {
        const { name } = happening;
        const instance = all.find(({ lifecycle }) => registry.of(lifecycle).commands[name]) ?? (name in coreCommands ? all.at(-1) : undefined);
        if (instance) await send(played, { ...happening, instance }, happening);
      }
    }
  }

  async function send(
    played: Played,
    { instance, name, role }: Possible,
    { input = 'valid', stale = false, door = 'api' }: { input?: Kind; stale?: boolean; door?: Door },
  ) {
    const request = aCommand({
      lifecycle: instance.lifecycle,
      instance: instance.id,
      command: name,
      actor: actors[role],
      input: inputOf(name, { instance, role, kind: input }),
      reason: input === 'noReason' ? null : '因为',
      expectedRevision: stale ? instance.revision - 1 : null,
    });
    played.answers.push({ request, answer: await through(request, door) });
  }

  /** The Update waits for its workflow to exist; one that has ended takes no more, so the API is asked instead. */
  async function through({ lifecycle, instance, via, ...request }: CommandRequest, door: Door): Promise<Answer> {
    const whole = { lifecycle, instance, via, ...request };
    if (door === 'api') return commit.command(whole);
    return keeperOf(engine, { lifecycle, id: instance ?? '' })
      .executeUpdate(commandUpdate, { args: [request] })
      .catch(() => commit.command(whole));
  }

  function inputOf(name: string, { instance, role, kind }: { instance: Instance; role: Role; kind: Kind }): Record<string, unknown> {
    if (kind === 'wrong') return wrong;
    const input = kind === 'other' ? otherInput(name, instance, instance.revision) : validInput(name, instance);
    return JSON.parse(JSON.stringify(input).replaceAll(file, files.get(role) ?? '')) as Record<string, unknown>;
  }

  function trouble(order: string, what: Extract<Happening, { do: 'trouble' }>['what']): void {
    if (what === 'none') centre.troubles.delete(order);
    else if (what === 'busy') centre.troubles.set(order, answering(503));
    else if (what === 'refuses') centre.troubles.set(order, answering(409));
    else if (what === 'unreadable') centre.troubles.set(order, async () => ({ receipt: '' }));
    else if (what === 'bug') centre.troubles.set(order, () => Promise.reject(new TypeError('a bug')));
    else
      centre.troubles.set(order, async (reallySend, sending) => {
        await reallySend();
        return answering(500)(reallySend, sending);
      });
  }

  /** The order first, then what belongs to it in the order of its making. */
  async function instances(family: string): Promise<Instance[]> {
    const rows = [...((await storedFamilies(pool, family)).get(family)?.rows.values() ?? [])];
    return rows.toSorted((one, other) => Number(other.id === family) - Number(one.id === family) || one.number.localeCompare(other.number));
  }

  function possibleNow(all: Instance[]): Possible[] {
    return all.flatMap((instance) => {
      const lifecycle = registry.of(instance.lifecycle);
      return roleNames.flatMap((role) => {
        const question = { actor: actors[role], facts: {}, now: instance.at, policies: resolved(lifecycle, []), calendar: shanghai };
        return maySee(actors[role], instance.parties, instance.lifecycle)
          ? allowed({ lifecycle, instance, question }).map((name) => ({ instance, name, role }))
          : [];
      });
    });
  }
}
