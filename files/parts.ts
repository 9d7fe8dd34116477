import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Removes what processes that died left behind while they wrote: parts older than a day, or than `olderThanMs`. */
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
