import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3Store } from '../../files/s3.ts';
import { aDatabase, type Database, merchant } from '../world.ts';
import { aFileServer } from './server.ts';

let database: Database;
let s3: Awaited<ReturnType<typeof anS3>>;
beforeAll(async () => {
  database = await aDatabase();
  s3 = await anS3();
});
afterAll(async () => {
  await s3.stop();
  await database.drop();
});

test('contents go to any S3-compatible store: signed, conditional, once per content (SUP-9)', async () => {
  const credentials = { accessKeyId: 'AKEXAMPLE', secretAccessKey: 'secret' };
  const server = await aFileServer(database, {
    storeIn: () => createS3Store({ kind: 's3', bucket: 'steward', region: 'us-east-1', endpoint: s3.url, pathStyle: true, credentials }),
  });
  try {
    const first = await server.upload(merchant, 'one.txt', 'kept elsewhere');
    const second = await server.upload(merchant, 'two.txt', 'kept elsewhere');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect([...s3.objects.keys()]).toEqual([`/steward/evidence/${first.body.sha256.slice(0, 2)}/${first.body.sha256}`]);
    expect(s3.puts.map((put) => [put['if-none-match'], /^AWS4-HMAC-SHA256 Credential=AKEXAMPLE\//.test(put.authorization ?? '')])).toEqual([
      ['*', true],
      ['*', true],
    ]);
    expect(await (await server.download(merchant, second.body.id)).text()).toBe('kept elsewhere');
    s3.objects.clear();
    expect((await server.download(merchant, first.body.id)).status).toBe(503);
  } finally {
    await server.stop();
  }
});

/** As much of S3 as the store uses: conditional PUT and GET, path style. */
async function anS3() {
  const objects = new Map<string, Buffer>();
  const puts: http.IncomingHttpHeaders[] = [];
  const server = http.createServer(async (request, response) => {
    const key = new URL(request.url ?? '/', 'http://s3').pathname;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'PUT') {
      puts.push(request.headers);
      const isThere = objects.has(key);
      if (!isThere) objects.set(key, Buffer.concat(chunks));
      return response.writeHead(isThere ? 412 : 200, { etag: '"x"' }).end();
    }
    const object = objects.get(key);
    response.writeHead(object ? 200 : 404, { 'content-type': object ? 'binary/octet-stream' : 'application/xml' });
    response.end(object ?? '<Error><Code>NoSuchKey</Code></Error>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    puts,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
