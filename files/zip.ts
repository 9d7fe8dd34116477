import type { FileHandle } from 'node:fs/promises';

/** What a ZIP is, by the names in its central directory. Macro-enabled documents are a kind of their own. */
export type ZipFormat = 'docx' | 'pptx' | 'xlsx' | 'macros' | 'zip';

/** An office document has some hundred parts: a directory above this is an archive's, and is not looked into. */
const largestOfficeDirectory = 1024 * 1024;

const mainParts = { docx: /^word\/document\d*\.xml$/i, pptx: /^ppt\/presentation\d*\.xml$/i, xlsx: /^xl\/workbook\d*\.xml$/i } as const;

/** Reads names alone and unpacks nothing, so that a ZIP bomb is just a small file. @returns null when it is no whole ZIP */
export async function zipFormat(file: FileHandle, size: number): Promise<ZipFormat | null> {
  const directory = await findDirectory(file, size);
  if (!directory) return null;
  if (directory.bytes > largestOfficeDirectory) return 'zip';
  const names = namesIn(await readAt(file, directory.at, directory.bytes));
  if (!names) return null;
  if (!names.includes('[Content_Types].xml')) return 'zip';
  if (names.some((name) => /\/vbaProject\.bin$/i.test(name))) return 'macros';
  const found = (Object.keys(mainParts) as (keyof typeof mainParts)[]).filter((format) => names.some((name) => mainParts[format].test(name)));
  return found.length === 1 && found[0] ? found[0] : 'zip';
}

/** By the end record, which only its own comment may follow; ZIP64 has a larger one before it. */
async function findDirectory(file: FileHandle, size: number): Promise<{ at: number; bytes: number } | null> {
  const from = Math.max(0, size - 22 - 65_535);
  const tail = await readAt(file, from, size - from);
  for (let end = tail.length - 22; end >= 0; end--) {
    if (tail.readUInt32LE(end) !== 0x06054b50 || end + 22 + tail.readUInt16LE(end + 20) !== tail.length) continue;
    const directory = { at: tail.readUInt32LE(end + 16), bytes: tail.readUInt32LE(end + 12) };
    const isZip64 = directory.at === 0xffffffff && end >= 20 && tail.readUInt32LE(end - 20) === 0x07064b50;
    const large = isZip64 ? await readAt(file, Number(tail.readBigUInt64LE(end - 12)), 56) : null;
    if (large?.length === 56) Object.assign(directory, { bytes: Number(large.readBigUInt64LE(40)), at: Number(large.readBigUInt64LE(48)) });
    return directory.at + directory.bytes <= from + end ? directory : null;
  }
  return null;
}

function namesIn(directory: Buffer): string[] | null {
  const names: string[] = [];
  let at = 0;
  while (at < directory.length) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) return null;
    const length = directory.readUInt16LE(at + 28);
    names.push(
      directory
        .toString('utf8', at + 46, at + 46 + length)
        .replaceAll('\\', '/')
        .replace(/^\//, ''),
    );
    at += 46 + length + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return names;
}

/** Fewer bytes than asked for where the file ends before. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.subarray(0, bytesRead);
}
