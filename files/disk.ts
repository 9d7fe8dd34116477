import { link, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { damaged } from './intact.ts';
import type { FileStore } from './store.ts';

/** Contents in a directory of this machine (or one mounted on all), fanned out by the first byte of the hash. */
export function createDiskStore(directory: string): FileStore {
  const placeOf = (sha256: string) => path.join(directory, sha256.slice(0, 2), sha256);
  const sizeOf = (sha256: string) => stat(placeOf(sha256)).then(({ size }) => size, nullIfAbsent);
  return {
    sizeOf,
    async put({ path: from, sha256, bytes }) {
      const place = placeOf(sha256);
      const isNew = await mkdir(path.dirname(place), { recursive: true });
      // a link is made whole or not at all, and never replaces what is there
      await link(from, place).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        const size = await sizeOf(sha256);
        if (size !== bytes) throw damaged(sha256, `${bytes} bytes`, `${size}`);
      });
      await synced(path.dirname(place));
      if (isNew) await synced(directory);
    },
    async open(sha256) {
      const file = await open(placeOf(sha256)).catch(nullIfAbsent);
      return file?.createReadStream() ?? null;
    },
  };
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** A new name is durable once its directory is. */
export async function synced(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
