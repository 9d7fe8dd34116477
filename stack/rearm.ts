// npm run rearm: rebuilds every workflow from PostgreSQL, for a Temporal that lost its database.
import { rearm } from '../db/rearm.ts';
import { runTool } from './tool.ts';

await runTool(async (databaseUrl) => {
  console.log(`${await rearm(databaseUrl)} instances are re-armed; running workers and APIs start their workflows within seconds.`);
});
