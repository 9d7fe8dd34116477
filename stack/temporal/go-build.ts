import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.ts';

export const TEMPORAL_VERSION = '1.32.1';
const MODULE = 'go.temporal.io/server/cmd';
const PACKAGES = [`${MODULE}/server@v${TEMPORAL_VERSION}`, `${MODULE}/tools/sql@v${TEMPORAL_VERSION}`];
const HEARTBEAT_MS = 2_000;
const DEAD_AFTER_MS = 15_000;

export type GoPrograms = { server: string; sql: string };
type Build = { log: Log; signal?: AbortSignal | undefined };

export function cacheDir(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'steward');
}

/** Temporal's server, built once into the user's cache and then found there. Any number may ask at once. */
export async function buildTemporal({ log, signal }: Build): Promise<GoPrograms> {
  const home = path.join(cacheDir(), `temporal-v${TEMPORAL_VERSION}`);
  const bin = path.join(home, 'bin');
  const programs = { server: path.join(bin, 'server'), sql: path.join(bin, 'sql') };
  const lock = path.join(home, 'build.lock');
  inCache(home, () => fs.mkdirSync(home, { recursive: true }));
  let told = false;

  while (!fs.existsSync(programs.sql)) {
    signal?.throwIfAborted();
    const release = takeLock(lock);
    if (release) {
      try {
        if (!fs.existsSync(programs.sql)) await install(bin, { log, signal });
      } finally {
        release();
      }
    } else {
      if (!told) log.info('Temporal is being built by another start; waiting for it');
      told = true;
      await sleep(HEARTBEAT_MS, undefined, { signal });
    }
  }
  return programs;
}

/** The release of a lock file kept fresh by its holder, or undefined while another holder is alive. */
function takeLock(file: string): (() => void) | undefined {
  const isTaken = inCache(file, () => {
    const stats = fs.statSync(file, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > DEAD_AFTER_MS) fs.rmSync(file, { force: true });
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
  if (!isTaken) return undefined;
  const heartbeat = setInterval(() => {
    const now = new Date();
    // a lock that somebody removed costs a second build at most, and each builds beside the other
    fs.utimes(file, now, now, () => {});
  }, HEARTBEAT_MS);
  return () => {
    clearInterval(heartbeat);
    fs.rmSync(file, { force: true });
  };
}

/** Says which place in the cache cannot be used, and why, instead of waiting for it to change. */
function inCache<T>(place: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`expected to write ${place}, got ${code ?? message}; make room there or make it writable, or set XDG_CACHE_HOME to another directory`);
  }
}

async function install(bin: string, { log, signal }: Build): Promise<void> {
  const go = goVersion();
  const partial = `${bin}.${process.pid}`;
  const began = Date.now();
  const elapsed = () => `${Math.round((Date.now() - began) / 1000)} s`;
  let step = 'resolving modules';
  log.info(`building Temporal ${TEMPORAL_VERSION} with ${go}: once, usually 3 to 6 minutes on 2 cores, into ${bin}`);
  const progress = setInterval(() => log.info(`building Temporal: ${elapsed()} so far, ${step}`), 10_000);

  const child = spawn('go', ['install', '-v', ...PACKAGES], {
    env: { ...process.env, GOBIN: partial, GOTOOLCHAIN: 'auto' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  // The compilers are go's children: the whole group has to go.
  const abort = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
  signal?.addEventListener('abort', abort, { once: true });
  let lastLine = '';
  let compiled = 0;
  readline.createInterface({ input: child.stderr }).on('line', (line) => {
    lastLine = line;
    if (line.startsWith('go: downloading')) step = `downloading ${line.split(' ')[2]}`;
    else if (!line.startsWith('go:')) step = `${++compiled} packages compiled`;
  });
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`go install ended with ${code} after ${elapsed()}: ${lastLine}`);
    fs.rmSync(bin, { recursive: true, force: true });
    fs.renameSync(partial, bin);
    log.info(`built Temporal in ${elapsed()}`);
  } finally {
    clearInterval(progress);
    signal?.removeEventListener('abort', abort);
    fs.rmSync(partial, { recursive: true, force: true });
  }
}

function goVersion(): string {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).split(' ').slice(2, 3).join() || 'go';
  } catch {
    throw new Error('there is no go on PATH');
  }
}
