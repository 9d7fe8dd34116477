import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf } from '../../stack/leftover.ts';

const standIns = fileURLToPath(new URL('./stubs/start.ts', import.meta.url));

export type Start = {
  child: ChildProcess;
  output: () => string;
  /** Resolves when everything is up, rejects with the output if it ended before. */
  isUp: () => Promise<void>;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>;
};

/** `npm start`, with the stand-ins unless another script is given, in an environment that holds nothing but what is given. */
export function aStart(env: Record<string, string>, script = standIns): Start {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [script], {
    env: { PATH, HOME, NO_COLOR: '1', STEWARD_TEMPORAL: 'go', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const isUp = async () => {
    let over = false;
    void ended.then(() => (over = true));
    while (!output.includes('Steward is running.')) {
      if (over) throw new Error(`it ended before it was up:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, output: () => output, isUp, ended };
}

/** The pids that a start wrote down, by name. */
export function recordedPids(dataDir: string): Record<string, number> {
  const files = { postgres: 'postgres.pid', temporal: 'temporal/temporal.pid', worker: 'worker.pid', api: 'api.pid' };
  const read = (file: string) => Number(fs.readFileSync(path.join(dataDir, file), 'utf8'));
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, read(file)]));
}

/** Which of these processes are still there. */
export function survivors(pids: Record<string, number>): string[] {
  return Object.entries(pids)
    .filter(([, pid]) => commandOf(pid) !== undefined)
    .map(([name]) => name);
}
