import path from 'node:path';
import type { Log } from '../log.ts';
import { type Daemon, daemon } from './daemon.ts';

type NodeProcess = {
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  drainSeconds: number;
  /** Where the process's own log lines go. */
  write: (line: string) => void;
  log: Log;
};

/** One of our own programs, run by this Node, that calls runProcess (serve.ts). */
export function nodeProcess({ name, script, env, dataDir, drainSeconds, write, log }: NodeProcess): Daemon {
  let isReady = false;
  return daemon({
    name,
    command: process.execPath,
    args: [...process.execArgv, script],
    env,
    marker: script,
    pidFile: path.join(dataDir, `${name}.pid`),
    prepare: async () => {
      isReady = false;
    },
    ready: async () => {
      if (!isReady) throw new Error('it has not said that it is ready');
    },
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: (drainSeconds + 2) * 1_000,
    onMessage: (message) => {
      if (message === 'ready') isReady = true;
    },
    // What does not come from the logger (a crash, a native library) gets its form here.
    onLine: (line) => (line.startsWith('{') ? write(line) : log.info(line)),
  });
}
