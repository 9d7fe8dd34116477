import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connectTo } from '../../demo/client.ts';
import { openMarketplace } from '../../demo/marketplace.ts';
import { freePort, isFree } from '../../stack/ports.ts';
import { administer } from '../world.ts';
import { aStart, type Start } from './a-start.ts';

// The real programs: start.ts with its worker and its API, on the test run's servers and a database of their own.
const script = fileURLToPath(new URL('../../start.ts', import.meta.url));
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-whole-'));
const name = `steward_whole_${process.pid}`;
let env: Record<string, string>;
let base: string;
let port: number;
let start: Start;

const begin = async () => {
  start = aStart(env, script);
  await start.isUp();
};

beforeAll(async () => {
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  await administer(inject('databaseUrl'), `create database ${name}`);
  env = {
    STEWARD_DATA_DIR: dataDir,
    PORT: String(port),
    STEWARD_DRAIN_SECONDS: '5',
    DATABASE_URL: Object.assign(new URL(inject('databaseUrl')), { pathname: `/${name}` }).href,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: name.replaceAll('_', '-'),
  };
});

afterAll(async () => {
  if (start.child.exitCode === null && start.child.signalCode === null) start.child.kill('SIGTERM');
  await start.ended;
  await administer(inject('databaseUrl'), `drop database if exists ${name} with (force)`);
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** Who hears of changes over server-sent events: the ids, in their order. */
async function listen(): Promise<{ heard: string[]; ended: Promise<void> }> {
  const { logins } = (await (await fetch(`${base}/dev/logins`)).json()) as { logins: { name: string; token: string }[] };
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${logins.find((login) => login.name === 'buyer-a.li')?.token}`,
    },
    body: JSON.stringify({ query: 'subscription { changes { id revision } }' }),
  });
  const heard: string[] = [];
  const read = async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      for (const [, id] of chunk.matchAll(/"id":"([^"]+)"/g)) heard.push(id as string);
  };
  return { heard, ended: read().catch(() => {}) };
}

test('an order gets to 已完成 through the real programs, over a stop half-way and a SIGKILL, and its buyer hears of the end', async () => {
  await begin();
  const first = await listen();
  let market = openMarketplace(await connectTo(base));
  const order = await market.buy('saas-activated');
  await market.handIn(order, 'uploadAcceptance', '已开通 50 个账号');
  await expect.poll(() => first.heard, { timeout: 10_000 }).toEqual(expect.arrayContaining([order.id, order.supervision]));

  // the subscription and the connections that fetch keeps do not hold it up
  start.child.kill('SIGTERM');
  expect(await start.ended).toBe(0);
  expect(start.output()).not.toContain('still busy');
  await first.ended;

  await begin();
  market = openMarketplace(await connectTo(base));
  await market.on(order, 'buyer-a.li', 'acceptDelivery');
  start.child.kill('SIGKILL');
  await start.ended;
  await expect.poll(() => isFree(port), { timeout: 15_000 }).toBe(true);

  await begin();
  const last = await listen();
  market = openMarketplace(await connectTo(base));
  await market.advance(order, 30);
  expect(await market.ended(order, 'completed')).toBe(true);
  await expect.poll(() => last.heard, { timeout: 10_000 }).toContain(order.id);
  start.child.kill('SIGTERM');
  expect(await start.ended).toBe(0);
});
