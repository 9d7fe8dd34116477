import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Shaped } from './shapes.ts';
import { Unfit } from './unfit.ts';

/** Evidence files of a bundle whose content was found in the directory, whatever it is called there, and those that were not. */
export type Compared = { same: Shaped['file'][]; notGiven: Shaped['file'][] };

/**
 * Compares the files of a directory, and of those in it, with the hashes in the bundle (SUP-9).
 * @throws Unfit when the directory cannot be read, or a file has an evidence file's name and another content
 */
export async function compareContents(files: readonly Shaped['file'][], directory: string): Promise<Compared> {
  const hashes = new Set(files.map(({ sha256 }) => sha256));
  const names = new Map(files.map((file) => [file.name.normalize('NFC'), file.sha256]));
  const found = new Set<string>();
  for (const place of await placesIn(directory)) {
    const hash = await hashOf(place);
    const name = path.basename(place).normalize('NFC');
    if (hashes.has(hash)) found.add(hash);
    else if (names.has(name)) throw new Unfit('FILE_DIFFERS', { name, expected: names.get(name) ?? '', got: hash });
  }
  return { same: files.filter(({ sha256 }) => found.has(sha256)), notGiven: files.filter(({ sha256 }) => !found.has(sha256)) };
}

async function placesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  } catch (error) {
    throw notReadable(directory, error);
  }
}

async function hashOf(place: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(place) as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (error) {
    throw notReadable(place, error);
  }
  return hash.digest('hex');
}

const reasons: Record<string, { zh: string; en: string }> = {
  ENOENT: { zh: '不存在', en: 'nothing there' },
  EACCES: { zh: '没有权限', en: 'no right to' },
  EISDIR: { zh: '是一个目录', en: 'a directory' },
  ENOTDIR: { zh: '不是目录', en: 'something that is no directory' },
};

export function notReadable(file: string, error: unknown): Unfit {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new Unfit('NOT_READABLE', { file, why: reasons[code] ?? { zh: code || message, en: code || message } });
}
