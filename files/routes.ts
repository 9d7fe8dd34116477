import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Actor } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import { createDownload } from './download.ts';
import { FileRefused } from './problems.ts';
import { createKeepRefused } from './refused.ts';
import type { FileStore } from './store.ts';
import { createUpload } from './upload.ts';

export type FileRoutes = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;
export type FileRoutesOptions = {
  pool: pg.Pool;
  readPool: pg.Pool;
  store: FileStore;
  /** Uploads under way; on the same file system as a disk store, so that keeping one is a link. */
  directory: string;
  /** Of one person. */
  uploadsAtOnce?: number;
  /** Less than the server's own limit for a request, so that a slow client is told why. */
  withinMs?: number;
  log?: Pick<Log, 'error' | 'info'>;
};

/** A refused upload may go on being sent this long, and is thrown away: most clients read no answer before they have sent all. */
const lingerMs = 5_000;

/** Evidence files (SUP-9): POST /files?name=… with the bare content, GET /files/ID. @returns whether the path was its own */
export function createFileRoutes(options: FileRoutesOptions): FileRoutes {
  const { pool, readPool, store, directory, uploadsAtOnce = 4, withinMs = 55_000, log } = options;
  mkdirSync(directory, { recursive: true });
  const upload = createUpload({ pool, store, directory, uploadsAtOnce, withinMs });
  const keepRefused = createKeepRefused({ pool, log });
  const download = createDownload({ readPool, store, onError: (error) => log?.error({ err: error }, 'a download broke off') });

  return async (request, response, actor) => {
    const url = URL.parse(request.url ?? '/', 'http://steward');
    if (!url || (url.pathname !== '/files' && !url.pathname.startsWith('/files/'))) return false;
    await answer(request, response, actor, url).catch(async (error: unknown) => {
      const problem = error instanceof DatabaseUnavailable ? new FileRefused('UNAVAILABLE', {}, { cause: error }) : error;
      if (!(problem instanceof FileRefused)) throw error;
      if (problem.cause && problem.code === 'UNAVAILABLE') log?.error({ err: problem.cause }, 'a file could not be kept or served');
      else if (request.method === 'POST') log?.info({ actor: actor.id, code: problem.code }, 'an upload was refused');
      // whoever waits is answered first
      refuse(request, response, problem);
      if (request.method === 'POST') await keepRefused(request, { actor, name: url.searchParams.get('name'), problem });
    });
    return true;
  };

  async function answer(request: IncomingMessage, response: ServerResponse, actor: Actor, { pathname, searchParams }: URL): Promise<void> {
    const { method } = request;
    const id = pathname === '/files' ? null : pathname.slice('/files/'.length);
    if (id === null && method === 'POST') return upload(request, response, { actor, name: searchParams.get('name') });
    if (id !== null && (method === 'GET' || method === 'HEAD')) return download(request, response, { actor, id });
    response.setHeader('allow', id === null ? 'POST' : 'GET, HEAD');
    throw new FileRefused('METHOD_NOT_ALLOWED', { got: `${method} ${pathname}` });
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, { code, status, sentence }: FileRefused): void {
  if (response.headersSent) return void response.destroy();
  const wait = status === 429 || status === 503 ? { 'retry-after': '2' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...wait });
  response.end(JSON.stringify({ code, message: sentence }));
  if (request.complete) return;
  const cut = setTimeout(() => request.destroy(), lingerMs);
  request.on('close', () => clearTimeout(cut)).on('error', () => {});
  // whoever was reading it has stopped, but a reader's listener would keep it paused
  request.removeAllListeners('readable').resume();
}
