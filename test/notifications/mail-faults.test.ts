import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotifications } from '../../db/notifications.ts';
import { createMail } from '../../notifications/mail.ts';
import { aChild } from '../faults/child.ts';
import { eventually } from '../worker.ts';
import { aDatabase, type Database, merchant } from '../world.ts';
import { aMailServer, type MailServer } from './a-mail-server.ts';
import { aDelivery, deliveriesIn, mailTo, someMessages, statesIn } from './post.ts';

let database: Database;
const started: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  database = await aDatabase();
});
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
  await database.drop();
});

const kept = <One extends { stop(): Promise<void> }>(one: One): One => {
  started.push(one);
  return one;
};
const aServer = async (options: Parameters<typeof aMailServer>[0] = {}): Promise<MailServer> => kept(await aMailServer({ tls: false, ...options }));
const delivering = (options: Parameters<typeof aDelivery>[1]) => kept(aDelivery(database, options));
const untilStates = (expected: Record<string, number>) =>
  eventually(
    () => statesIn(database),
    (states) => JSON.stringify(states) === JSON.stringify(expected),
  );
const idsOf = ({ mails }: MailServer) => mails.map(({ messageId }) => messageId);

test('while the mail server is down nothing is lost, and once it is up each message comes once', async () => {
  const first = await aMailServer({ tls: false });
  await first.stop();
  const delivery = delivering({ mail: mailTo(first.port) });
  await someMessages(database, 30);
  const waiting = await eventually(
    () => deliveriesIn(database),
    (rows) => rows.length === 30 && rows.some(({ attempts, error }) => attempts > 1 && error !== null),
  );
  expect(waiting.every(({ state }) => state === 'waiting')).toBe(true);
  expect(delivery.errors.at(-1)?.message).toContain('ECONNREFUSED');
  const server = await aServer({ port: first.port });
  await untilStates({ sent: 30 });
  expect([server.mails.length, new Set(idsOf(server)).size]).toEqual([30, 30]);
});

test('a slow server and two processes with short claims double nothing', async () => {
  const server = await aServer();
  server.moods.delayMs = 150;
  // a claim serves for its first second alone: a try begins only if it can end within it
  const options = { mail: mailTo(server.port, { timeoutMs: 20_000 }), leaseMs: 21_000 };
  delivering(options);
  delivering(options);
  await someMessages(database, 120);
  await untilStates({ sent: 120 });
  expect([server.mails.length, new Set(idsOf(server)).size]).toEqual([120, 120]);
});

test('an address that is refused for good fails alone, says why, and goes out by hand once it is mended (550)', async () => {
  const server = await aServer();
  const notifications = createNotifications(database.pool);
  await notifications.setReceivers(merchant, 'fulfilment', [
    { channel: 'mail', address: 'gone@example.com', language: 'zh' },
    { channel: 'mail', address: 'there@example.com', language: 'en' },
  ]);
  server.moods.refused.set('gone@example.com', 550);
  delivering({ mail: mailTo(server.port) });
  await someMessages(database, 2);
  await eventually(
    () => deliveriesIn(database),
    (rows) => rows.length === 4 && rows.every(({ state }) => state !== 'waiting'),
  );
  const rows = (await deliveriesIn(database)).map(({ address, state, attempts, error }) => ({ address, state, attempts, error }));
  expect(rows.filter(({ address }) => address.startsWith('gone'))).toEqual(
    Array(2).fill({ address: 'gone@example.com', state: 'failed', attempts: 1, error: expect.stringContaining('550 no such mailbox') }),
  );
  expect(rows.filter(({ address }) => address.startsWith('there')).map(({ state }) => state)).toEqual(['sent', 'sent']);
  server.moods.refused.clear();
  const failed = await database.pool.query('select id from deliveries order by id');
  expect(await notifications.retry(failed.rows.map(({ id }) => id))).toBe(2);
  await untilStates({ sent: 4 });
  expect(server.mails.map(({ to }) => to).sort()).toEqual(['gone@example.com', 'gone@example.com', 'there@example.com', 'there@example.com']);
});

test('a server that refuses every sender, or every receiver for now, is tried again until it takes them', async () => {
  const server = await aServer();
  server.moods.refusesAll = 554;
  delivering({ mail: mailTo(server.port) });
  await someMessages(database, 5);
  const repeated = (said: string) =>
    eventually(
      () => deliveriesIn(database),
      (rows) => rows.length === 5 && rows.every(({ state, attempts, error }) => state === 'waiting' && attempts > 1 && error?.includes(said)),
    );
  await repeated('554 not today');
  server.moods.refused.set('merchant-a@example.com', 451);
  server.moods.refusesAll = 0;
  await repeated('451 no such mailbox');
  server.moods.refused.clear();
  await untilStates({ sent: 5 });
  expect(server.mails).toHaveLength(5);
});

