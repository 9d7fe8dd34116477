import { migrated } from '../lifecycles/migrate.ts';
import { play } from '../lifecycles/play.ts';
import { load } from './load.ts';
import { familyOf, type Unit } from './unit.ts';

export type MigrationAnswer = { instance: string; number: string; from: number; to: number; state: string; problems: string[]; done: boolean };

/** Live instances move to the current version of their machine through the same unit of work as every other change. */
export function createMigrations({ registry, settings, together, worldOf, questionOf, store }: Unit) {
  return { migrateInstance };

  /**
   * Moves one instance by the declared plan, or with `dryRun` says what would happen.
   * @returns null when there is no such instance or it is current already
   */
  async function migrateInstance({ instance: id, dryRun }: { instance: string; dryRun: boolean }): Promise<MigrationAnswer | null> {
    return together<MigrationAnswer | null>(async (client, also) => {
      const loaded = await load(client, { settings, id, also });
      const locked = loaded?.family.get(id);
      if (!loaded || !locked) return { result: null, done: null };
      const { instance } = locked;
      const to = registry.of(instance.lifecycle);
      if (to.version === instance.version) return { result: null, done: null };
      const question = { ...questionOf(loaded, instance), policies: worldOf(loaded).policiesOf(to.name, to.version, instance.context) };
      const outcome = migrated({ from: registry.of(instance.lifecycle, instance.version), to, instance, question });
      const problems = 'problems' in outcome ? outcome.problems : [];
      const answer = { instance: id, number: instance.number, from: instance.version, to: to.version, state: JSON.stringify(instance.value), problems };
      if ('problems' in outcome || dryRun) return { result: { ...answer, done: false }, done: null };
      const played = play({ world: worldOf(loaded), ...familyOf(loaded), cause: question, first: outcome.step });
      const done = await store(client, { loaded, play: played, via: 'migration' });
      return { result: { ...answer, done: true }, done };
    });
  }
}
