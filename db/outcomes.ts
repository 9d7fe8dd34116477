import type { Agenda } from '../lifecycles/agenda.ts';
import type { OpenEffect } from '../lifecycles/instance.ts';
import { deadlinePassed, effectDone } from '../lifecycles/outcome.ts';
import { toldBy } from '../lifecycles/play.ts';
import { gaveUp } from '../lifecycles/repair.ts';
import { system } from '../lifecycles/roles.ts';
import { type Step, step } from '../lifecycles/step.ts';
import { moveClock } from './clock.ts';
import { loadFacts } from './facts.ts';
import { load } from './load.ts';
import { masked, maskedText } from './mask.ts';
import type { Via } from './save.ts';
import { storable, storableJson } from './storable.ts';
import type { Unit } from './unit.ts';

/** The newest agenda, how long the deadline is still to wait when it came early, and whether this call fired it. */
export type Fired = { agenda: Agenda | null; earlyMs: number; fired: boolean };

/** What comes back to an instance by itself: fired deadlines and the outcomes of effects. */
export function createOutcomes({ registry, settings, together, questionOf, agendaFrom, storeFor }: Unit) {
  return { fire, effectSucceeded, effectGaveUp, agenda };

  /**
   * A deadline has come. Fires it if it is armed and due by PostgreSQL's clock.
   * @param keeperNow the workflow's clock, in sandboxes whose Temporal skips time: it then moves the family's clock
   * @returns the newest agenda, and how long it is still to wait when it came early
   */
  async function fire({
    instance: id,
    lifecycle: name,
    key,
    via,
    keeperNow,
  }: {
    instance: string;
    lifecycle: string;
    key: string;
    via: Via;
    keeperNow?: number;
  }): Promise<Fired> {
    const event = key.slice(key.indexOf(':') + 1);
    return together<Fired>(async (client, also) => {
      const loaded = await load(client, { settings, id, told: toldBy(registry, name, event), also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: { agenda: null, earlyMs: 0, fired: false }, done: null };
      const { instance } = locked;
      const armed = instance.deadlines.find((deadline) => deadline.key === key);
      if (!armed || armed.dueAt === null) return { result: { agenda: agendaFrom(loaded, locked), earlyMs: 0, fired: false }, done: null };
      if (armed.dueAt > loaded.now && keeperNow !== undefined && keeperNow >= armed.dueAt) await moveClock(client, instance.family, armed.dueAt, loaded);
      if (armed.dueAt > loaded.now) return { result: { agenda: agendaFrom(loaded, locked), earlyMs: armed.dueAt - loaded.now, fired: false }, done: null };
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const facts = await loadFacts(client, lifecycle.deadlines[armed.name]?.facts, { actor: system, input: {}, instance });
      const question = { ...questionOf(loaded, instance), facts };
      const first = deadlinePassed({ lifecycle, instance, name: armed.name, question });
      const { agenda: next, done } = await storeFor(client, { loaded, first, question, via });
      return { result: { agenda: next, earlyMs: 0, fired: true }, done };
    });
  }

  /** The outside has done what an effect asked. Counted once, whatever is sent twice. */
  async function effectSucceeded({
    instance: id,
    lifecycle: name,
    key,
    generation,
    no,
    result,
    record = null,
  }: {
    instance: string;
    lifecycle: string;
    key: string;
    /** The generation that was tried. */
    generation: number;
    no: number;
    result: unknown;
    record?: Record<string, unknown> | null;
  }): Promise<Agenda | null> {
    const effectName = key.slice(key.lastIndexOf(':') + 1);
    const succeeded = registry.of(name).effects[effectName]?.succeeded ?? '';
    return together<Agenda | null>(async (client, also) => {
      const loaded = await load(client, { settings, id, told: toldBy(registry, name, succeeded), also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: null, done: null };
      const { instance } = locked;
      const effect = instance.effects.find((open) => open.key === key);
      if (!effect) {
        await client.query("update attempts set outcome = 'succeeded', finished_at = clock_timestamp(), record = $3 where effect = $1 and no = $2", [
          key,
          no,
          record && JSON.stringify(record),
        ]);
        return { result: agendaFrom(loaded, locked), done: null };
      }
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const question = questionOf(loaded, instance);
      const first = effectDone({ lifecycle, instance, question, effect, result: storableJson(result), shown: masked(storableJson(result)) });
      const { agenda: next, done } = await storeFor(client, {
        loaded,
        first,
        question,
        via: 'keeper',
        attempt: { effect: key, no, record },
        heard: isHeard(effect, generation),
      });
      return { result: next, done };
    });
  }

  /** An effect will not be tried again by itself: its declared exit is taken. */
  async function effectGaveUp({
    instance: id,
    key,
    generation,
    exit,
    error,
  }: {
    instance: string;
    key: string;
    generation: number;
    exit: 'failed' | 'exhausted' | 'bug';
    error: { code: string; message: string };
  }): Promise<Agenda | null> {
    const told = { code: error.code, message: storable(maskedText(error.message).slice(0, 500)) };
    return together<Agenda | null>(async (client, also) => {
      const loaded = await load(client, { settings, id, also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: null, done: null };
      const { instance } = locked;
      const effect = instance.effects.find((open) => open.key === key && open.status !== 'failed');
      // a retry by hand came meanwhile: it is that try's word that counts
      if (!effect || effect.generation > generation) return { result: agendaFrom(loaded, locked), done: null };
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const question = questionOf(loaded, instance);
      const declared = exit === 'bug' ? 'incident' : (lifecycle.effects[effect.name]?.[exit] ?? 'incident');
      const first: Step =
        declared === 'incident'
          ? gaveUp({ instance, effect, error: told, question })
          : step({ lifecycle, instance, happening: { kind: 'effect', type: declared.event, input: told, reason: null, effect }, question });
      const { agenda: next, done } = await storeFor(client, { loaded, first, question, via: 'keeper', heard: isHeard(effect, generation) });
      return { result: next, done };
    });
  }

  /** The newest agenda of an instance, without changing it; null when there is no such instance. */
  async function agenda(id: string): Promise<Agenda | null> {
    return together<Agenda | null>(async (client) => {
      const loaded = await load(client, { settings, id });
      const locked = loaded?.family.get(id);
      return { result: loaded && locked ? agendaFrom(loaded, locked) : null, done: null };
    });
  }
}

/** The keeper has given up a try whose effect was parked or is tried anew: its answer reaches nobody, so a wake is owed. */
const isHeard = (effect: OpenEffect, generation: number) => effect.status === 'open' && effect.generation === generation;
