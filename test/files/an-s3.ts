import http from 'node:http';
import type { AddressInfo } from 'node:net';

const xml = { 'content-type': 'application/xml' };

/** As much of S3 as the stores use, on loopback: conditional PUT, HEAD, GET, list and delete, path style. `kept`: deletes nothing, and answers 200. */
export async function anS3(trouble: 'none' | 'broken' | 'silent' | 'gone' | 'kept' = 'none') {
  const objects = new Map<string, Buffer>();
  const puts: http.IncomingHttpHeaders[] = [];
  const server = http.createServer(async (request, response) => {
    if (trouble === 'silent') return;
    if (trouble === 'broken') return response.writeHead(500, { 'content-type': 'application/xml' }).end('<Error><Code>InternalError</Code></Error>');
    const { pathname: key, searchParams } = new URL(request.url ?? '/', 'http://s3');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'PUT') {
      puts.push(request.headers);
      const isThere = objects.has(key);
      if (!isThere) objects.set(key, Buffer.concat(chunks));
      return response.writeHead(isThere ? 412 : 200, { etag: '"x"' }).end();
    }
    if (searchParams.has('list-type')) {
      const prefix = searchParams.get('prefix') ?? '';
      const keys = [...objects.keys()].map((path) => path.split('/').slice(2).join('/')).filter((name) => name.startsWith(prefix));
      return response.writeHead(200, xml).end(`<ListBucketResult>${keys.map((name) => `<Contents><Key>${name}</Key></Contents>`).join('')}</ListBucketResult>`);
    }
    if (searchParams.has('delete')) {
      const names = [
        ...Buffer.concat(chunks)
          .toString()
          .matchAll(/<Key>(.*?)<\/Key>/g),
      ].map(([, name]) => name);
      if (trouble !== 'kept') for (const name of names) objects.delete(`${key.replace(/\/$/, '')}/${name}`);
      const errors = trouble === 'kept' ? names.map((name) => `<Error><Key>${name}</Key><Code>AccessDenied</Code><Message>no</Message></Error>`) : [];
      return response.writeHead(200, xml).end(`<DeleteResult>${errors.join('')}</DeleteResult>`);
    }
    const object = objects.get(key);
    if (!object) return response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>');
    response.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-length': object.length });
    response.end(request.method === 'HEAD' ? undefined : object);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    puts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
