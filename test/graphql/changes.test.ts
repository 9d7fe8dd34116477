import { SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createListener, createNotifier, type Heard } from '../../db/notify.ts';
import { toId } from '../../graphql/ids.ts';
import { buyer, manager, otherBuyer } from '../world.ts';
import { type Api, anApi, secret } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
  await connected(api.listener);
});
afterAll(() => api.stop());

async function connected(listener: { isConnected: () => boolean }): Promise<void> {
  while (!listener.isConnected()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The events of one subscription over SSE, as they come. */
async function subscribe(actor: typeof buyer, field = 'changes', token?: string) {
  const stop = new AbortController();
  const response = await fetch(`${api.base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token ?? (await api.tokenOf(actor))}` },
    body: JSON.stringify({ query: `subscription { ${field} { id revision resync } }` }),
    signal: stop.signal,
  });
  const events: { id: string | null; revision: number | null; resync: boolean }[] = [];
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const data = /^data: (.+)$/m.exec(part)?.[1];
        if (part.includes('event: next') && data) events.push(JSON.parse(data).data.changes);
      }
    }
  })().catch(() => {});
  return { response, events, stop: () => stop.abort(), ended: reading };
}

const until = (so: () => boolean) => expect.poll(so).toBe(true);

test('a change is told to those who may see it, by id and revision, and to nobody else (SUP-11)', async () => {
  const mine = await subscribe(buyer);
  const theirs = await subscribe(otherBuyer);
  const all = await subscribe(manager);
  expect(mine.response.headers.get('content-type')).toContain('text/event-stream');
  const { supervision, order } = await api.aPaidOrder();
  await api.command(buyer, 'fileAppeal', { supervisionId: supervision, reason: 'r', expectedRevision: null });
  await until(() => mine.events.some(({ id, revision }) => id === supervision && revision === 2) && all.events.length >= 3);
  expect(mine.events).toContainEqual({ id: order, revision: expect.any(Number), resync: false });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(theirs.events).toEqual([]);
  for (const one of [mine, theirs, all]) one.stop();
});

test('a subscription to some records hears only of those', async () => {
  const { supervision } = await api.aPaidOrder();
  const { supervision: other } = await api.aPaidOrder();
  const one = await subscribe(manager, `changes(ids: ["${supervision}"])`);
  for (const supervisionId of [other, supervision]) await api.command(buyer, 'fileAppeal', { supervisionId, reason: 'r', expectedRevision: null });
  await until(() => one.events.length > 0);
  expect(one.events).toEqual([{ id: supervision, revision: 2, resync: false }]);
  one.stop();
});

test('what another process commits is heard here', async () => {
  const { uuid } = await api.aPaidOrder();
  const listener = await subscribe(manager);
  const pool = new pg.Pool({ connectionString: api.url });
  const notifier = createNotifier({ pool, onError: (error) => api.errors.push(error), everyMs: 1 });
  const changed = { lifecycle: 'order', revision: 7, isNew: false, awake: false, idleMs: 0, buyer: 'buyer-a', merchant: 'merchant-a' };
  notifier.notify([
    { id: uuid.order, ...changed },
    { id: uuid.order, ...changed, revision: 8 },
  ]);
  await notifier.stop();
  await pool.end();
  await until(() => listener.events.some(({ revision }) => revision === 8));
  expect(listener.events).not.toContainEqual(expect.objectContaining({ id: toId('order', uuid.order), revision: 7 }));
  listener.stop();
});

test('a thousand changes at once fit into messages that PostgreSQL takes', async () => {
  const notifier = createNotifier({ pool: api.pool, onError: (error) => api.errors.push(error), everyMs: 1 });
  const heard: Heard[] = [];
  const changes = api.listener.changes();
  const reading = (async () => {
    for await (const one of changes) heard.push(one);
  })();
  notifier.notify(
    Array.from({ length: 1_000 }, () => ({
      id: crypto.randomUUID(),
      lifecycle: 'serviceInstance',
      revision: 1,

      isNew: false,
      awake: false,
      idleMs: 0,
      buyer: 'b'.repeat(60),
      merchant: 'm'.repeat(60),
    })),
  );
  await notifier.stop();
  await until(() => heard.length >= 1_000);
  expect(api.errors).toEqual([]);
  await changes.return?.();
  await reading;
});

test('a lost connection is made again, and subscribers are told to read again', async () => {
  const one = await subscribe(buyer);
  await api.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steward listener' and datname = current_database()");
  await until(() => one.events.some(({ resync }) => resync));
  expect(one.events).toContainEqual({ id: null, revision: null, resync: true });
  const { supervision } = await api.aPaidOrder();
  await until(() => one.events.some(({ id }) => id === supervision));
  one.stop();
  api.errors.length = 0;
});

test('subscriptions end when the process drains', async () => {
  const listener = createListener({ databaseUrl: api.url, onError: () => {} });
  await connected(listener);
  const changes = listener.changes();
  const next = changes.next();
  await listener.stop();
  expect(await next).toMatchObject({ done: true });
});

test('a subscription that begins while the process drains ends at once', async () => {
  const listener = createListener({ databaseUrl: api.url, onError: () => {} });
  await listener.stop();
  expect(await listener.changes().next()).toMatchObject({ done: true });
});

test('a subscription ends with the token it was opened with (ACT-1)', async () => {
  const claims = new SignJWT({ role: 'buyer', party: 'buyer-a' }).setProtectedHeader({ alg: 'HS256' }).setSubject(buyer.id).setAudience('steward');
  const began = performance.now();
  const one = await subscribe(buyer, 'changes', await claims.setExpirationTime('2s').sign(new TextEncoder().encode(secret)));
  expect(one.response.status).toBe(200);
  await one.ended;
  // by itself it would never end
  expect(performance.now() - began).toBeLessThan(30_000);
});
