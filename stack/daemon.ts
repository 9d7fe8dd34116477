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
  /** Last words after which starting it once more will do. */
  tryAgainOn?: RegExp;
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
  onLine?: (line: string, phase: Phase) => void;
  /** Given when the process is one of ours: it hears of our end by the closed channel. */
  onMessage?: (message: unknown) => void;
};

/** Servers that start or stop complain of what is missing then; only what a ready one says is news. */
export type Phase = 'starting' | 'ready' | 'stopping';

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

const alive = new Set<ChildProcess>();
process.once('exit', killAll);

/** SIGKILL to every daemon of this process: nothing may outlive us, whatever ended us. */
export function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** A process that we start, watch and stop. It lives in a process group of its own, so that Ctrl-C
 *  in the terminal reaches only us and we stop everything in order. */
export function daemon(spec: DaemonSpec): Daemon {
  let child: ChildProcess | undefined;
  let exited: Promise<string> = Promise.resolve('not started');
  let wanted = false;
  const listeners: ((reason: string) => void)[] = [];

  async function start(): Promise<void> {
    const deadline = Date.now() + spec.readyWithinMs;
    for (;;) {
      try {
        return await startOnce();
      } catch (error) {
        const mayWork = spec.tryAgainOn?.test(String(error)) && Date.now() < deadline;
        if (!mayWork) throw error;
        await sleep(100);
      }
    }
  }

  async function startOnce(): Promise<void> {
    await stopLeftover(spec);
    await spec.prepare?.();
    const started = spawnDaemon(spec);
    let isReady = false;
    const phase = () => (!wanted || child !== started ? 'stopping' : isReady ? 'ready' : 'starting');
    const lastLines = followLines(started, (line) => spec.onLine?.(line, phase()));
    if (spec.onMessage) started.on('message', spec.onMessage);
    const ended = endOf(started);
    child = started;
    exited = ended;
    wanted = true;
    try {
      await untilReady(spec, ended);
    } catch (error) {
      if (child === started) wanted = false;
      started.kill('SIGKILL');
      await ended;
      const why = error instanceof Error ? error.message : String(error);
      throw new Error([`${spec.name} ${why}`, ...lastLines()].join('\n  '));
    }
    isReady = true;
    void ended.then((reason) => {
      if (wanted && child === started) for (const listener of listeners) listener(reason);
    });
  }

  async function end(signal: NodeJS.Signals, withinMs: number): Promise<void> {
    wanted = false;
    const stopped = child;
    stopped?.kill(signal);
    const inTime = await Promise.race([exited.then(() => true), sleep(withinMs, false, { ref: false })]);
    if (!inTime) stopped?.kill('SIGKILL');
    await exited;
    if (child === stopped) child = undefined;
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

function spawnDaemon({ command, args, env, user, pidFile, onMessage }: DaemonSpec): ChildProcess {
  const child = spawn(command, args, {
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
    detached: true,
    ...user,
  });
  if (child.pid !== undefined) fs.writeFileSync(pidFile, String(child.pid), { mode: 0o600 });
  alive.add(child);
  return child;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      alive.delete(child);
      resolve(signal ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
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
    const failure = await ready().then(
      () => undefined,
      (error: unknown) => error ?? 'no reason',
    );
    if (ended !== undefined) throw new Error(`ended while starting (${ended})`);
    if (failure === undefined) return;
    if (Date.now() > deadline) {
      const why = failure instanceof Error ? failure.message : String(failure);
      throw new Error(`was not ready after ${Math.round(readyWithinMs / 1000)} s (${why})`);
    }
    await Promise.race([sleep(50), exited]);
  }
}
