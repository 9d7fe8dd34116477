import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

test('whoever was started by npm stops when npm has gone, which passes a SIGTERM on to its shell alone', async () => {
  const program = `import { onStopRequest } from '${new URL('../../stack/signals.ts', import.meta.url).pathname}';
    onStopRequest((why) => { console.log(why); process.exit(); }, () => {});
    setInterval(() => {}, 1_000);
    console.log('up');`;
  // not replaced by its last command, as npm's shell is not
  const shell = spawn('/bin/sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, program], {
    env: { ...process.env, npm_lifecycle_event: 'start', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = shell.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false });
  expect((await lines.next()).value).toBe('up\n');
  const gone = once(shell, 'exit');
  shell.kill('SIGTERM');
  await gone;
  expect((await lines.next()).value).toBe('npm has ended\n');
});
