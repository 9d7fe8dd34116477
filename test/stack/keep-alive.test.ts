import { expect, test } from 'vitest';
import { createLog } from '../../log.ts';
import { keepAlive } from '../../stack/keep-alive.ts';

const log = createLog('test', { level: 'silent' });

/** A daemon of which each start ends the way the list says: it runs, or it fails to start. */
function aDaemon(starts: ('runs' | 'fails')[]) {
  let die: (reason: string) => void = () => {};
  let restarts = 0;
  return {
    die: (reason: string) => die(reason),
    restarts: () => restarts,
    onDeath: (listener: (reason: string) => void) => {
      die = listener;
    },
    restart: async () => {
      if (starts[restarts++] === 'fails') throw new Error('it does not start');
    },
  };
}

const until = (condition: () => boolean) => expect.poll(condition, { timeout: 10_000 }).toBe(true);

test('a process that dies once is started again and the rest is not disturbed', async () => {
  const daemon = aDaemon(['runs']);
  const reasons: string[] = [];
  keepAlive({ name: 'worker', daemon, log, stopping: new AbortController().signal, giveUp: (why) => reasons.push(why) });
  daemon.die('ended by SIGKILL');
  await until(() => daemon.restarts() === 1);
  expect(reasons).toEqual([]);
});

test('a process that dies five times within a minute stops everything with its last reason', async () => {
  const daemon = aDaemon(['fails', 'fails', 'fails', 'fails', 'fails']);
  const reasons: string[] = [];
  keepAlive({ name: 'worker', daemon, log, stopping: new AbortController().signal, giveUp: (why) => reasons.push(why) });
  daemon.die('exit code 1');
  await until(() => reasons.length > 0);
  expect(reasons).toEqual(['worker died 5 times within a minute, the last time because: it does not start']);
  expect(daemon.restarts()).toBe(4);
});

test('nothing is started again once everything is being stopped', async () => {
  const daemon = aDaemon(['runs']);
  const stopping = new AbortController();
  keepAlive({ name: 'worker', daemon, log, stopping: stopping.signal, giveUp: () => {} });
  daemon.die('exit code 1');
  stopping.abort();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(daemon.restarts()).toBe(0);
});
