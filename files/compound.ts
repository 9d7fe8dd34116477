import type { FileHandle } from 'node:fs/promises';
import { readAt } from './zip.ts';

/** What an OLE compound file (MS-CFB) is, by the streams in its root. `encrypted` is an office document with a password. */
export type CompoundFormat = 'doc' | 'ppt' | 'encrypted' | 'compound';

const formats: Record<string, CompoundFormat> = { WordDocument: 'doc', 'PowerPoint Document': 'ppt', EncryptedPackage: 'encrypted' };

/** Directory sectors that are read at most: far more than a document of 20 MB has entries in its root. */
const mostSectors = 256;
const noSector = 0xfffffffa;

type Entry = { name: string; isStream: boolean; left: number; right: number; child: number };

/** @returns null when its directory cannot be read */
export async function compoundFormat(file: FileHandle): Promise<CompoundFormat | null> {
  const header = await readAt(file, 0, 512);
  const shift = header.length === 512 ? header.readUInt16LE(30) : 0;
  if (shift !== 9 && shift !== 12) return null;
  const entries = await directoryOf(file, header, shift);
  const root = entries[0];
  if (!root) return null;
  const found = streamsBelow(entries, root.child).flatMap((name) => formats[name] ?? []);
  return found.length > 1 ? 'compound' : (found[0] ?? 'compound');
}

/** The chain of directory sectors, by the part of the allocation table that the header names. */
async function directoryOf(file: FileHandle, header: Buffer, shift: number): Promise<Entry[]> {
  const size = 1 << shift;
  const entries: Entry[] = [];
  let sector = header.readUInt32LE(48);
  for (let read = 0; read < mostSectors && sector < noSector; read++) {
    const content = await readAt(file, (sector + 1) * size, size);
    for (let at = 0; at + 128 <= content.length; at += 128) entries.push(entryAt(content, at));
    const tablePart = Math.floor(sector / (size / 4));
    if (tablePart >= 109) break;
    const next = await readAt(file, (header.readUInt32LE(76 + tablePart * 4) + 1) * size + (sector % (size / 4)) * 4, 4);
    if (next.length < 4) break;
    sector = next.readUInt32LE(0);
  }
  return entries;
}

function entryAt(content: Buffer, at: number): Entry {
  const length = Math.min(content.readUInt16LE(at + 64), 64);
  return {
    name: content.toString('utf16le', at, at + Math.max(0, length - 2)),
    isStream: content[at + 66] === 2,
    left: content.readUInt32LE(at + 68),
    right: content.readUInt32LE(at + 72),
    child: content.readUInt32LE(at + 76),
  };
}

/** The root's own streams, not those of documents embedded in it. */
function streamsBelow(entries: readonly Entry[], top: number): string[] {
  const names: string[] = [];
  const seen = new Set<number>();
  const waiting = [top];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const entry = entries[index];
    if (!entry || seen.has(index)) continue;
    seen.add(index);
    if (entry.isStream) names.push(entry.name);
    waiting.push(entry.left, entry.right);
  }
  return names;
}
