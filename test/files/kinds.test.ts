import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { extensionOf, mediaTypeOf } from '../../files/kinds.ts';
import { aCompound, anOfficeFile, aZip, samples } from './samples.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'steward-kinds-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The media type that `content` named a.EXTENSION is taken as, or what it is refused for. */
async function taken(extension: string, content: Buffer | string): Promise<string> {
  const file = path.join(directory, 'content');
  writeFileSync(file, content);
  return mediaTypeOf(file, extensionOf(`a.${extension}`)).catch((error: Error) => error.message.replace(/^.*, got (.*)\. Upload.*$/, 'refused: $1'));
}

const extensions = Object.keys(samples);
test.for(extensions)('a .%s is taken under its own extension only; an office file is a ZIP as well (SUP-9)', async (kind) => {
  const content = samples[kind] as Buffer;
  const answers = await Promise.all(extensions.map(async (extension) => [extension, await takenAlone(extension, content)] as const));
  const accepted = answers.filter(([, answer]) => !answer.startsWith('refused')).map(([extension]) => extension);
  expect(accepted).toEqual(/^(docx|pptx|xlsx)$/.test(kind) ? ['zip', kind].sort(byList) : [kind]);
});
const byList = (a: string, b: string) => extensions.indexOf(a) - extensions.indexOf(b);
async function takenAlone(extension: string, content: Buffer): Promise<string> {
  const own = path.join(directory, extension);
  writeFileSync(own, content);
  return mediaTypeOf(own, extensionOf(`a.${extension}`)).catch(() => 'refused');
}

const gbk = Buffer.from('d1e9cad5b1a8b8e6a3bab7fecef1d2d1bfaacda8', 'hex');
test.for([
  ['text of Windows in China', gbk, 'text/plain; charset=gb18030'],
  ['UTF-8 with a mark', '\ufeff验收', 'text/plain; charset=utf-8'],
  ['letters that are also a magic number', 'BM 会议纪要', 'text/plain; charset=utf-8'],
  ['GIF letters', 'GIF89a is a format', 'text/plain; charset=utf-8'],
  ['markup', '<?xml version="1.0"?><a/>', 'text/plain; charset=utf-8'],
  ['a multibyte character over the edge of a chunk', `${'a'.repeat(65_535)}验`, 'text/plain; charset=utf-8'],
  ['a NUL', 'a\0b', 'refused: content that is damaged or of no known kind'],
  ['UTF-16', Buffer.from('\ufeff验收报告', 'utf16le'), 'refused: content that is damaged or of no known kind'],
  ['a NUL after 100 KB', Buffer.concat([Buffer.alloc(100_000, 'a'), Buffer.from([0])]), 'refused: content that is damaged or of no known kind'],
  ['a cut character', Buffer.from('验收').subarray(0, 5), 'refused: content that is damaged or of no known kind'],
  ['a gzip', Buffer.from('1f8b0800000000000003', 'hex'), 'refused: gz'],
] as const)('.txt with %s', async ([, content, expected]) => {
  expect(await taken('txt', content)).toBe(expected);
});

const word = 'wordprocessingml.document';
test.for([
  ['docx', 'two documents in one', anOfficeFile('word/document.xml', word, { 'xl/workbook.xml': '' }), 'refused: zip'],
  ['docx', 'macros', anOfficeFile('word/document.xml', word, { 'word/vbaProject.bin': '' }), 'refused: an office document with macros'],
  ['docx', 'a password', aCompound('EncryptionInfo', 'EncryptedPackage'), 'refused: an office document with a password'],
  ['docx', 'its parts in any order, and Office 365’s names', anOfficeFile('word/document2.xml', word, { '_rels/.rels': '' }), /wordprocessingml/],
  ['docx', 'its end cut off', (samples.docx as Buffer).subarray(0, -1), 'refused: content that is damaged or of no known kind'],
  ['zip', 'the magic number alone', Buffer.from('PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), 'refused: content that is damaged or of no known kind'],
  ['zip', 'a manifest, as a jar has one', aZip({ 'META-INF/MANIFEST.MF': '' }), 'application/zip'],
  ['zip', 'a comment', withComment(samples.zip as Buffer, 'PK\x05\x06 in a comment, longer than an end record'), 'application/zip'],
  ['zip', 'a program before it', Buffer.concat([Buffer.from('MZ\0\0'), samples.zip as Buffer]), /refused/],
  ['doc', 'the magic number alone', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'refused: content that is damaged or of no known kind'],
  ['doc', 'a spreadsheet', aCompound('Workbook'), 'refused: another OLE compound file'],
  ['doc', 'a directory that leads in a circle', circular(samples.doc as Buffer), 'refused: another OLE compound file'],
  ['pdf', 'a page', '<html>%PDF-</html>', 'refused: plain text'],
] as const)('.%s with %s', async ([extension, , content, expected]) => {
  expect(await taken(extension, content)).toMatch(expected);
});

test('nothing is unpacked: a document whose parts are bombs or rubbish is told by its names (SUP-9)', async () => {
  const bomb = deflateRawSync(Buffer.alloc(8 * 1024 * 1024)).toString('latin1');
  const rubbish = anOfficeFile('ppt/presentation.xml', 'presentationml.presentation', { 'ppt/media/bomb': bomb });
  // claims deflate for parts that are none, so that any try to inflate them would fail
  for (let at = rubbish.indexOf('PK\x03\x04'); at >= 0; at = rubbish.indexOf('PK\x03\x04', at + 4)) rubbish.writeUInt16LE(8, at + 8);
  for (let at = rubbish.indexOf('PK\x01\x02'); at >= 0; at = rubbish.indexOf('PK\x01\x02', at + 4)) rubbish.writeUInt16LE(8, at + 10);
  expect(await taken('pptx', rubbish)).toMatch('presentationml');
});

test('no damaged file takes the check down: every cut and many flipped bytes are an answer', async () => {
  for (const kind of ['docx', 'doc', 'png'] as const) {
    const content = samples[kind] as Buffer;
    for (let length = 1; length < content.length; length += 23) expect(await taken(kind, content.subarray(0, length))).toMatch(/^refused|\//);
    for (let at = 8; at < content.length; at += 17) expect(await taken(kind, Buffer.from(content).fill(0xff, at, at + 4))).toMatch(/^refused|\//);
  }
});

function withComment(zip: Buffer, comment: string): Buffer {
  const end = Buffer.from(zip);
  end.writeUInt16LE(comment.length, end.length - 2);
  return Buffer.concat([end, Buffer.from(comment, 'latin1')]);
}

function circular(compound: Buffer): Buffer {
  const copy = Buffer.from(compound);
  copy.writeUInt32LE(1, 512 + 4);
  copy.write('X', 1024 + 2 * 128, 'utf16le');
  copy.writeUInt32LE(1, 1024 + 2 * 128 + 72);
  return copy;
}
