import type { Registry } from '../lifecycles/registry.ts';
import type { Connection } from './connect.ts';
import { createMigrations, type MigrationAnswer } from './migrations-of-machines.ts';
import { createUnit } from './unit.ts';

export type MigrationReport = { examined: number; movable: number; moved: number; stuck: MigrationAnswer[] };

/**
 * Examines every live instance of an earlier machine version; moves none before all were found movable, unless `force`.
 * A wake is owed to each that moved: running processes deliver it.
 */
export async function migrateInstances({
  pool,
  registry,
  dryRun,
  force = false,
}: Pick<Connection, 'pool'> & { registry: Registry; dryRun: boolean; force?: boolean }): Promise<MigrationReport> {
  const { migrateInstance } = createMigrations(createUnit({ pool, registry, onCommitted: () => {} }));
  const behind = registry.current.map((lifecycle) => ({ name: lifecycle.name, version: lifecycle.version }));
  const { rows } = await pool.query<{ id: string }>(
    `select i.id from instances i join jsonb_to_recordset($1::jsonb) as r(name text, version int) on r.name = i.lifecycle
     where not i.final and i.version < r.version order by i.id`,
    [JSON.stringify(behind)],
  );
  const report: MigrationReport = { examined: 0, movable: 0, moved: 0, stuck: [] };
  for (const { id } of rows) {
    const answer = await migrateInstance({ instance: id, dryRun: true });
    if (!answer) continue;
    report.examined += 1;
    if (answer.problems.length > 0) report.stuck.push(answer);
    else report.movable += 1;
  }
  if (dryRun || (report.stuck.length > 0 && !force)) return report;
  for (const { id } of rows) if ((await migrateInstance({ instance: id, dryRun: false }))?.done) report.moved += 1;
  return report;
}
