import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyFile } from '../../files/intact.ts';
import { createS3Store } from '../../files/s3.ts';
import { aDatabase, type Database, merchant } from '../world.ts';
import { anS3 } from './an-s3.ts';
import { aFileServer } from './server.ts';

let database: Database;
let s3: Awaited<ReturnType<typeof anS3>>;
let server: Awaited<ReturnType<typeof aFileServer>>;
const storeAt = (endpoint: string, timeoutMs?: number) =>
  createS3Store(
    { kind: 's3', bucket: 'steward', region: 'us-east-1', endpoint, pathStyle: true, credentials: { accessKeyId: 'AKEXAMPLE', secretAccessKey: 'secret' } },
    timeoutMs ? { timeoutMs } : {},
  );
beforeAll(async () => {
  database = await aDatabase();
  s3 = await anS3();
  server = await aFileServer(database, { storeIn: () => storeAt(s3.url) });
});
afterAll(async () => {
  await server.stop();
  await s3.stop();
  await database.drop();
});

test('contents go to any S3-compatible store: signed, conditional, with their hash, once per content (SUP-9)', async () => {
  const first = await server.upload(merchant, 'one.txt', 'kept elsewhere');
  const second = await server.upload(merchant, 'two.txt', 'kept elsewhere');
  expect([first.status, second.status]).toEqual([201, 201]);
  const { sha256 } = first.body;
  expect([...s3.objects.keys()]).toEqual([`/steward/evidence/${sha256.slice(0, 2)}/${sha256}`]);
  expect(s3.puts).toHaveLength(1);
  expect(s3.puts[0]).toMatchObject({
    'if-none-match': '*',
    'content-length': '14',
    'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKEXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$/,
    ),
  });
  expect(await (await server.download(merchant, second.body.id)).text()).toBe('kept elsewhere');
});

test('20 MB go up and come down unchanged', async () => {
  const { status, body } = await server.upload(merchant, 'a.txt', Buffer.alloc(20 * 1024 * 1024, 'a'));
  expect(status).toBe(201);
  expect(await verifyFile(storeAt(s3.url), body.sha256)).toBe('intact');
});

test('two uploads of one content at once are one object', async () => {
  const before = s3.objects.size;
  const answers = await Promise.all(['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((name) => server.upload(merchant, name, 'at the same time')));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(s3.objects.size - before).toBe(1);
});

test('a changed object is never served whole; a missing one is Unavailable; one of another size is not replaced (SUP-9)', async () => {
  const { body } = await server.upload(merchant, 'a.txt', 'the original');
  const key = [...s3.objects.keys()].at(-1) as string;
  s3.objects.set(key, Buffer.from('the 0riginal'));
  await expect(server.download(merchant, body.id).then((response) => response.text())).rejects.toThrow();
  s3.objects.set(key, Buffer.from('cut'));
  expect(await server.upload(merchant, 'a.txt', 'the original')).toMatchObject({ status: 503 });
  expect(s3.objects.get(key)?.toString()).toBe('cut');
  s3.objects.delete(key);
  expect((await server.download(merchant, body.id)).status).toBe(503);
});

test.for(['broken', 'silent', 'gone'] as const)('a store that is %s is Unavailable in time, and nothing is known of the file', async (trouble) => {
  const bad = await anS3(trouble);
  if (trouble === 'gone') await bad.stop();
  const troubled = await aFileServer(database, { storeIn: () => storeAt(bad.url, 300) });
  try {
    const count = async () => (await database.pool.query('select count(*)::int as files from files')).rows[0];
    const before = await count();
    const answer = await troubled.upload(merchant, 'a.txt', 'x');
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect(await count()).toEqual(before);
  } finally {
    await troubled.stop();
    if (trouble !== 'gone') await bad.stop();
  }
});
