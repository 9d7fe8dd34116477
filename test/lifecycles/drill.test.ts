import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(path.join(tmpdir(), 'steward-drill-'));
afterAll(() => rmSync(copy, { recursive: true }));

/** What the copy does without: what is big, hidden or built. */
const left = ['node_modules', 'docs', 'bench'];

function copied() {
  for (const name of readdirSync(root).filter((one) => !one.startsWith('.') && !left.includes(one)))
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  // the test of the change is pure: it needs neither PostgreSQL nor Temporal
  writeFileSync(path.join(copy, 'vitest.config.ts'), 'export default { test: { pool: "forks", maxWorkers: 1 } };\n');
}

type Change = { file: string; hunks: { before: string[]; after: string[] }[] };

/** The diff of the README's worked change: by file, each hunk's lines before and after. */
function printedChanges(): Change[] {
  const [, diff = ''] = /## A worked change[\s\S]*?```diff\n([\s\S]*?)```/.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? [];
  return diff
    .split(/^\+\+\+ /m)
    .slice(1)
    .map((part) => {
      const [file = '', ...hunks] = part.split(/\n@@\n/);
      return { file, hunks: hunks.map((hunk) => sidesOf(hunk.replace(/\n$/, '').split('\n'))) };
    });
}
const sidesOf = (lines: string[]) => ({
  before: lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1)),
  after: lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1)),
});

/** Makes the hunks' changes one after the other, each where its whole lines next stand. @throws when they do not */
function apply({ file, hunks }: Change) {
  const place = path.join(copy, file);
  let done = '\n';
  let rest = existsSync(place) ? readFileSync(place, 'utf8') : '';
  for (const { before, after } of hunks) {
    const [old, new_] = [before, after].map((lines) => lines.map((line) => `${line}\n`).join('')) as [string, string];
    const at = `${done.slice(-1)}${rest}`.indexOf(`\n${old}`);
    if (at < 0) throw new Error(`expected these lines in ${file}, after what the diff says before:\n${old}`);
    done += rest.slice(0, at) + new_;
    rest = rest.slice(at + old.length);
  }
  writeFileSync(place, (done + rest).slice(1));
}

async function run(file: string): Promise<{ passed: boolean; said: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const ran = promisify(execFile)(process.execPath, [vitest, 'run', file], { cwd: copy, env: { PATH, HOME, NO_COLOR: '1' } });
  return ran.then(
    ({ stdout }) => ({ passed: true, said: stdout }),
    ({ stdout, stderr }) => ({ passed: false, said: `${stdout}${stderr}` }),
  );
}

test('the worked change of the README is one: its diff fits, and its test fails without the rule and passes with it', async () => {
  copied();
  const changes = printedChanges();
  const isTest = ({ file }: Change) => file.startsWith('test/');
  const [added, ...others] = changes.filter(isTest);
  expect([added?.file, others]).toEqual(['test/lifecycles/amended.test.ts', []]);
  for (const change of changes.filter(isTest)) apply(change);
  const without = await run(added?.file ?? '');
  expect(without).toMatchObject({ passed: false, said: expect.stringContaining('expected fileRequirement to be accepted') });
  for (const change of changes.filter((one) => !isTest(one))) apply(change);
  expect(await run(added?.file ?? '')).toMatchObject({ passed: true, said: expect.stringContaining('1 passed') });
});
