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
 * @throws FileRefused when it is empty, too large, too slow, breaks off or cannot be written; then nothing is left behind
 */
export async function receive(request: IncomingMessage, { directory, withinMs }: { directory: string; withinMs: number }): Promise<Received> {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  if (declared > maxBytes) throw new FileRefused('TOO_LARGE');
  const target = path.join(directory, `${randomUUID()}.part`);
  // read-only from its birth: a kept content is a second name of this very file
  const file = await open(target, 'wx', 0o440).catch((error: Error) => {
    throw new FileRefused('UNAVAILABLE', {}, { cause: error });
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const deadline = performance.now() + withinMs;
  // not `for await`: what comes too late must not close the connection before the answer
  const chunks = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const { done, value: chunk } = await inTime(chunks.next(), deadline);
      if (done) break;
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FileRefused('TOO_LARGE');
      hash.update(chunk);
      await file.appendFile(chunk);
    }
    if (!request.complete || (Number.isFinite(declared) && declared !== bytes)) throw new FileRefused('INCOMPLETE');
    if (bytes === 0) throw new FileRefused('EMPTY');
    await file.sync();
    return { path: target, bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(target, { force: true });
    if (error === tooSlow) throw new FileRefused('TOO_SLOW', { got: String(Math.ceil(withinMs / 1_000)) });
    if (error instanceof FileRefused) throw error;
    // what broke off says ECONNRESET or nothing; anything else is our disk's
    throw new FileRefused(brokeOff(request, error) ? 'INCOMPLETE' : 'UNAVAILABLE', {}, { cause: error });
  } finally {
    await file.close();
  }
}

const brokeOff = (request: IncomingMessage, error: unknown) => request.destroyed || (error as NodeJS.ErrnoException).code === 'ECONNRESET';

const tooSlow = new Error('the time is over');

/** Not Promise.race with one promise for the whole upload, which would hold every chunk until that one settles. */
function inTime<T>(promise: Promise<T>, deadline: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow), deadline - performance.now());
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
