import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { drainable } from '../../stack/drain.ts';

/** Far below the server's keepAliveTimeout: a drain that waited for that one would not be in time. */
const patientMs = 30_000;

/** A server that answers each path when it is told to, and says so in two parts if the path begins with /parts. */
async function aServer() {
  const waiting = new Map<string, () => void>();
  const server = http.createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/at-once') return void response.end('at once');
    if (path.startsWith('/parts')) response.write('first, ');
    waiting.set(path, () => response.end('last'));
  });
  const drain = drainable(server);
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    drain,
    finish: (path: string) => waiting.get(path)?.(),
    isAsked: (path: string) => waiting.has(path),
  };
}

/** A client that keeps one connection. */
function aClient(port: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const get = async (path: string) => {
    const request = http.get({ port, host: '127.0.0.1', path, agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const chunk of response) text += chunk;
    return { text, connection: response.headers.connection, reused: request.reusedSocket };
  };
  return { get, end: () => agent.destroy() };
}

test('a drain answers whoever is being answered, whole, and ends every kept connection right after', { timeout: patientMs }, async () => {
  const server = await aServer();
  const [idle, busy, halfway] = [aClient(server.port), aClient(server.port), aClient(server.port)];
  for (const client of [idle, busy, halfway]) await client.get('/at-once');
  const answers = [busy.get('/whole'), halfway.get('/parts')];
  await expect.poll(() => server.isAsked('/whole') && server.isAsked('/parts')).toBe(true);

  const drained = server.drain();
  for (const path of ['/whole', '/parts']) server.finish(path);
  const [whole, parts] = await Promise.all(answers);
  expect(whole).toEqual({ text: 'last', connection: 'close', reused: true });
  // its headers were out before the drain began
  expect(parts).toEqual({ text: 'first, last', connection: 'keep-alive', reused: true });
  await drained;
  await expect(idle.get('/at-once')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
  for (const client of [idle, busy, halfway]) client.end();
});

test('a connection that was opened ahead and never said anything does not hold a drain up', { timeout: patientMs }, async () => {
  const server = await aServer();
  const ahead = net.connect(server.port, '127.0.0.1');
  await once(ahead, 'connect');
  await aClient(server.port).get('/at-once');
  const ended = once(ahead, 'close');
  await server.drain();
  await ended;
});
