import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommit } from '../../db/commit.ts';
import { connect } from '../../db/connect.ts';
import { aShop } from '../production/shops.ts';
import { buyer, merchant } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
let proxy: Awaited<ReturnType<typeof aProxy>>;
let through: ReturnType<typeof connect>;
beforeAll(async () => {
  const commits: ReturnType<typeof createCommit>[] = [];
  api = await anApi({
    core: { commit: { command: (request) => (commits[0] as ReturnType<typeof createCommit>).command(request) }, effectsWaiting: () => true },
  });
  proxy = await aProxy(new URL(api.url));
  through = connect(proxy.url);
  commits.push(createCommit({ pool: through.pool, registry: api.registry, onCommitted: () => {} }));
});
afterAll(async () => {
  await through.close();
  await proxy.stop();
  await api.stop();
});

/** A way to PostgreSQL that can be cut and mended. */
async function aProxy(target: URL) {
  const sockets = new Set<net.Socket>();
  let cut = false;
  const server = net.createServer((near) => {
    if (cut) return void near.destroy();
    const far = net.connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: Object.assign(new URL(target.href), { port: String((server.address() as AddressInfo).port) }).href,
    cut() {
      cut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      cut = false;
    },
    async stop() {
      this.cut();
      server.close();
    },
  };
}

test('without PostgreSQL a command is Unavailable with nothing half done; the same key does it once when it is back', async () => {
  const input = { product: 'saas-activated', idempotencyKey: 'while away' };
  proxy.cut();
  const answer = await api.command(buyer, 'placeOrder', input);
  expect(answer).toMatchObject({ __typename: 'Unavailable', code: 'UNAVAILABLE', retryAfter: 2 });
  expect(answer.message).toMatch(/same key/);
  proxy.mend();
  const done = await api.command(buyer, 'placeOrder', input);
  expect(done).toMatchObject({ __typename: 'OrderChanged', replayed: false });
  expect(await api.command(buyer, 'placeOrder', input)).toMatchObject({ replayed: true, instance: { id: done.instance.id } });
});

test('a debugging that passed, and cannot be kept, is not said to have passed (PRD-6, PRD-7)', async () => {
  const shop = await aShop(api);
  proxy.cut();
  const { data } = await api.ask(
    merchant,
    'mutation { debugEndpoint(product: "saas-instant") { __typename ... on EndpointDebugged { passed } ... on Unavailable { code retryAfter } } }',
  );
  // debugging has its turns
  expect(data.debugEndpoint).toEqual({ __typename: 'Unavailable', code: 'UNAVAILABLE', retryAfter: 15 });
  proxy.mend();
  await shop.stop();
});

test('while Temporal is away the answer says that effects are waiting', async () => {
  expect(await api.command(buyer, 'placeOrder', { product: 'saas-activated' })).toMatchObject({ __typename: 'OrderChanged', effectsWaiting: true });
});

test('a read without PostgreSQL says so, with when to try again', async () => {
  const away = await anApi();
  await away.readPool.end();
  const { status, errors } = await away.ask(buyer, '{ orders { nodes { number } } }');
  expect([status, errors?.[0].extensions]).toEqual([503, expect.objectContaining({ code: 'UNAVAILABLE', retryAfter: 2 })]);
  expect((await fetch(`${away.base}/health/ready`)).status).toBe(503);
  away.server.closeAllConnections();
});
