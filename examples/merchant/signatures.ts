import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The merchant's side of the signatures in the production interface, written by its document alone: it shares no code with the marketplace's client. */

/** Names sorted, values as they are once URL-decoded, `k=v&k=v`. */
export function v1Data(fields: Readonly<Record<string, string>>): string {
  return Object.keys(fields)
    .filter((name) => name !== 'authToken')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

/** V1: base64 HMAC-SHA256 with the key `Key + timeStamp`. */
export function v1Token(key: string, fields: Readonly<Record<string, string>>): string {
  return createHmac('sha256', `${key}${fields.timeStamp ?? ''}`)
    .update(v1Data(fields))
    .digest('base64');
}

/** Kit V1: over the body's fields, blank ones left out; a list or an object counts as its JSON text [I]. */
export function kitV1Token(key: string, body: Readonly<Record<string, unknown>>): string {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    const text = typeof value === 'string' ? value : value == null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (text.trim() !== '') fields[name] = text;
  }
  return v1Token(key, fields);
}

/** The header that signs a V1 answer. */
export function bodySign(key: string, body: string): string {
  return `sign_type="HMAC-SHA256", signature= "${createHmac('sha256', key).update(body).digest('base64')}"`;
}

const hmacHex = (key: string, data: string) => createHmac('sha256', key).update(data).digest('hex');

/** V2: over the body's own HMAC in lower-case hex. Compared without case. */
export function v2Signature(accessKey: string, { nonce, timestamp, body }: { nonce: string; timestamp: string; body: string }): string {
  return hmacHex(accessKey, `${accessKey}${nonce}${timestamp}${hmacHex(accessKey, body)}`);
}

/** Kit V2 (x-sign): over the body itself. */
export function kitV2Signature(accessKey: string, { nonce, timestamp, body }: { nonce: string; timestamp: string; body: string }): string {
  return hmacHex(accessKey, `${accessKey}${nonce}${timestamp}${body}`);
}

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export function isSame(got: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(got), digest(expected));
}
