import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDatabase, buyer, type Database, merchant } from '../world.ts';
import { aFileServer } from './server.ts';

let database: Database;
let server: Awaited<ReturnType<typeof aFileServer>>;
beforeAll(async () => {
  database = await aDatabase();
  server = await aFileServer(database);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const megabyte = 1024 * 1024;
const incoming = () => readdirSync(path.join(server.directory, 'incoming'));
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('20 MB are taken with less than 8 MB of them in memory at any time (SUP-9)', async () => {
  const chunk = Buffer.alloc(megabyte, 'a');
  const live = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = live();
  let most = 0;
  const request = http.request({ port: server.port, path: '/files?name=a.txt', method: 'POST', headers: server.as(merchant) });
  for (let sent = 0; sent < 20; sent++) {
    await new Promise((resolve) => request.write(chunk, resolve));
    most = Math.max(most, live() - before);
  }
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(response.statusCode).toBe(201);
  expect(most).toBeLessThan(8 * megabyte);
  response.destroy();
});

/** What a client gets that speaks bytes, and reads only once it has sent all of them. */
async function bytes(head: string, body: Buffer | string, { port = server.port } = {}): Promise<string> {
  const socket = net.connect(port, '127.0.0.1').pause();
  const text = `POST /files?name=a.txt HTTP/1.1\r\nHost: x\r\nX-Actor: ${JSON.stringify(merchant)}\r\n${head}\r\n\r\n`;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(Buffer.concat([Buffer.from(text), Buffer.from(body)]), () => resolve());
  });
  socket.resume();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

test.for([
  ['says it', `Content-Length: ${30 * megabyte}`, Buffer.alloc(30 * megabyte, 'a')],
  ['does not say it', 'Transfer-Encoding: chunked', Buffer.from(`1e00000\r\n${'a'.repeat(30 * megabyte)}\r\n0\r\n\r\n`)],
] as const)('a client that %s, sends 30 MB and only then reads, is told why they were refused (SUP-9)', async ([, head, body]) => {
  const answer = await bytes(head, body);
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toContain('"code":"TOO_LARGE","message":{"zh":"文件不得超过 20 MB');
  expect(incoming()).toEqual([]);
});

test('a declared length over the limit is refused before a byte is read, one below what comes ends the request there', async () => {
  expect(await bytes(`Content-Length: ${20 * megabyte + 1}`, '')).toMatch(/^HTTP\/1.1 413 /);
  // the rest is no request: whichever is answered first, never more than three bytes are a file
  expect(await bytes('Content-Length: 3', 'abcdef')).toMatch(/^HTTP\/1.1 400 |"bytes":3,/);
});

test('fewer bytes than declared are no file, whatever the client goes on to do (SUP-9)', async () => {
  const slow = await aFileServer(database, { withinMs: 300 });
  try {
    expect(await bytes('Content-Length: 1000', 'half', slow)).toContain('"code":"TOO_SLOW"');
    expect(readdirSync(path.join(slow.directory, 'incoming'))).toEqual([]);
  } finally {
    await slow.stop();
  }
});

test('a fifth upload of a person at once is refused, others’ are not, and one that broke off makes room again', async () => {
  const half = () => {
    const request = http.request({ port: server.port, path: '/files?name=a.txt', method: 'POST', headers: { ...server.as(merchant), 'content-length': 10 } });
    request.on('error', () => {}).write('half');
    return request;
  };
  const open = Array.from({ length: 4 }, half);
  await expect.poll(incoming).toHaveLength(4);
  expect(await server.upload(merchant, 'a.txt', 'x')).toMatchObject({ status: 429, body: { code: 'TOO_MANY_UPLOADS' } });
  expect(await server.upload(buyer, 'a.txt', 'x')).toMatchObject({ status: 201 });
  for (const request of open) request.destroy();
  await expect.poll(incoming).toEqual([]);
  expect(await server.upload(merchant, 'a.txt', 'x')).toMatchObject({ status: 201 });
});

test('a directory that is gone or cannot be written is said as not available, to be tried again', async () => {
  const gone = await aFileServer(database);
  rmSync(path.join(gone.directory, 'incoming'), { recursive: true });
  expect(await gone.upload(merchant, 'a.txt', 'text')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  await gone.stop();
});
