import pg from 'pg';
import { createFeed, type Feed } from './feed.ts';
import type { Committed } from './unit.ts';

/** What a subscriber hears: an instance's new revision, or that it missed some and must read again. */
export type Heard = { kind: 'changed'; id: string; lifecycle: string; revision: number; buyer: string; merchant: string } | { kind: 'resync' };

const channel = 'steward_changes';
/** A NOTIFY carries at most 8,000 bytes. */
const perMessage = 40;
/** Changes that may wait for one subscriber that does not read. */
const mostWaiting = 1_000;

type Line = [id: string, lifecycle: string, revision: number, buyer: string, merchant: string];

/**
 * Tells every process of what this one committed: batched, after the commit, never inside it. What is lost is not
 * repeated; a subscriber reads again on resync.
 */
export function createNotifier({ pool, onError, everyMs = 50 }: { pool: pg.Pool; onError: (error: unknown) => void; everyMs?: number }) {
  let waiting = new Map<string, Line>();
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();

  return {
    notify(changed: readonly Committed[]) {
      for (const { id, lifecycle, revision, buyer, merchant } of changed) {
        const known = waiting.get(id);
        if (!known || known[2] < revision) waiting.set(id, [id, lifecycle, revision, buyer, merchant]);
      }
      if (waiting.size > 0) timer ??= setTimeout(flush, everyMs);
    },
    async stop() {
      if (timer) clearTimeout(timer);
      flush();
      await flushing;
    },
  };

  function flush() {
    timer = null;
    const lines = [...waiting.values()];
    waiting = new Map();
    if (lines.length === 0) return;
    const messages: string[] = [];
    for (let at = 0; at < lines.length; at += perMessage) messages.push(JSON.stringify(lines.slice(at, at + perMessage)));
    flushing = flushing
      .then(() => pool.query({ name: 'notify', text: `select pg_notify('${channel}', message) from unnest($1::text[]) as message`, values: [messages] }))
      .then(() => {}, onError);
  }
}

/** Hears what any process committed. A lost connection is made again, and everyone is told to read again. */
export function createListener({ databaseUrl, onError, retryMs = 1_000 }: { databaseUrl: string; onError: (error: unknown) => void; retryMs?: number }) {
  const feeds = new Set<Feed<Heard>>();
  let client: pg.Client | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let wasConnected = false;
  void connect();

  return {
    /** Changes from now on, until the iterator is returned or the listener stops. Who stops reading is told to read again. */
    changes(): AsyncIterableIterator<Heard> {
      const feed: Feed<Heard> = createFeed<Heard>({ most: mostWaiting, missed: { kind: 'resync' }, onEnd: () => feeds.delete(feed) });
      if (stopped) feed.end();
      else feeds.add(feed);
      return feed;
    },
    isConnected: () => client !== null,
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      for (const feed of feeds) feed.end();
      await client?.end().catch(() => {});
    },
  };

  function tell(heard: Heard) {
    for (const feed of feeds) feed.push(heard);
  }

  async function connect(): Promise<void> {
    const opening = new pg.Client({ connectionString: databaseUrl, application_name: 'steward listener', keepAlive: true, connectionTimeoutMillis: 5_000 });
    opening.on('error', (error) => lost(opening, error));
    opening.on('end', () => lost(opening, new Error('the listening connection ended')));
    opening.on('notification', ({ payload }) => {
      for (const [id, lifecycle, revision, buyer, merchant] of JSON.parse(payload ?? '[]') as Line[])
        tell({ kind: 'changed', id, lifecycle, revision, buyer, merchant });
    });
    try {
      await opening.connect();
      await opening.query(`listen ${channel}`);
      client = opening;
      if (stopped) return void (await opening.end());
      if (wasConnected) tell({ kind: 'resync' });
      wasConnected = true;
    } catch (error) {
      onError(error);
      opening.end().catch(() => {});
      again();
    }
  }

  function lost(which: pg.Client, error: Error) {
    if (client !== which) return;
    client = null;
    if (stopped) return;
    onError(error);
    again();
  }

  function again() {
    if (!stopped) timer = setTimeout(() => void connect(), retryMs);
  }
}
