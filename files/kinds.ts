import { createReadStream } from 'node:fs';
import { fileTypeFromFile } from 'file-type';
import { FileRefused } from './problems.ts';

const office = 'application/vnd.openxmlformats-officedocument';

/** SUP-9: what may be evidence. `contents` are the formats, as the content shows them, that the extension may hold. */
const kinds = {
  zip: { mediaType: 'application/zip', contents: ['zip', 'docx', 'pptx', 'xlsx'] },
  doc: { mediaType: 'application/msword', contents: ['cfb'] },
  docx: { mediaType: `${office}.wordprocessingml.document`, contents: ['docx'] },
  pdf: { mediaType: 'application/pdf', contents: ['pdf'] },
  ppt: { mediaType: 'application/vnd.ms-powerpoint', contents: ['cfb'] },
  pptx: { mediaType: `${office}.presentationml.presentation`, contents: ['pptx'] },
  png: { mediaType: 'image/png', contents: ['png'] },
  jpg: { mediaType: 'image/jpeg', contents: ['jpg'] },
  xlsx: { mediaType: `${office}.spreadsheetml.sheet`, contents: ['xlsx'] },
  txt: { mediaType: 'text/plain; charset=utf-8', contents: ['text'] },
} as const;
type Extension = keyof typeof kinds;

const allowed = Object.keys(kinds)
  .map((extension) => `.${extension}`)
  .join(' ');

/** The extension of an allowed name. @throws FileRefused for any other, before a byte is read */
export function extensionOf(name: string): Extension {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (!Object.hasOwn(kinds, extension)) throw new FileRefused('TYPE_NOT_ALLOWED', { expected: allowed, got: extension ? `.${extension}` : name });
  return extension as Extension;
}

/** Content and extension must agree. Nothing is unpacked. @returns the media type to serve it with */
export async function mediaTypeOf(path: string, extension: Extension): Promise<string> {
  const { mediaType, contents } = kinds[extension];
  const found = (await fileTypeFromFile(path).catch(() => undefined))?.ext ?? ((await isText(path)) ? 'text' : 'unknown');
  if (!(contents as readonly string[]).includes(found)) throw new FileRefused('CONTENT_MISMATCH', { expected: `.${extension}`, got: found });
  return mediaType;
}

/** UTF-8 without control characters but tab, line feed, form feed and carriage return. */
async function isText(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has
  const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) if (control.test(decoder.decode(chunk, { stream: true }))) return false;
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
