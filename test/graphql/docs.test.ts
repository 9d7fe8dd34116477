import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, anApi } from './api.ts';

let api: Api;
const directory = mkdtempSync(path.join(tmpdir(), 'steward-docs-'));
beforeAll(async () => {
  api = await anApi();
});
afterAll(async () => {
  await api.stop();
  rmSync(directory, { recursive: true });
});

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
/** Each example with the answer it is printed with. */
const examples = [...page.matchAll(/```sh\n([\s\S]*?)```(?:\n```(?:json|text)\n([\s\S]*?)```)?/g)].map(([, command = '', answer = '']) => ({
  command,
  answer,
}));
const end = '--- end of example ---';

test('every example of docs/api.md answers what it says', async () => {
  expect(examples.length).toBeGreaterThan(10);
  // in one shell, because each goes on with what the one before it made
  const script = examples.map(({ command }) => `${command.replaceAll('localhost:4000', new URL(api.base).host)}\necho '${end}'`).join('\n');
  const shell = spawn('bash', ['-c', `set -euo pipefail\n${script}`], { cwd: directory });
  let out = '';
  let err = '';
  shell.stdout.on('data', (chunk) => {
    out += chunk;
  });
  shell.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((resolve) => shell.on('close', resolve));
  const answers = out.split(`${end}\n`).slice(0, examples.length);
  expect(answers.map((answer, index) => ({ command: examples[index]?.command, answer }))).toEqual(examples);
  expect([code, err]).toEqual([0, '']);
});
