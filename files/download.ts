import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { validate } from 'uuid';
import { createReader } from '../db/read/reader.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { intact } from './intact.ts';
import { dispositionOf } from './name.ts';
import { FileRefused } from './problems.ts';
import type { FileStore } from './store.ts';

export type DownloadOptions = { readPool: pg.Pool; store: FileStore; onError: (error: unknown) => void };
type FileRow = { name: string; mediaType: string; bytes: number; sha256: string };

/** SUP-11: the content of a file, to those who may see an order that it belongs to, and to its uploader's party. */
export function createDownload({ readPool, store, onError }: DownloadOptions) {
  return async (request: IncomingMessage, response: ServerResponse, { actor, id }: { actor: Actor; id: string }): Promise<void> => {
    const file = validate(id) ? await rowOf(actor, id) : null;
    if (!file) throw new FileRefused('NOT_FOUND');
    const etag = `"${file.sha256}"`;
    // asked again each time, because rights may change; the content never does
    const caching = { etag, 'cache-control': 'private, no-cache' };
    if (namesIt(request.headers['if-none-match'], etag)) return void response.writeHead(304, caching).end();
    const content = await contentOf(file.sha256);
    response.writeHead(200, {
      ...caching,
      'content-type': file.mediaType,
      'content-length': file.bytes,
      'content-disposition': dispositionOf(file.name),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') {
      content.destroy();
      return void response.end();
    }
    await pipeline(content, (chunks) => intact(chunks, file.sha256), response).catch((error: NodeJS.ErrnoException) => {
      response.destroy();
      // a client that went away is no failure of ours
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
    });
  };

  /** Row-level security decides: a foreign file and one that does not exist are the same empty answer (ACT-1). */
  async function rowOf(actor: Actor, id: string): Promise<FileRow | null> {
    const rows = await createReader(readPool, actor).rows<FileRow>({
      name: 'file to download',
      text: 'select name, media_type as "mediaType", bytes, sha256 from files where id = $1',
      values: [id],
    });
    return rows[0] ?? null;
  }

  async function contentOf(sha256: string) {
    const content = await store.open(sha256).catch((error: unknown) => {
      throw new FileRefused('UNAVAILABLE', {}, { cause: error });
    });
    if (!content) throw new FileRefused('UNAVAILABLE', {}, { cause: new Error(`expected the store to hold the content ${sha256}, got nothing`) });
    return content;
  }
}

const namesIt = (header: string | undefined, etag: string) => (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
