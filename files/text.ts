import { createReadStream } from 'node:fs';

/** What plain text is written in: UTF-8, or GB18030 as Windows writes it in China. */
const charsets = ['utf-8', 'gb18030'] as const;
export type Charset = (typeof charsets)[number];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has
const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

/** @returns null when it is no text: not well-formed in either, or with control characters but tab and line ends */
export async function charsetOf(path: string): Promise<Charset | null> {
  for (const charset of charsets) if (await isTextIn(path, charset)) return charset;
  return null;
}

async function isTextIn(path: string, charset: Charset): Promise<boolean> {
  const decoder = new TextDecoder(charset, { fatal: true });
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) if (control.test(decoder.decode(chunk, { stream: true }))) return false;
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
