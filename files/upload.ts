import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';
import { v7 } from 'uuid';
import type { Actor } from '../lifecycles/roles.ts';
import { extensionOf, mediaTypeOf } from './kinds.ts';
import { nameFrom } from './name.ts';
import { FileRefused } from './problems.ts';
import { type Received, receive } from './receive.ts';
import type { FileStore } from './store.ts';

export type UploadOptions = { pool: pg.Pool; store: FileStore; directory: string; uploadsAtOnce: number; withinMs: number };
type Uploaded = { id: string; name: string; mediaType: string; bytes: number; sha256: string };

/** SUP-9: a file is checked while it is still a temporary one, then kept, then known: a crash leaves no row without content. */
export function createUpload({ pool, store, directory, uploadsAtOnce, withinMs }: UploadOptions) {
  const uploading = new Map<string, number>();

  return async (request: IncomingMessage, response: ServerResponse, { actor, name: given }: { actor: Actor; name: string | null }): Promise<void> => {
    const name = nameFrom(given);
    const extension = extensionOf(name);
    const others = uploading.get(actor.id) ?? 0;
    if (others >= uploadsAtOnce) throw new FileRefused('TOO_MANY_UPLOADS', { expected: String(uploadsAtOnce) });
    uploading.set(actor.id, others + 1);
    try {
      const received = await receive(request, { directory, withinMs });
      const file = await keep(received, { actor, name, extension }).finally(() => rm(received.path, { force: true }));
      response.writeHead(201, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', location: `/files/${file.id}` });
      response.end(JSON.stringify(file));
    } finally {
      const left = (uploading.get(actor.id) ?? 1) - 1;
      if (left > 0) uploading.set(actor.id, left);
      else uploading.delete(actor.id);
    }
  };

  type Given = { actor: Actor; name: string; extension: ReturnType<typeof extensionOf> };

  async function keep(received: Received, { actor, name, extension }: Given): Promise<Uploaded> {
    const { bytes, sha256 } = received;
    const file = { id: v7(), name, mediaType: await mediaTypeOf(received.path, extension), bytes, sha256 };
    try {
      await store.put(received);
      await pool.query(
        `insert into files (id, name, media_type, bytes, sha256, uploaded_by, role, party, uploaded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())`,
        [file.id, file.name, file.mediaType, bytes, sha256, actor.id, actor.role, actor.party],
      );
    } catch (error) {
      throw new FileRefused('UNAVAILABLE', {}, { cause: error });
    }
    return file;
  }
}