test('what cannot be sent for too long is given up with its error, and only by hand tried again', async () => {
  const server = await aServer();
  server.moods.refused.set('merchant-a@example.com', 450);
  delivering({ mail: mailTo(server.port), patience: { firstRetryMs: 20, longestRetryMs: 50, giveUpMs: 60_000 } });
  await someMessages(database, 1);
  await eventually(
    () => deliveriesIn(database),
    ([one]) => (one?.attempts ?? 0) > 2,
  );
  expect(await statesIn(database)).toEqual({ waiting: 1 });
  await database.pool.query("update deliveries set queued_at = queued_at - interval '1 minute'");
  await untilStates({ failed: 1 });
  const [given] = await deliveriesIn(database);
  expect(given?.error).toContain('450 no such mailbox');
  expect(given?.attempts).toBeGreaterThan(2);
  server.moods.refused.clear();
  const { rows } = await database.pool.query("select id from deliveries where channel = 'mail'");
  expect(await createNotifications(database.pool).retry([rows[0].id])).toBe(1);
  await untilStates({ sent: 1 });
  expect(server.mails).toHaveLength(1);
});

test('a server that says nothing is left in time, and holds up no other channel', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const sent: string[] = [];
  const mail = createMail(mailTo((silent.address() as { port: number }).port, { timeoutMs: 900 }));
  const sms = {
    channel: 'sms' as const,
    outcome: 'sent' as const,
    concurrency: 1,
    timeoutMs: 500,
    send: async ({ to }: { to: string }) => {
      sent.push(to);
      return null;
    },
    close() {},
  };
  const both = delivering({ transports: [mail, sms] });
  await someMessages(database, 3);
  await eventually(
    () => statesIn(database, 'sms'),
    ({ sent: count }) => count === 3,
  );
  expect(await statesIn(database)).toEqual({ waiting: 3 });
  await eventually(
    () => Promise.resolve(both.errors.length),
    (count) => count > 0,
  );
  expect(sent).toHaveLength(3);
  await both.stop();
  started.pop();
  silent.close();
});

test('where TLS is required and not offered nothing is sent, and no password leaves the house', async () => {
  const server = await aServer({ tls: false });
  const delivery = delivering({ mail: mailTo(server.port, { requireTls: true, user: 'steward', password: 'hunter2' }) });
  await someMessages(database, 1);
  await eventually(
    () => Promise.resolve(delivery.errors),
    (errors) => errors.length > 0,
  );
  expect(server.mails).toEqual([]);
  expect(await statesIn(database)).toEqual({ waiting: 1 });
  expect(JSON.stringify(await deliveriesIn(database))).not.toContain('hunter2');
});

test('a server whose certificate nobody vouches for gets no mail, nor a password', async () => {
  const server = await aServer({ tls: true });
  const delivery = delivering({ mail: mailTo(server.port, { requireTls: true, user: 'steward', password: 'hunter2' }) });
  await someMessages(database, 1);
  await eventually(
    () => Promise.resolve(delivery.errors),
    (errors) => errors.some(({ message }) => /self-signed|certificate/.test(message)),
  );
  expect(server.mails).toEqual([]);
});

test('a process killed after the server took a mail and before it is marked: that one comes again under its Message-ID, no other', async () => {
  const server = await aServer();
  await someMessages(database, 12);
  const child = await aChild('../notifications/delivery-process.ts', { databaseUrl: database.url, port: server.port, marks: 1 });
  await child.says('held');
  await child.kill();
  const before = idsOf(server);
  expect(before.length).toBeGreaterThan(1);
  delivering({ mail: mailTo(server.port) });
  await untilStates({ sent: 12 });
  const times = Map.groupBy(idsOf(server), (id) => id);
  expect(times.size).toBe(12);
  const { rows } = await database.pool.query('select count(*)::int as count from deliveries where attempts > 1');
  const doubled = [...times].filter(([, all]) => all.length > 1);
  expect(doubled.every(([id, all]) => all.length === 2 && before.includes(id))).toBe(true);
  expect(doubled.length).toBeGreaterThan(0);
  // at most one on each of the five connections
  expect(doubled.length).toBeLessThanOrEqual(5);
  expect(doubled.length).toBeLessThanOrEqual(rows[0].count);
});
