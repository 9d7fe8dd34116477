import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSms } from '../../notifications/sms.ts';
import { eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { aDelivery, deliveriesIn, someMessages, statesIn } from './post.ts';

let database: Database;
let provider: Awaited<ReturnType<typeof aProvider>>;
const started: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  database = await aDatabase();
  provider = await aProvider();
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  await provider.stop();
  await database.drop();
});

/** An SMS provider over HTTP that answers as it is told; 0 means that it never answers. */
async function aProvider() {
  const asked: { headers: IncomingHttpHeaders; body: { id: string; to: string; text: string; language: string } }[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => null);
    // whoever asked has left in the middle
    if (body === null) return;
    asked.push({ headers: request.headers, body: JSON.parse(body) });
    const status = answers.shift() ?? 202;
    if (status === 302) response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    else if (status !== 0) response.writeHead(status).end(status < 300 ? '{"accepted":true}' : 'x'.repeat(100_000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    asked,
    answers,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const delivering = () => {
  const delivery = aDelivery(database, { transports: [createSms({ url: provider.url, token: 'a-token', timeoutMs: 1_000 })] });
  started.push(delivery);
  return delivery;
};
const untilState = (state: string) =>
  eventually(
    () => statesIn(database, 'sms'),
    (states) => JSON.stringify(states) === JSON.stringify({ [state]: 1 }),
  );

test('an SMS goes to the account’s phone, with a key that stays the same through errors, redirects and silence (NOT-1)', async () => {
  provider.answers.push(500, 0, 302, 503, 429);
  delivering();
  await someMessages(database, 1);
  await untilState('sent');
  // on a busy machine an answer may come too late, and the next try is asked as well
  expect(provider.asked.length).toBeGreaterThanOrEqual(6);
  expect(provider.answers).toEqual([]);
  expect(new Set(provider.asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  const last = provider.asked.at(-1);
  expect(last?.headers).toMatchObject({ authorization: 'Bearer a-token', 'content-type': 'application/json' });
  expect(last?.body).toEqual({
    id: last?.headers['idempotency-key'],
    to: '+8610000000003',
    language: 'zh-CN',
    text: expect.stringMatching(/^【云商店】OR-\d{4}-\d+ 有新订单 https:\/\/console\.example\/records\/OR-\d{4}-\d+$/),
  });
});

test('a number that the provider refuses for good fails with what it said, shortened, and is not tried again', async () => {
  provider.answers.push(400);
  delivering();
  await someMessages(database, 1);
  await untilState('failed');
  const [failed] = await deliveriesIn(database, 'sms');
  expect(failed?.attempts).toBe(1);
  expect(failed?.error).toMatch(/^expected the SMS provider to take it, got HTTP 400 x+$/);
  expect(failed?.error?.length).toBeLessThanOrEqual(500);
});

test('a provider that does not know us is not asked for each message anew, and what it does not take stays waiting', async () => {
  provider.answers.push(...Array(1_000).fill(401));
  const delivery = delivering();
  await someMessages(database, 40);
  await eventually(
    () => Promise.resolve(delivery.errors),
    (errors) => errors.length > 0,
  );
  const once = provider.asked.length;
  expect(once).toBeLessThan(40);
  expect(await statesIn(database, 'sms')).toEqual({ waiting: 40 });
  provider.answers.splice(0);
  await eventually(
    () => statesIn(database, 'sms'),
    ({ sent }) => sent === 40,
  );
});
