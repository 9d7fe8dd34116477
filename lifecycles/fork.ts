import type { Question } from './ask.ts';
import { nextDue } from './deadlines.ts';
import type { Instance } from './instance.ts';
import { type Play, play, type World } from './play.ts';
import { type Actor, system } from './roles.ts';
import { type Step, step } from './step.ts';

/** A deadline of a fork, and what its passing changed. */
export type FiredInFork = { instance: string; key: string; name: string; at: number; played: Play };

/** So many deadlines fire in one advance at the most: rules that arm each other must not turn for ever. */
const most = 1_000;

export type Fork = ReturnType<typeof createFork>;

/**
 * A family of instances that goes on by itself in memory, under the very rules of commit; nothing is stored. The world
 * says what the family does not: policies, calendar, and names for what is created on the way.
 */
export function createFork({ world, family, now }: { world: World; family: Iterable<Instance>; now: number }) {
  const instances = new Map([...family].map((instance) => [instance.id, instance]));
  let clock = now;
  return { instances, now: () => clock, of, questionOf, take, advance };

  function of(id: string): Instance {
    const instance = instances.get(id);
    if (!instance) throw new Error(`expected an instance of this family, got ${id}`);
    return instance;
  }

  function questionOf(instance: Instance, actor: Actor, facts: Question['facts'] = {}): Question {
    const policies = world.policiesOf(instance.lifecycle, instance.version, instance.context);
    return { actor, facts, now: Math.max(clock, instance.at), policies, calendar: world.calendar };
  }

  /** Plays a first step to its end and goes on from there. */
  function take(first: Step, question: Question): Play {
    const played = play({ world, family: instances, cause: question, first });
    for (const [id, instance] of played.changed) instances.set(id, instance);
    return played;
  }

  /**
   * From due to due, as the sandbox does it: each deadline on the way fires stamped with its own instant.
   * @param until epoch milliseconds of the family's clock
   */
  function advance(until: number): FiredInFork[] {
    const fired: FiredInFork[] = [];
    for (let next = soonest(until); next && fired.length < most; next = soonest(until)) {
      clock = Math.max(clock, next.dueAt);
      const instance = of(next.instance);
      const lifecycle = world.registry.of(instance.lifecycle, instance.version);
      const question = questionOf(instance, system);
      const first = step({ lifecycle, instance, happening: { kind: 'deadline', type: next.name, input: {}, reason: null }, question });
      fired.push({ instance: next.instance, key: next.key, name: next.name, at: question.now, played: take(first, question) });
    }
    clock = Math.max(clock, until);
    return fired;
  }

  function soonest(until: number) {
    const due = [...instances.values()].flatMap((instance) => {
      const first = nextDue(instance.deadlines);
      return first && first.dueAt <= until ? [{ ...first, instance: instance.id }] : [];
    });
    return due.sort((one, other) => one.dueAt - other.dueAt || one.key.localeCompare(other.key))[0] ?? null;
  }
}
