import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a call says of itself, as its two forms of signature see it. */
export type Signed = {
  method: string;
  /** With its query, as it came. */
  url: URL;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
};

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (secret: string, data: Buffer | string) => createHmac('sha256', secret).update(data).digest('hex');

/** Compares in a time that does not tell how much of them is the same; hex without case. */
export function isSame(got: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text.toLowerCase()).digest();
  return timingSafeEqual(digest(got), digest(expected));
}

export type SignedByAkSk = { ak: string; signature: string; date: string; signedHeaders: string[] };

/** `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…` with X-Sdk-Date; null for anything else. */
export function akSkIn({ headers }: Pick<Signed, 'headers'>): SignedByAkSk | null {
  const [, fields = ''] = /^SDK-HMAC-SHA256\s+(.*)$/i.exec(String(headers.authorization ?? '')) ?? [];
  const named = Object.fromEntries(
    fields.split(/,\s*/).map((pair) => [pair.slice(0, pair.indexOf('=')).trim().toLowerCase(), pair.slice(pair.indexOf('=') + 1).trim()]),
  );
  const { access: ak, signedheaders, signature } = named;
  const date = headers['x-sdk-date'];
  if (!ak || !signedheaders || !signature || typeof date !== 'string') return null;
  return { ak, signature, date, signedHeaders: signedheaders.toLowerCase().split(';') };
}

/** Epoch milliseconds of yyyyMMddTHHmmssZ; NaN when it is none. */
export function sdkDate(date: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return second ? Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) : Number.NaN;
}

/** Whether `given` signs this call. Host and date must be among what is signed; a Host without a port may be signed with 443. */
export function isSignedByAkSk(call: Signed, given: SignedByAkSk, secret: string): boolean {
  if (!given.signedHeaders.includes('host') || !given.signedHeaders.includes('x-sdk-date')) return false;
  const host = String(call.headers.host ?? '').toLowerCase();
  const hosts = /:\d+$/.test(host) ? [host, host.replace(/:443$/, '')] : [host, `${host}:443`];
  return hosts.some((signedHost) => isSame(given.signature, akSkSignature(call, { ...given, host: signedHost, secret })));
}

/** The signature by a canonical form of the call, as the API gateway's SDKs compute it. */
export function akSkSignature(
  { method, url, headers, body }: Signed,
  { date, signedHeaders, host, secret }: { date: string; signedHeaders: readonly string[]; host: string; secret: string },
): string {
  const value = (name: string) => (name === 'host' ? host : String(headers[name] ?? '').trim());
  const path = url.pathname
    .split('/')
    .map((part) => encoded(decodeURIComponent(part)))
    .join('/');
  const query = [...url.searchParams]
    .map(([name, text]) => `${encoded(name)}=${encoded(text)}`)
    .sort()
    .join('&');
  const sorted = [...signedHeaders].sort();
  const canonical = [
    method,
    path.endsWith('/') ? path : `${path}/`,
    query,
    ...sorted.map((name) => `${name}:${value(name)}`),
    '',
    sorted.join(';'),
    sha256(body),
  ];
  return hmac(secret, `SDK-HMAC-SHA256\n${date}\n${sha256(canonical.join('\n'))}`);
}

/** The second form: as V2 signs what the marketplace sends. */
export const nonceSignature = (secret: string, { nonce, ts, body }: { nonce: string; ts: string; body: Buffer }): string =>
  hmac(secret, `${secret}${nonce}${ts}${hmac(secret, body)}`);

const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
