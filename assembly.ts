import type { Client } from '@temporalio/client';
import { createCommit } from './db/commit.ts';
import { connect } from './db/connect.ts';
import { startCounting } from './db/inbound/counting.ts';
import { createNotifier } from './db/notify.ts';
import { readSettings } from './db/settings.ts';
import type { Committed } from './db/unit.ts';
import { createRegistry } from './lifecycles/registry.ts';
import type { Calendar } from './lifecycles/spans.ts';
import type { Log } from './log.ts';
import { createTransports } from './notifications/channels.ts';
import { allCaptured, type NotificationsConfig } from './notifications/config.ts';
import { startDelivery } from './notifications/delivery.ts';
import { createLetters } from './notifications/letters.ts';
import { startSweep } from './workflows/sweep.ts';
import { createWaker } from './workflows/wake.ts';
import { unwedge } from './workflows/wedge.ts';

export type Assembly = ReturnType<typeof assemble>;

/** What an API process and a worker process have in common: commit, the waker and the notifier behind it, and the sweep. */
export function assemble({
  databaseUrl,
  client,
  taskQueue,
  log,
  name,
  notifications = allCaptured,
  onCommitted = () => {},
}: {
  databaseUrl: string;
  client: Client;
  taskQueue: string;
  log: Log;
  name: string;
  notifications?: NotificationsConfig;
  /** Hears in this process what it committed. */
  onCommitted?: (changed: Committed[]) => void;
}) {
  const connection = connect(databaseUrl, { name });
  const { pool } = connection;
  const registry = createRegistry();
  const saySeldom = seldom((error, about) =>
    log.warn({ err: error, ...about }, `waking workflows or sweeping failed${about ? ` at ${about.instance}` : ''}; it is tried again`),
  );
  const notifier = createNotifier({
    pool,
    onError: seldom((error) => log.warn({ err: error }, 'telling subscribers of changes failed; what was not told is not repeated')),
  });
  const waker = createWaker({ pool, registry, client, taskQueue, onError: saySeldom });
  const commit = createCommit({
    pool,
    registry,
    onCommitted: (changed) => {
      waker.hear(changed);
      notifier.notify(changed);
      onCommitted(changed);
    },
  });
  const sweep = startSweep({
    pool,
    commit,
    waker,
    unwedge: (instance) => unwedge({ pool, client, instance }),
    onError: saySeldom,
    onRepair: (repair) => log.warn({ repair }, `repaired: ${repair.detail}`),
  });
  const transports = createTransports(notifications, log);
  const delivery = startDelivery({
    pool,
    transports,
    roleAddresses: notifications.roleAddresses,
    baseUrl: notifications.consoleUrl,
    patience: { giveUpMs: notifications.giveUpMs },
    onError: seldom((error) => log.warn({ err: error }, 'delivering messages failed; it is tried again')),
  });
  const counting = startCounting({ pool, registry, commit, onError: seldom((error) => log.warn({ err: error }, 'counting usage failed; it is tried again')) });
  const hourly = setInterval(() => void pool.query('select keep_day_partitions()').catch(saySeldom), 3_600_000);
  const warnOfCalendar = () =>
    readSettings(pool)
      .then(({ calendar }) => sayWhenCalendarEnds(calendar, log))
      .catch(saySeldom);
  void warnOfCalendar();
  const daily = setInterval(() => void warnOfCalendar(), 86_400_000);
  return {
    ...connection,
    registry,
    commit,
    waker,
    letters: createLetters(transports),
    counting,
    /** Finishes what is under way: the last wakes, the running sweep and delivery, then the connections. */
    async close() {
      clearInterval(hourly);
      clearInterval(daily);
      await Promise.all([sweep.stop(), delivery.stop(), counting.stop()]);
      await waker.stop();
      await notifier.stop();
      await connection.close();
    },
  };
}

/** TIM-1: a deadline of 30 working days takes up to 45 days. */
function sayWhenCalendarEnds({ announcedUntil }: Calendar, log: Log): void {
  if (announcedUntil - Date.now() > 45 * 86_400_000) return;
  const lastDay = new Date(announcedUntil - 1).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });
  log.warn({ announcedUntil: lastDay }, `the working-day calendar ends ${lastDay}: deadlines beyond it are provisional; enter the year with setCalendarDays`);
}

type About = { instance: string; key?: string };

/** Says the first of a run of errors of one instance (or of none), then at most one in ten seconds; of one message over all instances, at most three. */
function seldom(say: (error: unknown, about?: About) => void): (error: unknown, about?: About) => void {
  let said: { at: number; of: string; message: string }[] = [];
  return (error, about) => {
    const now = performance.now();
    const [of, message] = [about?.instance ?? '', String(error)];
    said = said.filter(({ at }) => now - at < 10_000);
    if (said.some((one) => one.of === of) || said.filter((one) => one.message === message).length >= 3) return;
    said.push({ at: now, of, message });
    say(error, about);
  };
}
