import { createHmac } from 'node:crypto';
import { isSame } from './same.ts';

/** What V1 signs: every field but authToken, names sorted, values URL-decoded, `k=v&k=v`. */
export const v1Data = (fields: Readonly<Record<string, string>>): string =>
  Object.keys(fields)
    .filter((name) => name !== 'authToken')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');

/** authToken: base64(HMAC-SHA256(Key + timeStamp, data)). `fields` holds timeStamp. */
export const v1Token = (key: string, fields: Readonly<Record<string, string>>): string =>
  createHmac('sha256', `${key}${fields.timeStamp ?? ''}`)
    .update(v1Data(fields))
    .digest('base64');

/** What Kit V1 signs: the body's fields without blank ones; a list or an object counts as its JSON text [I]. */
export function kitV1Fields(body: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(body).map(([name, value]) => [name, textOf(value)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text.trim() !== ''));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const bodySignature = (key: string, body: string | Uint8Array): string => createHmac('sha256', key).update(body).digest('base64');

export type BodySign = 'right' | 'wrong' | 'missing' | 'unreadable';

/** Reads an answer's `Body-Sign`, leniently: with or without blanks and quotes, in any order, or the bare signature. */
export function checkBodySign(header: string | undefined, { key, body }: { key: string; body: string | Uint8Array }): BodySign {
  if (!header?.trim()) return 'missing';
  const named = /signature\s*=\s*["']?\s*([A-Za-z0-9+/_-]+={0,2})/i.exec(header.replace(/sign_type\s*=\s*["']?[^"',;]*["']?/i, ''));
  const bare = /^\s*["']?([A-Za-z0-9+/_-]{43}=?)["']?\s*$/.exec(header);
  const signature = (named ?? bare)?.[1];
  if (!signature) return 'unreadable';
  const standard = signature.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return isSame(standard, bodySignature(key, body).replace(/=+$/, '')) ? 'right' : 'wrong';
}
