// npm run migrate-instances [-- --apply [--force]]: moves live instances to the current version of their machines.
import { parseArgs } from 'node:util';
import { connect } from '../db/connect.ts';
import { migrateInstances } from '../db/migrate-instances.ts';
import { createRegistry } from '../lifecycles/registry.ts';
import { runTool } from './tool.ts';

const { values } = parseArgs({ options: { apply: { type: 'boolean', default: false }, force: { type: 'boolean', default: false } } });

await runTool(async (databaseUrl) => {
  const connection = connect(databaseUrl, { poolSize: 4, name: 'steward migration' });
  const report = await migrateInstances({ ...connection, registry: createRegistry(), dryRun: !values.apply, force: values.force });
  await connection.close();
  for (const stuck of report.stuck) console.log(`${stuck.number} (version ${stuck.from}, ${stuck.state}) stays: ${stuck.problems.join('; ')}`);
  console.log(`${report.examined} live instances are of an earlier version: ${report.movable} can move, ${report.stuck.length} cannot.`);
  console.log(values.apply ? `${report.moved} were moved.` : 'Nothing was changed; run again with --apply to move them.');
});
