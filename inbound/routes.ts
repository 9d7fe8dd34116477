import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';
import type { Commit } from '../db/commit.ts';
import type { MerchantKeys } from '../db/inbound/keys.ts';
import { createUsage } from '../db/inbound/usage.ts';
import { createReader } from '../db/read/reader.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Log } from '../log.ts';
import { type Caller, createAuthentication } from './authenticate.ts';
import { createLicences } from './licences.ts';
import { createOrderQuery } from './orders.ts';
import { InboundRefused } from './problems.ts';
import { createUsagePush } from './usage.ts';

export type InboundOptions = {
  pool: pg.Pool;
  readPool: pg.Pool;
  keys: MerchantKeys;
  commit: Pick<Commit, 'command'>;
  /** New usage records are there to be counted. */
  onUsage: () => void;
  log: Pick<Log, 'warn' | 'error'>;
};
export type InboundRoutes = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** 1,000 usage records are about 250 kB. */
const maxBody = 1024 * 1024;

/**
 * Merchants' systems call the marketplace (PRD-9): POST /inbound/usage/push, order/query, license/activate,
 * license/heartbeat, each signed. @returns whether the path was its own
 */
export function createInboundRoutes({ pool, readPool, keys, commit, onUsage, log }: InboundOptions): InboundRoutes {
  const authenticate = createAuthentication(keys);
  const readerFor = ({ ak, merchant }: Caller) => createReader(readPool, { id: `key ${ak}`, role: 'merchant', party: merchant });
  const licences = createLicences({ readerFor, commit });
  const calls: Record<string, (caller: Caller, body: unknown) => Promise<Record<string, unknown>>> = {
    'usage/push': createUsagePush({ usage: createUsage(pool), onKept: onUsage }),
    'order/query': createOrderQuery({ readerFor }),
    'license/activate': licences.activate,
    'license/heartbeat': licences.heartbeat,
  };

  return async (request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://steward');
    const [, name = ''] = /^\/inbound\/(.*?)\/?$/.exec(url?.pathname ?? '') ?? [];
    const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (!url || !call) return false;
    let caller: Caller | null = null;
    try {
      if (request.method !== 'POST') throw new InboundRefused('METHOD', { expected: `/inbound/${name}`, got: request.method ?? '' });
      const body = await bodyOf(request);
      caller = await authenticate({ method: 'POST', url, headers: request.headers, body });
      const answer = await call(caller, jsonIn(body));
      say(response, 200, { resultCode: '000000', resultMsg: 'success.', ...answer });
    } catch (error) {
      const problem = error instanceof DatabaseUnavailable ? new InboundRefused('UNAVAILABLE', {}, { cause: error }) : error;
      if (!(problem instanceof InboundRefused)) throw error;
      const { code, status, resultCode, sentence } = problem;
      const ak = caller?.ak ?? url.searchParams.get('ak')?.slice(0, 100) ?? null;
      log.warn(
        { code, path: url.pathname, merchant: caller?.merchant ?? null, ak, from: request.socket.remoteAddress },
        'a call of a merchant’s system was refused',
      );
      say(response, status, { resultCode, resultMsg: sentence.en, code, message: sentence }, status === 503 ? { 'retry-after': '2' } : {});
    }
    return true;
  };
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new InboundRefused('BODY_INVALID', { got: { zh: '应为 UTF-8 编码的 JSON', en: 'expected JSON in UTF-8' } });
  }
}

/** The very bytes that were signed. @throws InboundRefused TOO_LARGE */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBody) throw new InboundRefused('TOO_LARGE');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBody) throw new InboundRefused('TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function say(response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}): void {
  response.req.resume();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(value));
}
