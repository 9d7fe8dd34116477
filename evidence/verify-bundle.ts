import { createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Bilingual } from '../lifecycles/roles.ts';
import { compareContents, notReadable } from './contents.ts';
import { printed, printedUnfit } from './print.ts';
import { Unfit } from './unfit.ts';
import { verifyBundle } from './verify.ts';

const usage = `npm run verify-bundle -- FILE [--key PUBLIC-KEY.pem] [--files DIRECTORY] [--chain-only] [--lang zh]

Verifies an evidence bundle with nothing but its file: no database, no network. Ends with 0 when it fits and with 1 when it does not.
不需要数据库和网络即可验证存证包。完好时退出码为 0，否则为 1。`;

/** No bundle of one order is larger. */
const largest = 1024 ** 3;

/** @returns what to print, and whether the bundle fits */
export async function run(args: readonly string[]): Promise<{ ok: boolean; lines: string[] }> {
  const given = argumentsIn(args);
  if (typeof given === 'string') return { ok: false, lines: [given, '', usage] };
  const { file, language } = given;
  try {
    await assertReadable(file);
    const key = given.key === undefined ? null : await keyIn(given.key);
    const verification = await verifyBundle(() => createReadStream(file), { key, chainOnly: given.chainOnly });
    if (!verification.ok) throw verification.unfit;
    const compared = given.files === undefined ? null : await compareContents(verification.family.files, given.files);
    return { ok: true, lines: printed(verification, compared, language) };
  } catch (error) {
    const unfit = error instanceof Unfit ? error : notReadable(file, error);
    return { ok: false, lines: printedUnfit(unfit, language) };
  }
}

type Given = { file: string; key?: string; files?: string; chainOnly: boolean; language: keyof Bilingual };

function argumentsIn(args: readonly string[]): Given | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        files: { type: 'string' },
        'chain-only': { type: 'boolean', default: false },
        lang: { type: 'string', default: 'en' },
      },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return `Expected one FILE, got ${positionals.length === 0 ? 'none' : positionals.join(' ')}.`;
    if (values.lang !== 'en' && values.lang !== 'zh') return `Expected --lang zh or --lang en, got ${values.lang}.`;
    const { key, files, lang } = values;
    return { file, chainOnly: values['chain-only'], language: lang, ...(key === undefined ? {} : { key }), ...(files === undefined ? {} : { files }) };
  } catch (error) {
    return `${(error as Error).message.split('. ')[0]}.`;
  }
}

async function assertReadable(file: string): Promise<void> {
  const { size, isDirectory } = await stat(file).then(
    (found) => ({ size: found.size, isDirectory: found.isDirectory() }),
    (error: unknown) => {
      throw notReadable(file, error);
    },
  );
  if (isDirectory) throw notReadable(file, { code: 'EISDIR' });
  if (size > largest) throw new Unfit('TOO_LARGE', { expected: '1 GiB' });
}

async function keyIn(file: string): Promise<KeyObject> {
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    throw notReadable(file, error);
  });
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // said below, as for a key of another kind
  }
  throw new Unfit('KEY_UNREADABLE', { file });
}

if (import.meta.main) {
  // a reader that goes away, as head does, has read enough
  process.stdout.on('error', () => {});
  const { ok, lines } = await run(process.argv.slice(2));
  console.log(lines.join('\n'));
  process.exitCode = ok ? 0 : 1;
}
