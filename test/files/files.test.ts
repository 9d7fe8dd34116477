import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCommand, accepted, aDatabase, aPaidOrder, buyer, type Database, manager, merchant, otherBuyer, otherMerchant, reviewer } from '../world.ts';
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

const incoming = () => readdirSync(path.join(server.directory, 'incoming'));
const kept = () => readdirSync(path.join(server.directory, 'kept'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
const megabyte = 1024 * 1024;

test.for(Object.keys(samples))('a real .%s is taken, and its content comes back unchanged (SUP-9)', async (extension) => {
  const content = samples[extension] as Buffer;
  const { status, body } = await server.upload(merchant, `验收报告.${extension}`, content);
  expect({ status, ...body }).toMatchObject({
    status: 201,
    name: `验收报告.${extension}`,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  const back = await server.download(merchant, body.id);
  expect(Buffer.from(await back.arrayBuffer()).equals(content)).toBe(true);
  expect(back.headers.get('content-disposition')).toContain("filename*=UTF-8''%E9%AA%8C");
  expect(back.headers.get('content-type')).toBe(body.mediaType);
});

test.for(Object.keys(samples).filter((extension) => extension !== 'txt'))('text renamed to .%s is refused (SUP-9)', async (extension) => {
  expect(await server.upload(merchant, `a.${extension}`, 'just text')).toMatchObject({ status: 415, body: { code: 'CONTENT_MISMATCH' } });
});

test.for([
  ['a picture renamed to .txt', 'a.txt', samples.png, 415, 'CONTENT_MISMATCH'],
  ['a spreadsheet renamed to .docx', 'a.docx', samples.xlsx, 415, 'CONTENT_MISMATCH'],
  ['text that is not UTF-8', 'a.txt', Buffer.from([0xc3, 0x28, 0x41]), 415, 'CONTENT_MISMATCH'],
  ['a program', 'setup.exe', Buffer.from('MZ'), 415, 'TYPE_NOT_ALLOWED'],
  ['no extension', 'report', samples.pdf, 415, 'TYPE_NOT_ALLOWED'],
  ['an extension that is a property of every object', 'a.constructor', samples.pdf, 415, 'TYPE_NOT_ALLOWED'],
  ['an empty file', 'a.txt', Buffer.alloc(0), 400, 'EMPTY'],
  ['a name of 201 characters', `${'n'.repeat(197)}.txt`, samples.txt, 400, 'NAME_MISSING'],
  ['one byte more than 20 MB', 'a.txt', Buffer.alloc(20 * megabyte + 1, 'a'), 413, 'TOO_LARGE'],
] as const)('%s is refused, and nothing of it is kept (SUP-9)', async ([, name, content, status, code]) => {
  const before = kept();
  expect(await server.upload(merchant, name, content as Buffer)).toMatchObject({ status, body: { code } });
  expect([incoming(), kept()]).toEqual([[], before]);
});

test('20 MB to the byte are taken (SUP-9)', async () => {
  expect(await server.upload(merchant, 'a.txt', Buffer.alloc(20 * megabyte, 'a'))).toMatchObject({ status: 201, body: { bytes: 20 * megabyte } });
});

test('more than was declared, in chunks and without a length, is cut off at 20 MB (SUP-9)', async () => {
  const answer = await sending({ 'transfer-encoding': 'chunked' }, async (request) => {
    const chunk = Buffer.alloc(megabyte, 'a');
    for (let sent = 0; sent < 24 && !request.destroyed; sent++) await new Promise((resolve) => request.write(chunk, resolve));
    request.end();
  });
  expect(answer).toMatchObject({ status: 413, code: 'TOO_LARGE' });
  expect(incoming()).toEqual([]);
});

test('an upload that breaks off leaves nothing behind (SUP-9)', async () => {
  const before = kept();
  await sending({ 'content-length': '1000' }, async (request) => {
    await new Promise((resolve) => request.write('half', resolve));
    request.destroy();
  }).catch(() => {});
  await expect.poll(incoming).toEqual([]);
  expect(kept()).toBe(before);
});

test('a client that drips is cut off in time, and others go on (SUP-9)', async () => {
  const slow = await aFileServer(database, { withinMs: 300 });
  try {
    const answer = await sending({ 'content-length': '1000' }, async (request) => void request.write('a'), slow.port);
    expect(answer).toMatchObject({ status: 408, code: 'TOO_SLOW' });
    expect(readdirSync(path.join(slow.directory, 'incoming'))).toEqual([]);
    expect(await slow.upload(merchant, 'a.txt', 'quick')).toMatchObject({ status: 201 });
  } finally {
    await slow.stop();
  }
});

test('the same content twice is one content and two files; neither changes the other (SUP-9)', async () => {
  const first = await server.upload(merchant, 'one.txt', 'the same words');
  const before = kept();
  const second = await server.upload(otherMerchant, 'two.txt', 'the same words');
  expect(second.body.sha256).toBe(first.body.sha256);
  expect(second.body.id).not.toBe(first.body.id);
  expect(kept()).toBe(before);
});

test('a file is seen by its uploader’s party, and once attached by all who see the order (SUP-11, ACT-1)', async () => {
  const { supervision } = await aPaidOrder(database);
  const { body } = await server.upload(merchant, 'a.txt', 'for the order');
  const statusFor = async (id: string) =>
    Object.fromEntries(
      await Promise.all(
        [buyer, merchant, otherBuyer, otherMerchant, manager, reviewer].map(async (actor) => [actor.id, (await server.download(actor, id)).status] as const),
      ),
    );
  expect(await statusFor(body.id)).toEqual({
    'buyer-a.li': 404,
    'merchant-a.zhao': 200,
    'buyer-b.wu': 404,
    'merchant-b.sun': 404,
    'manager.qian': 404,
    'reviewer.zhou': 404,
  });
  await accepted(
    database.commit.command(
      aCommand({ lifecycle: 'supervision', instance: supervision, command: 'uploadAcceptance', actor: merchant, input: { files: [body.id] } }),
    ),
  );
  expect(await statusFor(body.id)).toEqual({
    'buyer-a.li': 200,
    'merchant-a.zhao': 200,
    'buyer-b.wu': 404,
    'merchant-b.sun': 404,
    'manager.qian': 200,
    'reviewer.zhou': 200,
  });
});

test('a foreign file answers to the byte like one that does not exist (ACT-1)', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'secret');
  const answers = await Promise.all(
    [body.id, '0198a000-0000-7000-8000-000000000000', 'nonsense'].map(async (id) => {
      const response = await server.download(otherBuyer, id);
      return [response.status, await response.text()];
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('nobody attaches a file of another party (SUP-9, ACT-1)', async () => {
  const { supervision } = await aPaidOrder(database);
  const { body } = await server.upload(otherMerchant, 'a.txt', 'not yours');
  const answer = await database.commit.command(
    aCommand({ lifecycle: 'supervision', instance: supervision, command: 'uploadAcceptance', actor: merchant, input: { files: [body.id] } }),
  );
  expect(answer).toMatchObject({ ok: false, problem: { kind: 'Invalid', fields: [{ path: 'files' }] } });
});

/** A request written by hand, for what fetch would not send. */
function sending(
  headers: Record<string, string>,
  write: (request: http.ClientRequest) => Promise<void>,
  port = server.port,
): Promise<{ status: number | undefined; code?: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port, host: '127.0.0.1', path: '/files?name=a.txt', method: 'POST', headers: { ...server.as(merchant), ...headers } },
      (response) => {
        response.setEncoding('utf8').on('data', (body: string) => resolve({ status: response.statusCode, ...JSON.parse(body) }));
      },
    );
    request.on('error', reject);
    write(request).catch(reject);
  });
}
