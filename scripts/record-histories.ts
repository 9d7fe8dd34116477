import { spawnSync } from 'node:child_process';

// Records the keeper's golden histories anew (test/histories/) on a real stack: node scripts/record-histories.ts
// Old ones stay true as long as workflows of their kind may be running; record anew only what no longer runs anywhere.
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/workflows/histories.test.ts', '--update'], {
  stdio: 'inherit',
  cwd: new URL('..', import.meta.url).pathname,
  env: { ...process.env, STEWARD_RECORD_HISTORIES: '1' },
});
process.exit(status ?? 1);
