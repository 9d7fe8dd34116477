import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicPem } from '../../db/signingKey.ts';
import { run } from '../../evidence/verify-bundle.ts';
import { createRegistry } from '../../lifecycles/registry.ts';
import { aDatabase, aPaidOrder } from '../world.ts';
import { bundleOf, keys } from './bundles.ts';
import { contentOf, resealed } from './forge.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'steward-verifier-'));
let bundle: Buffer;
beforeAll(async () => {
  const database = await aDatabase();
  const { number } = await aPaidOrder(database);
  bundle = (await bundleOf(database, number)) as Buffer;
  await database.drop();
});
afterAll(() => rmSync(directory, { recursive: true }));

const inFile = (content: Buffer | string, name = 'file'): string => {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return file;
};
/** Larger than a bundle can be, without taking the disk's space. */
const huge = () => {
  const file = path.join(directory, 'huge');
  const handle = openSync(file, 'w');
  ftruncateSync(handle, 2 ** 30 + 1);
  closeSync(handle);
  return file;
};
const firstLine = () => bundle.subarray(0, bundle.indexOf('\n') + 1);
const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;

test.each<[string, () => string, string]>([
  ['nothing there', () => path.join(directory, 'none'), 'NOT_READABLE'],
  ['a directory', () => directory, 'NOT_READABLE'],
  ['an empty file', () => inFile(''), 'EMPTY'],
  ['only line ends', () => inFile('\n\n\n'), 'NOT_A_BUNDLE (line 1)'],
  ['a JSON document', () => inFile('{"hello": "world"}\n'), 'NOT_A_BUNDLE (line 1)'],
  ['another kind of JSON lines', () => inFile('{"a":1}\n{"b":2}\n'), 'NOT_A_BUNDLE (line 1)'],
  ['a picture', () => inFile(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), 'NOT_A_BUNDLE (line 1)'],
  ['zeros without an end', () => inFile(Buffer.alloc(8 * 1024 * 1024)), 'NOT_A_BUNDLE (line 1)'],
  ['a file that is too large', huge, 'TOO_LARGE'],
  ['a bundle with a byte order mark', () => inFile(Buffer.concat([Buffer.from('efbbbf', 'hex'), bundle])), 'NOT_A_BUNDLE (line 1)'],
  ['a bundle with other line ends', () => inFile(bundle.toString().replaceAll('\n', '\r\n')), 'NOT_A_BUNDLE (line 1)'],
  ['a bundle that is put into shape', () => inFile(bundle.toString().replaceAll('":"', '": "')), 'NOT_A_BUNDLE (line 1)'],
  ['two bundles in one file', () => inFile(Buffer.concat([bundle, bundle])), 'AFTER_HEAD (line 15)'],
  ['a beginning and a picture', () => inFile(Buffer.concat([firstLine(), Buffer.from([0xff, 0xd8, 0xff, 0x0a])])), 'LINE_UNREADABLE (line 2)'],
  ['a beginning and nested objects', () => inFile(Buffer.concat([firstLine(), Buffer.from(`${deep}\n`)])), 'LINE_UNREADABLE (line 2)'],
  ['a beginning and a line without an end', () => inFile(Buffer.concat([firstLine(), Buffer.alloc(8 * 1024 * 1024, 'x')])), 'LINE_UNREADABLE (line 2)'],
  ['a beginning alone', () => inFile(firstLine()), 'TAIL_MISSING (line 1)'],
])('%s: a sentence, in both languages, never a stack trace', async (_name, file, says) => {
  const [en, zh] = [await run([file()]), await run([file(), '--lang', 'zh'])];
  expect([en.ok, zh.ok]).toEqual([false, false]);
  expect(en.lines[0]?.startsWith(`✗ ${says}: `) || en.lines[0]).toBe(true);
  expect(zh.lines[0]).toMatch(/[\u4e00-\u9fff]/);
  expect([...en.lines, ...zh.lines].join('\n')).not.toMatch(/\bat .*:\d+:\d+|undefined|\[object|\{\w+\}/);
});

test('a bundle of a later format is said to be one', async () => {
  const content = contentOf(bundle);
  Object.assign(content[0]?.row ?? {}, { version: 2 });
  expect((await run([inFile(await resealed(content))])).lines[0]).toMatch(/^✗ VERSION_UNKNOWN \(line 1\): Expected a bundle of format 1, got 2/);
});

test('rows of a form that no rule was asked about are told by their line, whoever signed them', async () => {
  for (const [kind, row] of [
    ['event', { type: '__proto__' }],
    ['event', { input: {}, facts: { evidence: 7 } }],
    ['event', { machine_version: 99 }],
    ['event', { kind: 'core', type: 'effectGaveUp', input: {} }],
    ['event', { kind: 'migrated', input: { to: 'x' } }],
    ['event', { instance_id: '00000000-0000-4000-8000-000000000000' }],
    ['instance', { lifecycle: 'constructor' }],
    ['policy', { values: 'none' }],
    ['calendar', { years: { 2026: [{ day: '2026-02-30', kind: 'holiday', name: null }] } }],
    ['deadline', { status: 'running' }],
    ['bundle', { for: null }],
  ] as const) {
    const content = contentOf(bundle);
    const at = content.findIndex((one) => one.kind === kind);
    if (at < 0)
      content.splice(3, 0, { kind, row: { version: 1, lifecycle: 'order', product: null, at: '2026-01-01T00:00:00.000Z', by: 'x', reason: 'x', ...row } });
    else Object.assign(content[at]?.row ?? {}, row);
    const { ok, lines } = await run([inFile(await resealed(content))]);
    expect([ok, lines[0]], JSON.stringify(row)).toEqual([false, expect.stringMatching(/^✗ [A-Z_]+ \(line \d+/)]);
  }
});

test.each<[string, () => string[], RegExp]>([
  ['no file', () => [], /^Expected one FILE, got none\./],
  ['two files', () => ['a', 'b'], /^Expected one FILE, got a b\./],
  ['an unknown option', () => ['a', '--fast'], /^Unknown option '--fast'/],
  ['another language', () => ['a', '--lang', 'fr'], /^Expected --lang zh or --lang en, got fr\./],
  ['no such key', () => [inFile(bundle), '--key', path.join(directory, 'none')], /^✗ NOT_READABLE: Expected to read .*none, got nothing there/],
  ['a key that is none', () => [inFile(bundle), '--key', inFile('no key', 'key')], /^✗ KEY_UNREADABLE: /],
  [
    'a key of another kind',
    () => [inFile(bundle), '--key', inFile(publicPem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), 'rsa')],
    /^✗ KEY_UNREADABLE: /,
  ],
  ['another’s key', () => [inFile(bundle), '--key', inFile(publicPem(generateKeyPairSync('ed25519').publicKey), 'other')], /^✗ KEY_DIFFERS: /],
  ['no such directory of files', () => [inFile(bundle), '--files', path.join(directory, 'none')], /^✗ NOT_READABLE: /],
])('%s is answered with what was expected', async (_name, args, says) => {
  const { ok, lines } = await run(args());
  expect([ok, lines[0]]).toEqual([false, expect.stringMatching(says)]);
});

test('as a program it ends with 0 or 1, and needs neither database nor network', async () => {
  const program = (...args: string[]) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const env = { PATH: process.env.PATH ?? '' };
      execFile(process.execPath, ['evidence/verify-bundle.ts', ...args], { env }, (error, out, err) =>
        resolve({ code: Number(error?.code ?? 0), out: out + err }),
      );
    });
  const fits = await program(inFile(bundle), '--key', inFile(publicPem(keys.publicKey), 'right'));
  expect([fits.code, fits.out]).toEqual([0, expect.stringMatching(/which is the one you gave[\s\S]*The bundle fits\.\n$/)]);
  expect(await program(inFile(bundle.subarray(0, -2)))).toMatchObject({ code: 1, out: expect.stringContaining('TAIL_MISSING') });
});

test('every lifecycle has a fingerprint that its machine and its declaration make', async () => {
  const { fingerprintOf, rulesHash } = await import('../../evidence/fingerprint.ts');
  const [order] = createRegistry().current;
  if (!order) throw new Error('expected a lifecycle');
  const own = fingerprintOf(order);
  expect(own).toEqual({ chart: expect.stringMatching(/^[0-9a-f]{64}$/), declaration: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(fingerprintOf({ ...order, policies: {} })).toMatchObject({ chart: own.chart, declaration: expect.not.stringMatching(own.declaration) });
  expect(rulesHash()).toMatch(/^[0-9a-f]{64}$/);
});
