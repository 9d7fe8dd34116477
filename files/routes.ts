import { mkdirSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { v7, validate } from 'uuid';
import { createReader } from '../db/read/reader.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { extensionOf, mediaTypeOf } from './kinds.ts';
import { FileRefused } from './problems.ts';
import { receive } from './receive.ts';
import type { FileStore } from './store.ts';

export type FileRoutes = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;
export type FileRoutesOptions = {
  pool: pg.Pool;
  readPool: pg.Pool;
  store: FileStore;
  /** Uploads under way; on the same file system as a disk store, so that keeping one is a link. */
  directory: string;
  uploadsAtOnce?: number;
  withinMs?: number;
};

/** Evidence files (SUP-9): POST /files?name=… with the bare content, GET /files/ID. @returns whether the path was its own */
export function createFileRoutes({ pool, readPool, store, directory, uploadsAtOnce = 4, withinMs = 55_000 }: FileRoutesOptions): FileRoutes {
  mkdirSync(directory, { recursive: true });
  const uploading = new Map<string, number>();

  return async (request, response, actor) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://steward');
    if (pathname !== '/files' && !pathname.startsWith('/files/')) return false;
    try {
      if (pathname === '/files' && request.method === 'POST') await upload(request, response, { actor, name: nameFrom(searchParams.get('name')) });
      else if (pathname !== '/files' && request.method === 'GET') await download(response, { actor, id: pathname.slice('/files/'.length) });
      else throw new FileRefused('METHOD_NOT_ALLOWED', { got: `${request.method} ${pathname}` });
    } catch (error) {
      refuse(request, response, error instanceof DatabaseUnavailable ? new FileRefused('UNAVAILABLE') : error);
    }
    return true;
  };

  async function upload(request: IncomingMessage, response: ServerResponse, { actor, name }: { actor: Actor; name: string }): Promise<void> {
    const extension = extensionOf(name);
    const others = uploading.get(actor.id) ?? 0;
    if (others >= uploadsAtOnce) throw new FileRefused('TOO_MANY_UPLOADS', { expected: String(uploadsAtOnce) });
    uploading.set(actor.id, others + 1);
    try {
      const received = await receive(request, { directory, withinMs });
      try {
        const mediaType = await mediaTypeOf(received.path, extension);
        await store.put(received);
        const { bytes, sha256 } = received;
        const id = v7();
        await pool
          .query(
            `insert into files (id, name, media_type, bytes, sha256, uploaded_by, role, party, uploaded_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())`,
            [id, name, mediaType, bytes, sha256, actor.id, actor.role, actor.party],
          )
          .catch((error: Error) => {
            throw new DatabaseUnavailable(error.message, { cause: error });
          });
        response.writeHead(201, { 'content-type': 'application/json; charset=utf-8', location: `/files/${id}` });
        response.end(JSON.stringify({ id, name, mediaType, bytes, sha256 }));
      } finally {
        await rm(received.path, { force: true });
      }
    } finally {
      const left = (uploading.get(actor.id) ?? 1) - 1;
      if (left > 0) uploading.set(actor.id, left);
      else uploading.delete(actor.id);
    }
  }

  async function download(response: ServerResponse, { actor, id }: { actor: Actor; id: string }): Promise<void> {
    if (!validate(id)) throw new FileRefused('NOT_FOUND');
    const [file] = await createReader(readPool, actor).rows<{ name: string; media_type: string; bytes: number; sha256: string }>({
      name: 'file to download',
      text: 'select name, media_type, bytes, sha256 from files where id = $1',
      values: [id],
    });
    if (!file) throw new FileRefused('NOT_FOUND');
    const content = await store.open(file.sha256);
    if (!content) throw new FileRefused('UNAVAILABLE');
    response.writeHead(200, {
      'content-type': file.media_type,
      'content-length': file.bytes,
      'content-disposition': `attachment; filename="evidence${path.extname(file.name)}"; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, immutable',
      etag: `"${file.sha256}"`,
    });
    await pipeline(content, response).catch(() => response.destroy());
  }
}

/** Removes what uploads of processes that died left behind: parts older than a day. */
export async function removeOldParts(directory: string, olderThanMs = 86_400_000): Promise<number> {
  let removed = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    const part = path.join(directory, name);
    const { mtimeMs } = await stat(part).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (!name.endsWith('.part') || mtimeMs > Date.now() - olderThanMs) continue;
    await rm(part, { force: true });
    removed += 1;
  }
  return removed;
}

/** The last part of what was given, without control characters: a name, never a path. */
function nameFrom(given: string | null): string {
  const name =
    (given ?? '')
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
      .trim() ?? '';
  if (name === '' || name.length > 200 || !name.isWellFormed())
    throw new FileRefused('NAME_MISSING', { got: given === null ? 'none' : JSON.stringify(given.slice(0, 50)) });
  return name;
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (!(error instanceof FileRefused)) throw error;
  if (response.headersSent) return void response.destroy();
  // the client is still sending: what it sends is thrown away for a moment, so that it gets to read the answer
  const cut = setTimeout(() => request.destroy(), 5_000);
  response.on('close', () => clearTimeout(cut));
  response.writeHead(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(JSON.stringify({ code: error.code, message: error.sentence }));
  request.resume();
}
