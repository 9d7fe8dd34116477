import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog, readable } from '../log.ts';
import { startThrowaway } from '../stack/throwaway.ts';
import { type Bug, bugs } from './bugs.ts';
import { type Report, type Verdict, verdictOf } from './verdict.ts';

/** Plants each bug into a copy of the project and runs the test that names it: green there means that nobody would notice. */
const only = process.argv.slice(2);
const chosen = bugs.filter((bug) => only.length === 0 || only.some((word) => bug.name.includes(word)));
if (chosen.length === 0) throw new Error(`expected words of planted bugs' names, got ${only.join(', ')}; they are: ${bugs.map(({ name }) => name).join('; ')}`);
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
/** One test file never takes this long; in ms. */
const mostMs = 15 * 60_000;
let missed = 0;
try {
  for (const test of new Set(chosen.map((bug) => bug.test))) {
    const verdict = await run(null, test);
    if (verdict.kind !== 'green') missed += 1;
    console.log(verdict.kind === 'green' ? `✓ ${test} is green without a bug` : `✗ ${test} is not green without a bug: ${saying(verdict)}`);
  }
  for (const bug of chosen) {
    const verdict = await run(bug, bug.test);
    if (verdict.kind !== 'red') missed += 1;
    console.log(verdict.kind === 'red' ? `✓ noticed: ${bug.name} (${bug.test})` : `✗ ${saying(verdict)}: ${bug.name} (${bug.test})`);
  }
} finally {
  await stack?.stop();
}
console.log(missed === 0 ? `all ${chosen.length} planted bugs turn the test that they name red` : `${missed} expectations failed`);
process.exit(missed === 0 ? 0 : 1);

function saying(verdict: Verdict): string {
  if (verdict.kind === 'green') return 'nobody noticed';
  return verdict.kind === 'red' ? `failed: ${verdict.failed.join('; ')}` : verdict.why;
}

async function run(bug: Bug | null, test: string): Promise<Verdict> {
  const copy = mkdtempSync(path.join(tmpdir(), 'steward-planted-'));
  try {
    for (const file of execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n').filter(Boolean)) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(file, path.join(copy, file));
    }
    symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'));
    if (bug) plant(bug, copy);
    const report = path.join(copy, 'report.json');
    const vitest = path.resolve('node_modules/vitest/vitest.mjs');
    const runner = spawn(process.execPath, [vitest, 'run', test, '--reporter=json', `--outputFile=${report}`], {
      cwd: copy,
      env,
      stdio: 'ignore',
      timeout: mostMs,
    });
    const end = await new Promise<string>((resolve) => {
      runner.on('exit', (code, signal) => resolve(signal ? `ended by ${signal} after at most ${mostMs / 60_000} minutes` : `exit code ${code}`));
    });
    return verdictOf(existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report) : null, test, end);
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
