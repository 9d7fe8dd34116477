import { spawnSync } from 'node:child_process';

// Records the keeper's golden histories (test/histories/) on a real stack: node scripts/record-histories.ts -in-task
// keeps each story under its name and that suffix, beside those that are there. Old ones stay true as long as workflows of
// their kind may be running; without a suffix the first ones are recorded anew.
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/workflows/histories.test.ts', '--update'], {
  stdio: 'inherit',
  cwd: new URL('..', import.meta.url).pathname,
  env: { ...process.env, STEWARD_RECORD_HISTORIES: process.argv[2] ?? '' },
});
process.exit(status ?? 1);
