import { type FileHandle, link, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileStore } from './store.ts';

/** Contents in a directory of this machine (or one mounted on all), fanned out by the first byte of the hash. */
export function createDiskStore(directory: string): FileStore {
  const placeOf = (sha256: string) => path.join(directory, sha256.slice(0, 2), sha256);
  return {
    async put({ path: from, sha256, bytes }) {
      const place = placeOf(sha256);
      await mkdir(path.dirname(place), { recursive: true });
      await link(from, place).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        const { size } = await stat(place);
        if (size !== bytes) throw new Error(`expected ${place} to hold ${bytes} bytes, got ${size}: the store is damaged`);
      });
      await synced(path.dirname(place));
    },
    async open(sha256) {
      const file = await open(placeOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      return file?.createReadStream() ?? null;
    },
  };
}

/** A new name is durable once its directory is. */
async function synced(directory: string): Promise<void> {
  const handle: FileHandle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
