import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPid, stopProcess } from './leftover.ts';

export type DaemonSpec = {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number };
  /** A part of the command line by which a leftover of a former start is known. */
  marker: string;
  pidFile: string;
  /** Done before each start, after a leftover has been stopped. */
  prepare?: () => Promise<void>;
  /** Asked again and again until it no longer throws. */
  ready: () => Promise<void>;
  readyWithinMs: number;
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
  onLine?: (line: string) => void;
};

export type Daemon = {
  readonly pid: number | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL, for fault tests and for leaving at once. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Calls back when the process ends although nobody asked it to. */
  onDeath(listener: (reason: string) => void): void;
};

/** A server of another make that we start, watch and stop. It lives in a process group of its own,
 *  so that Ctrl-C in the terminal reaches only us and we stop everything in order. */
export function daemon(spec: DaemonSpec): Daemon {
  let child: ChildProcess | undefined;
  let exited: Promise<string> = Promise.resolve('not started');
  let wanted = false;
  const listeners: ((reason: string) => void)[] = [];

  async function start(): Promise<void> {
    await stopLeftover(spec);
    await spec.prepare?.();
    wanted = true;
    const started = spawn(spec.command, spec.args, {
      env: spec.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...spec.user,
    });
    const lastLines = followLines(started, (line) => wanted && spec.onLine?.(line));
    child = started;
    exited = new Promise((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
    });
    if (started.pid !== undefined) fs.writeFileSync(spec.pidFile, String(started.pid), { mode: 0o600 });

    try {
      await untilReady(spec, exited);
    } catch (error) {
      wanted = false;
      started.kill('SIGKILL');
      await exited;
      const why = error instanceof Error ? error.message : String(error);
      throw new Error([`${spec.name}: ${why}`, ...lastLines()].join('\n  '));
    }
    void exited.then((reason) => {
      if (wanted && child === started) for (const listener of listeners) listener(reason);
    });
  }

  async function end(signal: NodeJS.Signals, withinMs: number): Promise<void> {
    wanted = false;
    child?.kill(signal);
    const inTime = await Promise.race([exited.then(() => true), sleep(withinMs, false, { ref: false })]);
    if (!inTime) child?.kill('SIGKILL');
    await exited;
    child = undefined;
    fs.rmSync(spec.pidFile, { force: true });
  }

  return {
    get pid() {
      return child?.pid;
    },
    start,
    stop: () => end(spec.stopSignal, spec.stopWithinMs),
    kill: () => end('SIGKILL', 10_000),
    restart: async () => {
      if (child) await end(spec.stopSignal, spec.stopWithinMs);
      await start();
    },
    onDeath: (listener) => void listeners.push(listener),
  };
}

async function stopLeftover({ pidFile, marker, stopSignal, stopWithinMs }: DaemonSpec): Promise<void> {
  const pid = readPid(pidFile);
  if (pid !== undefined) await stopProcess({ pid, marker, signal: stopSignal, withinMs: stopWithinMs });
  fs.rmSync(pidFile, { force: true });
}

function followLines(child: ChildProcess, onLine: (line: string) => void): () => string[] {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    readline.createInterface({ input: stream }).on('line', (line) => {
      if (last.push(line.slice(0, 300)) > 8) last.shift();
      onLine(line);
    });
  }
  return () => last;
}

async function untilReady({ ready, readyWithinMs }: DaemonSpec, exited: Promise<string>): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  let ended: string | undefined;
  void exited.then((reason) => (ended = reason));
  for (;;) {
    const failure = await ready().then(() => undefined, (error: unknown) => error);
    if (ended !== undefined) throw new Error(`ended while starting (${ended})`);
    if (failure === undefined) return;
    if (Date.now() > deadline) {
      const why = failure instanceof Error ? failure.message : String(failure);
      throw new Error(`not ready after ${Math.round(readyWithinMs / 1000)} s (${why})`);
    }
    await Promise.race([sleep(50), exited]);
  }
}
