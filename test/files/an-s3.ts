import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of S3 as the store uses, on loopback: conditional PUT, HEAD and GET, path style. */
export async function anS3(trouble: 'none' | 'broken' | 'silent' | 'gone' = 'none') {
  const objects = new Map<string, Buffer>();
  const puts: http.IncomingHttpHeaders[] = [];
  const server = http.createServer(async (request, response) => {
    if (trouble === 'silent') return;
    if (trouble === 'broken') return response.writeHead(500, { 'content-type': 'application/xml' }).end('<Error><Code>InternalError</Code></Error>');
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
