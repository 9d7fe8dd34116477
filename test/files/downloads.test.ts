import { randomUUID } from 'node:crypto';
import { chmodSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDiskStore } from '../../files/disk.ts';
import { verifyFile } from '../../files/intact.ts';
import { removeOldParts } from '../../files/parts.ts';
import { aDatabase, type Database, manager, merchant } from '../world.ts';
import { samples } from './samples.ts';
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

const placeOf = (sha256: string) => path.join(server.directory, 'kept', sha256.slice(0, 2), sha256);

test('what is served can only be saved, is never taken for another type, and is asked for anew each time', async () => {
  const { body } = await server.upload(merchant, "it's (1)*验.pdf", samples.pdf as Buffer);
  const { headers } = await server.download(merchant, body.id);
  const { 'content-length': length, date, connection, 'keep-alive': alive, ...rest } = Object.fromEntries(headers);
  expect(length).toBe(String(samples.pdf?.length));
  expect(rest).toEqual({
    'cache-control': 'private, no-cache',
    'content-disposition': 'attachment; filename="evidence.pdf"; filename*=UTF-8\'\'it%27s%20%281%29%2A%E9%AA%8C.pdf',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-type': 'application/pdf',
    etag: `"${body.sha256}"`,
    'x-content-type-options': 'nosniff',
  });
});

test('a copy that the caller has is not sent again, but only to those who may see it', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'read twice');
  const copy = { 'if-none-match': `W/"x", "${body.sha256}"` };
  const statuses = [await server.download(merchant, body.id, copy), await server.download(manager, body.id, copy)].map(({ status }) => status);
  expect(statuses).toEqual([304, 404]);
});

test.for([
  ['../../etc/passwd.txt', 'passwd.txt'],
  ['C:\\Users\\li\\报告.txt', '报告.txt'],
  ['a\r\nSet-Cookie: x.txt', 'aSet-Cookie: x.txt'],
  ['evil\u202etxt.exe.txt', 'eviltxt.exe.txt'],
  [`${'😀'.repeat(196)}.txt`, `${'😀'.repeat(196)}.txt`],
])('a name is a name, never a path or a header: %j', async ([given, name]) => {
  const { status, body } = await server.upload(merchant, given as string, 'x');
  expect([status, body.name]).toEqual([201, name]);
  const back = await server.download(merchant, body.id);
  expect(decodeURIComponent(back.headers.get('content-disposition')?.split("''")[1] ?? '')).toBe(name);
});

test('a content that was changed on the disk is never served whole, and is told apart from one that is gone (SUP-9)', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'signed on Monday');
  const store = createDiskStore(path.join(server.directory, 'kept'));
  expect(await verifyFile(store, body.sha256)).toBe('intact');
  chmodSync(placeOf(body.sha256), 0o600);
  writeFileSync(placeOf(body.sha256), 'signed on Sunday');
  await expect(server.download(merchant, body.id).then((response) => response.text())).rejects.toThrow();
  expect([await verifyFile(store, body.sha256), await verifyFile(store, '0'.repeat(64))]).toEqual(['damaged', 'missing']);
});

test('a kept content is read-only, and one of another size under its hash stops the upload instead of being replaced (SUP-9)', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'kept as it is');
  expect(statSync(placeOf(body.sha256)).mode & 0o222).toBe(0);
  chmodSync(placeOf(body.sha256), 0o600);
  writeFileSync(placeOf(body.sha256), 'cut');
  expect(await server.upload(merchant, 'a.txt', 'kept as it is')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  expect(statSync(placeOf(body.sha256)).size).toBe(3);
});

test('without PostgreSQL an upload and a download are Unavailable, and no temporary file stays', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'before');
  const gone = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  const away = { query: gone, connect: gone } as unknown as Database['pool'];
  const cut = await aFileServer({ ...database, pool: away, readPool: away });
  try {
    expect(await cut.upload(merchant, 'a.txt', 'x')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    const answer = await cut.download(merchant, body.id);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(readdirSync(path.join(cut.directory, 'incoming'))).toEqual([]);
  } finally {
    await cut.stop();
  }
});

test('parts of processes that died are removed after a day, younger ones and other files stay', async () => {
  const incoming = path.join(server.directory, 'incoming');
  const [old, young] = [`${randomUUID()}.part`, `${randomUUID()}.part`];
  for (const name of [old, young, 'notes']) writeFileSync(path.join(incoming, name), 'x');
  const before = Date.now() / 1_000 - 86_401;
  for (const name of [old, 'notes']) utimesSync(path.join(incoming, name), before, before);
  expect([await removeOldParts(incoming), readdirSync(incoming).sort()]).toEqual([1, [young, 'notes'].sort()]);
  expect(await removeOldParts('/nowhere')).toBe(0);
});

test('another method is refused with those that there are', async () => {
  const answers = await Promise.all(
    [
      ['PUT', '/files'],
      ['DELETE', '/files/1'],
      ['GET', '/files'],
    ].map(async ([method, at]) => {
      const { status, headers } = await fetch(`${server.base}${at}`, { method: method as string, headers: server.as(merchant) });
      return [status, headers.get('allow')];
    }),
  );
  expect(answers).toEqual([
    [405, 'POST'],
    [405, 'GET, HEAD'],
    [405, 'POST'],
  ]);
});
