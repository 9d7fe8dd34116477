import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Daemon } from './daemon.ts';

const MOST_DEATHS = 5;
const WITHIN_MS = 60_000;
const FIRST_WAIT_MS = 250;

type KeepAlive = {
  name: string;
  daemon: Pick<Daemon, 'onDeath' | 'restart'>;
  log: Log;
  /** Aborted when everything is being stopped. */
  stopping: AbortSignal;
  /** Called with the reason when the process dies again and again. */
  giveUp: (reason: string) => void;
};

/** Starts a process again when it died, each time later, until it has died too often. */
export function keepAlive({ name, daemon, log, stopping, giveUp }: KeepAlive): void {
  let deaths: number[] = [];

  async function revive(reason: string): Promise<void> {
    if (stopping.aborted) return;
    deaths = [...deaths.filter((at) => at > Date.now() - WITHIN_MS), Date.now()];
    if (deaths.length >= MOST_DEATHS) {
      giveUp(`${name} died ${MOST_DEATHS} times within a minute, the last time because: ${reason}`);
      return;
    }
    const wait = FIRST_WAIT_MS * 2 ** (deaths.length - 1);
    log.warn(`${name} died (${reason}); starting it again in ${wait} ms`);
    await sleep(wait, undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return;
    try {
      await daemon.restart();
      log.info(`${name} is back`);
    } catch (error) {
      await revive(error instanceof Error ? error.message : String(error));
    }
  }

  daemon.onDeath((reason) => void revive(reason));
}
