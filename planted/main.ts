import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog, readable } from '../log.ts';
import { startThrowaway } from '../stack/throwaway.ts';
import { type Bug, bugs } from './bugs.ts';

/** Plants each bug into a copy of the project and runs the test that names it: green there means that nobody would notice. */
const only = process.argv.slice(2);
const chosen = bugs.filter((bug) => only.length === 0 || only.some((word) => bug.name.includes(word)));
// as the tests do: servers that are kept already, else some of its own
const stack = process.env.STEWARD_TEST_DATABASE_URL ? null : await startThrowaway(createLog('planted', { stream: readable(process.stderr), level: 'warn' }));
const env = {
  // a bug in the rules shows long before the last of 100,000 sequences
  STEWARD_RUNS: '20000',
  ...process.env,
  ...(stack && {
    STEWARD_TEST_DATABASE_URL: stack.postgres.adminUrl,
    STEWARD_TEST_TEMPORAL_ADDRESS: stack.temporal.address,
    STEWARD_TEST_TEMPORAL_NAMESPACE: stack.temporal.namespace,
  }),
};
let missed = 0;
try {
  for (const test of new Set(chosen.map((bug) => bug.test))) {
    const passed = await isGreen(null, test);
    if (!passed) missed += 1;
    console.log(`${passed ? '✓' : '✗'} ${test} is green without a bug`);
  }
  for (const bug of chosen) {
    const passed = await isGreen(bug, bug.test);
    if (passed) missed += 1;
    console.log(`${passed ? '✗ nobody noticed' : '✓ noticed'}: ${bug.name} (${bug.test})`);
  }
} finally {
  await stack?.stop();
}
console.log(missed === 0 ? `all ${chosen.length} planted bugs turn the test that they name red` : `${missed} expectations failed`);
process.exit(missed === 0 ? 0 : 1);

async function isGreen(bug: Bug | null, test: string): Promise<boolean> {
  const copy = mkdtempSync(path.join(tmpdir(), 'steward-planted-'));
  try {
    for (const file of execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n').filter(Boolean)) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(file, path.join(copy, file));
    }
    symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'));
    if (bug) plant(bug, copy);
    return await new Promise<boolean>((resolve) => {
      const vitest = path.resolve('node_modules/vitest/vitest.mjs');
      spawn(process.execPath, [vitest, 'run', test], { cwd: copy, env, stdio: 'ignore' }).on('exit', (code) => resolve(code === 0));
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function plant({ name, file, find, replace }: Bug, copy: string): void {
  const target = path.join(copy, file);
  const text = readFileSync(target, 'utf8');
  if (!text.includes(find)) throw new Error(`expected ${file} to contain the place of "${name}": ${find}; the code has moved, move the bug with it`);
  writeFileSync(target, text.replaceAll(find, replace));
}
