import { createHash, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { FileRefused } from './problems.ts';

/** SUP-9. */
export const maxBytes = 20 * 1024 * 1024;

export type Received = { path: string; bytes: number; sha256: string };

/**
 * Streams a request's body to a temporary file, counting and hashing on the way; never more than one chunk is in memory.
 * @throws FileRefused when it is empty, too large, too slow or breaks off; then nothing is left behind
 */
export async function receive(request: IncomingMessage, { directory, withinMs }: { directory: string; withinMs: number }): Promise<Received> {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  if (declared > maxBytes) throw new FileRefused('TOO_LARGE');
  const target = path.join(directory, `${randomUUID()}.part`);
  const file = await open(target, 'wx');
  const hash = createHash('sha256');
  let bytes = 0;
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const timer = setTimeout(() => late.reject(new FileRefused('TOO_SLOW', { got: String(Math.round(withinMs / 1_000)) })), withinMs);
  // not `for await`: what comes too late must not close the connection before the answer
  const chunks = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const { done, value: chunk } = await Promise.race([chunks.next(), late.promise]);
      if (done) break;
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FileRefused('TOO_LARGE');
      hash.update(chunk);
      await file.write(chunk);
    }
    if (!request.complete || (Number.isFinite(declared) && declared !== bytes)) throw new FileRefused('INCOMPLETE');
    if (bytes === 0) throw new FileRefused('EMPTY');
    await file.sync();
    return { path: target, bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(target, { force: true });
    if (error instanceof FileRefused) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new FileRefused('UNAVAILABLE');
    throw new FileRefused('INCOMPLETE');
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}
