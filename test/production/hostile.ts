import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const json = { 'content-type': 'application/json' };
const answer = (response: ServerResponse, body: string, { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {}) =>
  response.writeHead(status, { ...json, ...headers }).end(body);

type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** What a hostile or broken merchant does with a call, by the path of its address. */
const behaviours = {
  'server-error': (response) => answer(response, '{"resultCode":"000005"}', { status: 503 }),
  'too-many': (response) => answer(response, '', { status: 429, headers: { 'retry-after': '120' } }),
  reset: (response) => response.socket?.resetAndDestroy(),
  'hang-up': (response) => response.socket?.destroy(),
  silent: () => {},
  drip: (response) => {
    response.writeHead(200, json);
    const timer = setInterval(() => response.write(' '), 1_000);
    response.write('{');
    response.on('close', () => clearInterval(timer));
  },
  'never-ends': (response) => {
    response.writeHead(200, json).write('{"resultCode":"000000"');
  },
  gigabyte: (response) => {
    response.writeHead(200, { ...json, 'content-length': String(2 ** 30) });
    const chunk = Buffer.alloc(256 * 1_024, 'a');
    let left = 2 ** 30;
    const pour = () => {
      while (left > 0 && !response.destroyed) {
        left -= chunk.length;
        if (!response.write(chunk)) return response.once('drain', pour);
      }
    };
    pour();
  },
  'gzip-bomb': (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
  'gzip-broken': (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end('no gzip'),
  'gzip-fine': (response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync('{"resultCode":"000000","instanceId":"I-1"}')),
  html: (response) => answer(response, '<html><body>502 Bad Gateway</body></html>', { status: 200, headers: { 'content-type': 'text/html' } }),
  'deep-json': (response) => answer(response, `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`),
  list: (response) => answer(response, '[1]'),
  empty: (response) => answer(response, ''),
  'not-utf8': (response) => response.writeHead(200, json).end(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  'wrong-signature': (response) =>
    answer(response, '{"resultCode":"000000","instanceId":"I-1"}', { headers: { 'Body-Sign': 'sign_type="HMAC-SHA256", signature="AAAA"' } }),
  'no-signature': (response) => answer(response, '{"resultCode":"000000","instanceId":"I-1"}'),
  'no-id': (response) => answer(response, '{"resultCode":"000000","resultMsg":"ok"}'),
  'no-code': (response) => answer(response, '{"msg":"ok"}'),
  'odd-code': (response) => answer(response, '{"resultCode":"999999","resultMsg":"系统繁忙"}'),
  redirect: (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  'long-headers': (response) => response.writeHead(200, { ...json, 'x-long': 'a'.repeat(40_000) }).end('{}'),
  'cut-short': (response) => {
    response.writeHead(200, { ...json, 'content-length': '100' });
    response.write('{"resultCode":"000000"');
    setTimeout(() => response.socket?.end(), 20);
  },
  'not-http': (response) => {
    response.socket?.end('220 mail.example ESMTP\r\n\r\n');
  },
  echo: (response, request) => answer(response, JSON.stringify({ resultCode: '000005', resultMsg: `got ${request.url}` })),
} satisfies Record<string, Behaviour>;
export type HostileName = keyof typeof behaviours;

/** 16 MiB of nothing in 16 KiB. */
const bomb = gzipSync(Buffer.alloc(16 * 1_024 * 1_024));

/** A server on loopback that answers as its path says: /server-error, /reset, … Counts what arrived. */
export async function startHostile({ tls }: { tls?: { key: string; cert: string } } = {}) {
  const calls: string[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const name = new URL(request.url ?? '/', 'http://hostile').pathname.slice(1);
    calls.push(name);
    response.on('error', () => {});
    (behaviours as Record<string, Behaviour>)[name]?.(response, request);
  };
  const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    port,
    url: (name: HostileName, host = '127.0.0.1') => `${tls ? 'https' : 'http'}://${host}:${port}/${name}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
