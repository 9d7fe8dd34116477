import { createFork, type FiredInFork } from '../lifecycles/fork.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Play, World } from '../lifecycles/play.ts';
import type { Problem } from '../lifecycles/problem.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { decide, type Wish } from './decide.ts';
import { type InstanceRow, instancesByFamily } from './read/instances.ts';
import type { Reader } from './read/reader.ts';

/** One thing that would happen: a command that was asked about, or a deadline that passes meanwhile. */
export type Supposed = {
  kind: 'command' | 'deadline';
  name: string;
  instance: string;
  /** The family's clock. */
  at: number;
  /** Why the command would be refused; what follows goes on without it. */
  problem: Problem | null;
  played: Play | null;
};

export type WhatIf = { now: number; steps: Supposed[]; instances: ReadonlyMap<string, Instance>; world: World };

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

/**
 * What would happen to an instance and its family: commands one after the other, then so much time. Reads what commit
 * reads and asks the same rules; locks nothing, stores nothing. Effects are told, never sent: their results stay out.
 */
export async function whatIf(
  reader: Reader,
  { registry, row, wishes, advanceMs }: { registry: Registry; row: InstanceRow; wishes: readonly (Wish & { instance: string })[]; advanceMs: number },
): Promise<WhatIf> {
  const rows = await instancesByFamily(reader, [row.instance.family]);
  const world = worldOf(registry, row);
  const fork = createFork({ world, family: rows.map(({ instance }) => instance), now: row.now });
  const steps: Supposed[] = [];
  await reader.read(async (client) => {
    for (const wish of wishes) {
      const instance = fork.of(wish.instance);
      const lifecycle = registry.of(instance.lifecycle, instance.version);
      const questionFor: Parameters<typeof decide>[1]['questionFor'] = (facts) => fork.questionOf(instance, wish.actor, facts);
      const decided = await decide(client, { lifecycle, instance, wish, questionFor });
      const step = { kind: 'command' as const, name: wish.command, instance: instance.id, at: fork.now() };
      steps.push(
        decided.ok ? { ...step, problem: null, played: fork.take(decided.first, decided.question) } : { ...step, problem: decided.problem, played: null },
      );
    }
  });
  steps.push(...fork.advance(row.now + advanceMs).map(supposed));
  return { now: fork.now(), steps, instances: fork.instances, world };
}

const supposed = ({ instance, name, at, played }: FiredInFork): Supposed => ({ kind: 'deadline', name, instance, at, problem: null, played });
