import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { createReader } from '../db/read/reader.ts';
import { publicPem, readSigningKey, type SigningKeyOptions } from '../db/signingKey.ts';
import { decoded } from '../db/storable.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Actor, Role } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import { sealed } from './bundle.ts';
import { gather } from './gather.ts';
import { EvidenceRefused } from './problems.ts';

export type EvidenceRoutes = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;
export type EvidenceRoutesOptions = {
  readPool: pg.Pool;
  registry: Registry;
  key: SigningKeyOptions;
  /** Bundles under way. */
  directory: string;
  /** Of this process: each takes a connection while it is read. */
  atOnce?: number;
  log?: Pick<Log, 'error' | 'info'>;
};

const mayTake: readonly Role[] = ['buyer', 'merchant', 'operationsManager'];

/**
 * Evidence bundles (ACT-2): GET /evidence/NUMBER by the number or id of anything that belongs to the order, GET /evidence/key
 * for the public key. @returns whether the path was its own
 */
export function createEvidenceRoutes({ readPool, registry, key: keyOptions, directory, atOnce = 4, log }: EvidenceRoutesOptions): EvidenceRoutes {
  mkdirSync(directory, { recursive: true });
  let running = 0;

  return async (request, response, actor) => {
    const url = URL.parse(request.url ?? '/', 'http://steward');
    if (!url?.pathname.startsWith('/evidence/')) return false;
    await answer(request, response, { actor, of: decoded(url.pathname.slice('/evidence/'.length)) }).catch((error: unknown) => {
      const problem = error instanceof DatabaseUnavailable ? new EvidenceRefused('UNAVAILABLE', {}, { cause: error }) : error;
      if (!(problem instanceof EvidenceRefused)) throw error;
      if (problem.cause) log?.error({ err: problem.cause }, 'an evidence bundle could not be made');
      refuse(response, problem);
    });
    return true;
  };

  async function answer(request: IncomingMessage, response: ServerResponse, { actor, of }: { actor: Actor; of: string }): Promise<void> {
    const { method } = request;
    if (method !== 'GET') throw new EvidenceRefused('METHOD_NOT_ALLOWED', { got: `${method} /evidence/` });
    const key = await readSigningKey(keyOptions);
    if (of === 'key') return void response.writeHead(200, { 'content-type': 'application/x-pem-file', 'cache-control': 'no-cache' }).end(publicPem(key));
    if (!mayTake.includes(actor.role)) throw new EvidenceRefused('ROLE_NOT_ALLOWED');
    if (running >= atOnce) throw new EvidenceRefused('TOO_MANY', { expected: String(atOnce) });
    // read to its end first: a slow client must not hold a snapshot open
    const file = path.join(directory, `${randomUUID()}.part`);
    running += 1;
    try {
      const number = await gather(createReader(readPool, actor), { registry, of }, async (gathered) => {
        await pipeline(Readable.from(sealed(gathered, key)), createWriteStream(file, { mode: 0o600 }));
        return gathered.number;
      }).finally(() => {
        running -= 1;
      });
      if (number === null) throw new EvidenceRefused('NOT_FOUND');
      log?.info({ actor: actor.id, number }, 'an evidence bundle was taken');
      await send(response, { file, number });
    } finally {
      await rm(file, { force: true });
    }
  }

  async function send(response: ServerResponse, { file, number }: { file: string; number: string }): Promise<void> {
    const handle = await open(file);
    // open, it is there to be read; without a name, nobody finds it after a crash
    await rm(file);
    const { size } = await handle.stat();
    response.writeHead(200, {
      'content-type': 'application/jsonl; charset=utf-8',
      'content-length': size,
      'content-disposition': `attachment; filename="evidence-${number}.jsonl"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await pipeline(handle.createReadStream(), response).catch((error: NodeJS.ErrnoException) => {
      response.destroy();
      // a client that went away is no failure of ours
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log?.error({ err: error }, 'an evidence bundle broke off');
    });
  }
}

function refuse(response: ServerResponse, { code, status, sentence }: EvidenceRefused): void {
  if (response.headersSent) return void response.destroy();
  const headers = { ...(status === 405 ? { allow: 'GET' } : {}), ...(status === 429 || status === 503 ? { 'retry-after': '2' } : {}) };
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify({ code, message: sentence }));
  response.req.resume();
}
