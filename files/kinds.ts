import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import type { Bilingual } from '../lifecycles/roles.ts';
import { compoundFormat } from './compound.ts';
import { FileRefused } from './problems.ts';
import { charsetOf } from './text.ts';
import { readAt, zipFormat } from './zip.ts';

const office = 'application/vnd.openxmlformats-officedocument';

/** SUP-9: what may be evidence. `contents` are the formats, as the content shows them, that the extension may hold. */
const kinds = {
  zip: { mediaType: 'application/zip', contents: ['zip', 'docx', 'pptx', 'xlsx', 'macros'] },
  doc: { mediaType: 'application/msword', contents: ['doc'] },
  docx: { mediaType: `${office}.wordprocessingml.document`, contents: ['docx'] },
  pdf: { mediaType: 'application/pdf', contents: ['pdf'] },
  ppt: { mediaType: 'application/vnd.ms-powerpoint', contents: ['ppt'] },
  pptx: { mediaType: `${office}.presentationml.presentation`, contents: ['pptx'] },
  png: { mediaType: 'image/png', contents: ['png', 'apng'] },
  jpg: { mediaType: 'image/jpeg', contents: ['jpg'] },
  xlsx: { mediaType: `${office}.spreadsheetml.sheet`, contents: ['xlsx'] },
  txt: { mediaType: 'text/plain; charset=utf-8', contents: ['utf-8', 'gb18030'] },
} as const;
type Extension = keyof typeof kinds;

const allowed = Object.keys(kinds)
  .map((extension) => `.${extension}`)
  .join(' ');

/** Formats whose short name says nothing to a person. */
const labels: Record<string, Bilingual> = {
  'utf-8': { zh: '纯文本', en: 'plain text' },
  gb18030: { zh: '纯文本', en: 'plain text' },
  macros: { zh: '含宏的 Office 文件', en: 'an office document with macros' },
  encrypted: { zh: '加密的 Office 文件', en: 'an office document with a password' },
  compound: { zh: '其他 OLE 复合文件', en: 'another OLE compound file' },
  unknown: { zh: '无法识别或已损坏的内容', en: 'content that is damaged or of no known kind' },
};

/** The extension of an allowed name. @throws FileRefused for any other, before a byte is read */
export function extensionOf(name: string): Extension {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (!Object.hasOwn(kinds, extension)) throw new FileRefused('TYPE_NOT_ALLOWED', { expected: allowed, got: extension ? `.${extension}` : name });
  return extension as Extension;
}

/** Content and extension must agree. Nothing is unpacked. @returns the media type to serve it with */
export async function mediaTypeOf(path: string, extension: Extension): Promise<string> {
  const { mediaType, contents } = kinds[extension];
  const found = await formatOf(path);
  if (!(contents as readonly string[]).includes(found)) throw new FileRefused('CONTENT_MISMATCH', { expected: `.${extension}`, got: labels[found] ?? found });
  return found === 'gb18030' ? 'text/plain; charset=gb18030' : mediaType;
}

/** Text comes before the magic numbers, many of which are letters that a text may begin with. */
async function formatOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await readAt(file, 0, 8);
    if (head.toString('latin1', 0, 2) === 'PK' && head.length >= 4 && [0x0403, 0x0605].includes(head.readUInt16LE(2)))
      return (await zipFormat(file, size)) ?? 'unknown';
    if (head.toString('hex') === 'd0cf11e0a1b11ae1') return (await compoundFormat(file)) ?? 'unknown';
    if (head.toString('latin1').startsWith('%PDF-')) return 'pdf';
    if (head.toString('latin1').startsWith('{\\rtf')) return 'rtf';
    // file-type would unpack a gzip to look into it
    if (head[0] === 0x1f && head[1] === 0x8b) return 'gz';
    return (await charsetOf(path)) ?? (await fileTypeFromFile(path).catch(() => undefined))?.ext ?? 'unknown';
  } finally {
    await file.close();
  }
}
