import path from 'node:path';
import { FileRefused } from './problems.ts';

/** What a name does not keep: controls, and marks that turn the direction of writing, so that exe.txt is no txt.exe. */
const removed = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The last part of what was given: a name, never a path. @throws FileRefused when nothing is left, or over 200 characters */
export function nameFrom(given: string | null): string {
  const name = (given ?? '').split(/[/\\]/).at(-1)?.replace(removed, '').trim().normalize('NFC') ?? '';
  if (name === '' || [...name].length > 200 || !name.isWellFormed())
    throw new FileRefused('NAME_MISSING', { got: given === null ? { zh: '缺失', en: 'none' } : JSON.stringify(given.slice(0, 50)) });
  return name;
}

/** Never shown inside a page; the name in any script (RFC 6266), with a plain one for clients that know no other. */
export function dispositionOf(name: string): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="evidence${path.extname(name)}"; filename*=UTF-8''${encoded}`;
}
