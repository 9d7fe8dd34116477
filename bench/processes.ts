import { fork } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What /proc counts in: USER_HZ, the same on every Linux that Node runs on. */
const tickMs = 10;

/** CPU time so far of these processes and all below them, ended ones included; milliseconds. */
export function cpuMs(roots: readonly (number | undefined)[]): number {
  const below = new Map<number, Stat[]>();
  const byPid = new Map<number, Stat>();
  for (const name of fs.readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (!stat) continue;
    byPid.set(stat.pid, stat);
    below.set(stat.parent, [...(below.get(stat.parent) ?? []), stat]);
  }
  const sum = (stat: Stat | undefined): number => (stat ? stat.ms + (below.get(stat.pid) ?? []).reduce((total, child) => total + sum(child), 0) : 0);
  return roots.reduce<number>((total, pid) => total + sum(byPid.get(pid ?? -1)), 0);
}

/** CPU time so far of the servers, of a design's own programs, and of this process without them (`client`); milliseconds. */
export function cpuByPart(servers: { postgres: number | undefined; temporal: number | undefined }, own: Record<string, number | undefined>) {
  const parts = Object.fromEntries(Object.entries({ ...servers, ...own }).map(([name, pid]) => [name, cpuMs([pid])]));
  // the servers and the programs are children of this process
  return { ...parts, client: Object.values(parts).reduce((rest, ms) => rest - ms, cpuMs([process.pid])) };
}

/** What has come to each part between two readings, for each of so many. */
export const cpuPerOne = (before: Record<string, number>, after: Record<string, number>, many: number): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([part, ms]) => [part, (ms - (before[part] ?? 0)) / many]));

export const sumOf = (parts: Record<string, number>): number => Object.values(parts).reduce((sum, ms) => sum + ms, 0);

export const partsInWords = (parts: Record<string, number>, digits = 0): string =>
  Object.entries(parts)
    .map(([part, ms]) => `${part} ${ms.toFixed(digits)}`)
    .join(', ');

/** Waits until these have nothing left to do of what came before: less than a tenth of one CPU, for half a second. */
export async function untilAtRest(pids: readonly (number | undefined)[]): Promise<void> {
  for (let last = cpuMs(pids), tries = 0; tries < 16; tries++) {
    await sleep(500);
    const now = cpuMs(pids);
    if (now - last < 50) return;
    last = now;
  }
}

type Stat = { pid: number; parent: number; ms: number };

function statOf(pid: number): Stat | null {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in parentheses may hold spaces
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number) as [number, number, number, number];
    return { pid, parent: Number(fields[1]), ms: (user + system + endedUser + endedSystem) * tickMs };
  } catch {
    return null;
  }
}

export type Child = { pid: number | undefined; stop(): Promise<void> };

/** One of our programs in a process of its own; resolves when it says `ready`. */
export async function startChild(script: string, settings: Record<string, string>): Promise<Child> {
  const child = fork(new URL(script, import.meta.url), [], { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-2_000);
      if (process.env.BENCH_LOG) process.stderr.write(text);
    });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`expected ${script} to become ready, it ended with ${code}: ${said}`)));
  });
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
