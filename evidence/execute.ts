import type { Locked } from '../db/load.ts';
import { rowsOf } from '../db/rows.ts';
import type { Via } from '../db/save.ts';
import type { Settings } from '../db/settings.ts';
import type { Facts } from '../lifecycles/facts.ts';
import { type Play, play, type World } from '../lifecycles/play.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import { type Caused, causes, opening } from './causes.ts';
import type { createSettings } from './setting.ts';
import type { EventLine, InstanceLine } from './shapes.ts';
import { short } from './unfit.ts';

/** An instance as the log has led to it so far. */
export type Stood = Pick<Locked, 'instance' | 'head' | 'lastActor'>;
export type Executed = { played: Play; rows: ReturnType<typeof rowsOf> };
export type Execution = { all: Executed[] } | { why: Bilingual };

export type ExecuteOptions = {
  registry: Registry;
  instances: ReadonlyMap<string, InstanceLine>;
  settings: ReturnType<typeof createSettings>;
};

export const actorOf = ({ actor, role, party }: Pick<EventLine, 'actor' | 'role' | 'party'>): Actor => ({ id: actor, role, party });

/** Executes one event with its cause outside the family, as its transaction did: asked, played, and made into rows. */
export function createExecute({ registry, instances, settings }: ExecuteOptions) {
  return execute;

  /** @returns what the rules make of it, several where several effects wait for one outcome; or why they do not take it */
  function execute(event: EventLine, live: ReadonlyMap<string, Stood>): Execution {
    const setting = settings.at(event);
    if (!setting) return { why: { zh: `存证包中没有工作日历 ${event.calendar_version}`, en: `the bundle has no calendar ${event.calendar_version}` } };
    try {
      const world = worldOf(setting, live);
      const caused = causedBy(event, { live, world });
      return 'why' in caused ? caused : { all: caused.steps.map((first) => executed(event, { live, world, setting, first })) };
    } catch (error) {
      // a rule that throws takes no such event
      const why = short((error as Error).message);
      return { why: { zh: why, en: why } };
    }
  }

  function causedBy(event: EventLine, { live, world }: { live: ReadonlyMap<string, Stood>; world: World }): Caused {
    const instance = live.get(event.instance_id)?.instance;
    const { lifecycle: name } = instances.get(event.instance_id) as InstanceLine;
    const lifecycle = registry.of(name, instance?.version ?? event.machine_version);
    const policies = world.policiesOf(name, lifecycle.version, instance?.context);
    const question = { ...causeOf(event), policies, calendar: world.calendar };
    const put = { event, lifecycle, question, world, live, exactDays: settings.isExact(event.calendar_version) };
    const cause = causes[event.kind];
    if (!instance) return event.kind === 'command' ? opening(put) : { why: { zh: '实例尚不存在', en: 'the instance did not exist yet' } };
    return cause ? cause({ ...put, instance }) : { steps: [] };
  }

  function executed(
    event: EventLine,
    { live, world, setting, first }: { live: ReadonlyMap<string, Stood>; world: World; setting: Settings; first: Parameters<typeof play>[0]['first'] },
  ): Executed {
    const { instance_id: id, via, idempotency_key: key, expected_revision: expectedRevision } = event;
    const cause = causeOf(event);
    const played = play({ world, family: new Map([...live].map(([of, { instance }]) => [of, instance])), cause, first });
    if (!live.has(id)) played.created.add(id);
    const loaded = { family: new Map(live), members: new Set<string>(), now: cause.now, offsetMs: 0, settings: setting, bound: null };
    const bound = key === null ? {} : { key: { scope: '', key, fingerprint: '', instance: id } };
    return { played, rows: rowsOf({ registry, loaded, play: played, via: via as Via, ...bound, expectedRevision }) };
  }

  /** What is created gets the ids, numbers and machine versions that the bundle has for it, in the order of its creation. */
  function worldOf({ calendar, policiesOf }: Settings, live: ReadonlyMap<string, Stood>): World {
    const taken = new Set(live.keys());
    const nextOf = (fits: (instance: InstanceLine) => boolean) => [...instances.values()].find((one) => !taken.has(one.id) && fits(one));
    /** The version that was current when the next of them began. */
    const of: Registry['of'] = (name, version) => registry.of(name, version ?? nextOf(({ lifecycle }) => lifecycle === name)?.first_version);
    return {
      registry: { ...registry, of },
      calendar,
      policiesOf: (name, version, context) => policiesOf(of(name, version), context),
      identityFor(prefix) {
        const next = nextOf(({ lifecycle }) => registry.of(lifecycle).prefix === prefix);
        if (!next) throw new Error(`expected another ${prefix} in the bundle, got none`);
        taken.add(next.id);
        return { id: next.id, number: next.number };
      },
    };
  }
}

const causeOf = (event: EventLine) => ({ actor: actorOf(event), facts: event.facts as Facts, now: Date.parse(event.at) });
