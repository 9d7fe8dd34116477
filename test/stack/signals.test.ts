import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandOf } from '../../stack/leftover.ts';

const program = fileURLToPath(new URL('./stubs/stoppable.ts', import.meta.url));

/** The program below a shell that is not replaced by it, as npm's is not; what it says, a line each. */
async function below({ script }: { script: string }) {
  const shell = spawn('/bin/sh', ['-c', '"$0" "$1"; true', process.execPath, program], {
    env: { ...process.env, npm_lifecycle_script: script, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = shell.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false });
  const said = async () => String((await lines.next()).value).trim();
  const pid = Number((await said()).replace('up ', ''));
  const gone = once(shell, 'exit');
  shell.kill('SIGTERM');
  await gone;
  return { pid, said };
}

test('an npm script stops when its shell has gone, which is all that npm passes a SIGTERM on to', async () => {
  const { pid, said } = await below({ script: 'node test/stack/stubs/stoppable.ts' });
  try {
    expect(await said()).toBe('npm has ended');
  } finally {
    if (commandOf(pid)) process.kill(pid, 'SIGKILL');
  }
});

test('what an npm script starts, and means to outlive it, is left alone', async () => {
  const { pid, said } = await below({ script: 'node serve-and-leave.ts' });
  // the other kind has looked twice by then
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  process.kill(pid, 'SIGTERM');
  expect(await said()).toBe('SIGTERM');
});
