import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command line of a process, or undefined when there is no such process. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether the pid is alive and its command line still names what we started: pids are reused. */
export function isOurs(pid: number, marker: string): boolean {
  return commandOf(pid)?.includes(marker) ?? false;
}

type Stop = { pid: number; marker: string; signal: NodeJS.Signals; withinMs: number };

/** Stops a process that is not our child, by SIGKILL when the signal was not enough. */
export async function stopProcess({ pid, marker, signal, withinMs }: Stop): Promise<void> {
  for (const next of [signal, 'SIGKILL'] as const) {
    if (!isOurs(pid, marker)) return;
    try {
      process.kill(pid, next);
    } catch {
      return;
    }
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline && isOurs(pid, marker)) await sleep(50);
  }
}

export function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** SIGKILL to the processes that work in this directory under this name. Linux only: elsewhere none is found. */
export function killAllIn(dir: string, name: RegExp): void {
  if (process.platform !== 'linux') return;
  for (const pid of fs.readdirSync('/proc').map(Number).filter(Boolean)) {
    try {
      if (fs.readlinkSync(`/proc/${pid}/cwd`) === dir && name.test(commandOf(pid) ?? '')) process.kill(pid, 'SIGKILL');
    } catch {}
  }
}
