import { readJson } from './json.ts';
import { fieldProblem, type Problem } from './problems.ts';
import { decrypt, type EncryptType } from './signatures/encryption.ts';

/** What a merchant says of an instance and anyone of the order may see. */
export type AppInfo = { frontEndUrl: string | null; adminUrl: string | null };
/** Shown on request only, each time logged (BUY-1). A memo often says the first password. */
export type Credentials = { userName: string | null; password: string | null; memo: string | null };

const mostUrl = 1_000;
const isWebUrl = (value: string) => value.length <= mostUrl && ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? '');

/** Reads `appInfo`, leniently: JSON text instead of an object, and credentials left unencrypted, are read and said. */
export function readAppInfo(
  given: unknown,
  { key, formerKey, encryptType, generation }: { key: string; formerKey: string | null; encryptType: unknown; generation: 'V1' | 'V2' },
): { app: AppInfo | null; credentials: Credentials | null; problems: Problem[] } {
  const problems: Problem[] = [];
  const info = objectOf(given);
  if (!info) return { app: null, credentials: null, problems: given == null ? [] : [fieldProblem('appInfo', 'object', { value: given })] };
  const type = encryptTypeOf(encryptType);

  const url = (name: string): string | null => {
    const value = info[name];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string' && isWebUrl(value)) return value;
    problems.push(fieldProblem(`appInfo.${name}`, 'url', { value }));
    return null;
  };
  const secret = (name: string): string | null => {
    const value = info[name];
    if (typeof value !== 'string' || value === '') return null;
    if (generation === 'V2') return value.slice(0, 500);
    const other: EncryptType = type === '1' ? '2' : '1';
    const plain = readable(decrypt(value, { key, type })) ?? (formerKey ? readable(decrypt(value, { key: formerKey, type })) : null);
    if (plain !== null) return plain;
    const byOther = readable(decrypt(value, { key, type: other }));
    const got =
      byOther === null
        ? { zh: '无法解密的内容', en: 'something that this key does not open' }
        : { zh: `encryptType 应为 "${other}"`, en: `what encryptType "${other}" opens` };
    problems.push(fieldProblem(`appInfo.${name}`, 'encrypted', { value, got }));
    // what was never encrypted looks like no base64 of whole blocks
    return byOther ?? (looksEncrypted(value) ? null : value.slice(0, 500));
  };

  const app = { frontEndUrl: url('frontEndUrl'), adminUrl: url('adminUrl') };
  const memo = typeof info.memo === 'string' ? info.memo.slice(0, 1_000) : null;
  return { app, credentials: { userName: secret('userName'), password: secret('password'), memo }, problems };
}

const encryptTypeOf = (given: unknown): EncryptType => (String(given ?? '1') === '2' ? '2' : '1');
const looksEncrypted = (value: string) => value.length >= 40 && /^[A-Za-z0-9+/]+={0,2}$/.test(value.slice(16)) && (value.length - 16) % 4 === 0;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a wrong key gives control characters
const readable = (plain: string | null) => (plain !== null && !/[\u0000-\u0008\u000e-\u001f]/.test(plain) ? plain.slice(0, 500) : null);

function objectOf(given: unknown): Record<string, unknown> | null {
  if (typeof given === 'string') {
    const read = readJson(Buffer.from(given));
    return 'value' in read ? read.value : null;
  }
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Record<string, unknown>) : null;
}
