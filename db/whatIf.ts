import { type Assume, createFork, type Passed, type Taken } from '../lifecycles/fork.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { World } from '../lifecycles/play.ts';
import { invalid, type Problem } from '../lifecycles/problem.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { type Decided, decide, type Wish } from './decide.ts';
import { type InstanceRow, instancesByFamily } from './read/instances.ts';
import type { Reader } from './read/reader.ts';
import { sizeProblems } from './requests.ts';

/** One thing that would happen: a command that was asked about, a deadline that passes, an effect that is taken to succeed. */
export type Supposed = {
  kind: 'command' | Passed['kind'];
  name: string;
  instance: string;
  /** The family's clock. */
  at: number;
  /** Why the command would be refused; what follows goes on without it. */
  problem: Problem | null;
  taken: Taken | null;
};

export type WhatIf = {
  /** The family's clock in the end. */
  now: number;
  steps: Supposed[];
  instances: ReadonlyMap<string, Instance>;
  world: World;
  /** More would happen by itself than is told. */
  truncated: boolean;
};

export type Question = {
  registry: Registry;
  row: InstanceRow;
  /** In this order; each on an instance of the row's family. */
  wishes: readonly (Wish & { instance: string })[];
  advanceMs: number;
  assume?: Assume;
};

/** The world of a fork: the settings in force when its family was read, and names for what would be created. */
export function worldOf(registry: Registry, { settings }: Pick<InstanceRow, 'settings'>): World {
  let created = 0;
  return {
    registry,
    calendar: settings.calendar,
    policiesOf: (name, version, context) => settings.policiesOf(registry.of(name, version), context),
    identityFor: (prefix) => ({ id: `new-${++created}`, number: `${prefix}-new-${created}` }),
  };
}

/** Of an instance that would only then exist: no id leads to it. */
export const isSupposed = (id: string): boolean => id.startsWith('new-');

/**
 * What would happen to an instance and its family: commands one after the other, then so much time. Reads what commit
 * reads and asks the same rules; locks nothing, stores nothing. Facts of other records are those of now, as each
 * command's actor may see them; effects are told, never sent.
 */
export async function whatIf(reader: Reader, { registry, row, wishes, advanceMs, assume }: Question): Promise<WhatIf> {
  const rows = await instancesByFamily(reader, [row.instance.family]);
  const { now, settings } = rows[0] ?? row;
  const world = worldOf(registry, { settings });
  const fork = createFork({ world, family: rows.map(({ instance }) => instance), now, assume });
  const steps: Supposed[] = fork.settle().map(byItself);
  for (const wish of wishes) {
    const instance = fork.of(wish.instance);
    const lifecycle = registry.of(instance.lifecycle, instance.version);
    const questionFor: Parameters<typeof decide>[1]['questionFor'] = (facts) => fork.questionOf(instance, wish.actor, facts);
    const tooLong = sizeProblems(wish);
    const decided: Decided =
      tooLong.length > 0
        ? { ok: false, problem: invalid(tooLong) }
        : await reader.as(wish.actor).read((client) => decide(client, { lifecycle, instance, wish, questionFor }));
    const step = { kind: 'command' as const, name: wish.command, instance: instance.id, at: Math.max(fork.now(), instance.at) };
    if (decided.ok) steps.push({ ...step, problem: null, taken: fork.take(decided.first, decided.question) });
    else steps.push({ ...step, problem: decided.problem, taken: null });
    steps.push(...fork.settle().map(byItself));
  }
  steps.push(...fork.advance(now + advanceMs).map(byItself));
  return { now: fork.now(), steps, instances: fork.instances, world, truncated: fork.truncated() };
}

const byItself = ({ kind, instance, name, at, played, differences }: Passed): Supposed => ({
  kind,
  name,
  instance,
  at,
  problem: null,
  taken: { played, differences },
});
