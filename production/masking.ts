import { depthOf, mostDepth } from './json.ts';

/** What a record shows to people: secrets masked, size capped (PRD-3). */

const secretName =
  /^(password|passwd|pwd|user_?name|memo|client_?secret|secret|access_?key|auth_?token|token|x-sign|signature|mobile_?phone|mobile|email|license)$/i;
const mask = '***';
const most = 4_000;

/** The first characters of a signature: enough to compare, too few to use. */
const beginning = (signature: string) => `${signature.slice(0, 6)}…`;
const signatures = new Set(['authtoken', 'signature', 'x-sign']);

const masked = (name: string, value: unknown): unknown =>
  !secretName.test(name) || value === null || value === '' ? value : typeof value === 'string' && signatures.has(name.toLowerCase()) ? beginning(value) : mask;

const capped = (text: string): string => (text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text);

/** A JSON text with every secret masked, whatever its depth; other text loses what looks like one. `secrets` never appear. */
export function maskedText(text: string, secrets: readonly string[] = []): string {
  return capped(without(jsonMasked(text) ?? looseMasked(text), secrets));
}

function jsonMasked(text: string): string | null {
  // the replacer walks it on the stack
  if (depthOf(text) > mostDepth) return null;
  try {
    return JSON.stringify(JSON.parse(text), function (this: unknown, name, value: unknown) {
      // a list as JSON text, as Kit V1 sends it
      const isText = typeof value === 'string' && /^\s*[[{]/.test(value);
      const own = masked(name, value);
      return own !== value || typeof value !== 'string' ? own : ((isText ? jsonMasked(value) : null) ?? looseMasked(value));
    });
  } catch {
    return null;
  }
}

const looseMasked = (text: string) =>
  text.replace(/(["']?)([A-Za-z_-]+)\1(\s*[:=]\s*)(["']?)([^"'&\s,}<]+)/g, (whole, quote, name, between, open, value) =>
    secretName.test(name) ? `${quote}${name}${quote}${between}${open}${masked(name, value)}` : whole,
  );

const without = (text: string, secrets: readonly string[]) =>
  secrets.filter((secret) => secret.length >= 4).reduce((kept, secret) => kept.replaceAll(secret, mask), text);

export function maskedUrl(url: URL, secrets: readonly string[] = []): string {
  const query = [...url.searchParams].map(([name, value]) => `${name}=${masked(name, value)}`).join('&');
  return capped(without(`${url.origin}${url.pathname}${query && `?${query}`}`, secrets));
}

export const maskedFields = (fields: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, masked(name, value)]));
