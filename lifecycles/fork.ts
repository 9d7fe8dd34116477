import type { Question } from './ask.ts';
import { nextDue } from './deadlines.ts';
import { type Difference, differencesOf } from './difference.ts';
import type { Instance } from './instance.ts';
import { deadlinePassed, effectDone } from './outcome.ts';
import { type Play, play, type World } from './play.ts';
import { type Actor, system } from './roles.ts';
import { samplesOf } from './samples.ts';
import type { Step } from './step.ts';

/** What is supposed of effects: their results stay out, or each succeeds at once with a sample of its result. */
export type Assume = 'open' | 'succeeded';

/** What one cause would change. */
export type Taken = { played: Play; differences: Difference[] };

/** Something that would happen by itself. `at`: epoch milliseconds of the family's clock. */
export type Passed = Taken & { kind: 'deadline' | 'effect'; instance: string; name: string; at: number };
type Next = Pick<Passed, 'kind' | 'instance' | 'name' | 'at'> & { key: string };

/** So much happens by itself in one fork at the most: rules that arm each other must not turn for ever. */
const most = 1_000;

export type Fork = ReturnType<typeof createFork>;

/**
 * A family of instances that goes on by itself in memory, under the very rules of commit; nothing is stored. The world
 * says what the family does not: policies, calendar, and names for what is created on the way.
 */
export function createFork({ world, family, now, assume = 'open' }: { world: World; family: Iterable<Instance>; now: number; assume?: Assume }) {
  const instances = new Map([...family].map((instance) => [instance.id, instance]));
  let clock = now;
  let left = most;
  return { instances, now: () => clock, truncated: () => left < 0, of, questionOf, take, settle, advance };

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
  function take(first: Step, question: Question): Taken {
    const played = play({ world, family: instances, cause: question, first });
    const differences = differencesOf(played, instances);
    for (const [id, instance] of played.changed) instances.set(id, instance);
    return { played, differences };
  }

  /** What is assumed of the effects that are open now. */
  function settle(): Passed[] {
    return passAll(assumed);
  }

  /**
   * From due to due, as the sandbox does it: each deadline on the way fires stamped with its own instant. When more happens
   * than is told, the clock stays where that is.
   * @param until epoch milliseconds of the family's clock
   */
  function advance(until: number): Passed[] {
    const passed = passAll(() => assumed() ?? soonest(until));
    if (left >= 0) clock = Math.max(clock, until);
    return passed;
  }

  function passAll(upcoming: () => Next | null): Passed[] {
    const passed: Passed[] = [];
    for (let next = upcoming(); next && left >= 0; next = upcoming()) if (--left >= 0) passed.push(pass(next));
    return passed;
  }

  function pass({ kind, instance: id, key, name, at }: Next): Passed {
    clock = Math.max(clock, at);
    const instance = of(id);
    const question = questionOf(instance, system);
    const lifecycle = world.registry.of(instance.lifecycle, instance.version);
    const effect = instance.effects.find((open) => open.key === key);
    const [result] = effect ? samplesOf(lifecycle.effects[name]?.result as never) : [];
    const first = effect ? effectDone({ lifecycle, instance, question, effect, result }) : deadlinePassed({ lifecycle, instance, question, name });
    return { kind, instance: id, name, at: question.now, ...take(first, question) };
  }

  function assumed(): Next | null {
    if (assume === 'open') return null;
    const open = [...instances.values()].flatMap(({ id, effects }) =>
      effects.filter(({ status }) => status === 'open').map(({ key, name, openedAt }) => ({ kind: 'effect' as const, instance: id, key, name, at: openedAt })),
    );
    return first(open);
  }

  function soonest(until: number): Next | null {
    const due = [...instances.values()].flatMap(({ id, deadlines }) => {
      const next = nextDue(deadlines);
      return next && next.dueAt <= until ? [{ kind: 'deadline' as const, instance: id, key: next.key, name: next.name, at: next.dueAt }] : [];
    });
    return first(due);
  }
}

const first = (list: Next[]): Next | null => list.sort((one, other) => one.at - other.at || one.key.localeCompare(other.key))[0] ?? null;
