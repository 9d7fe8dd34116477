const secretName = /secret|passw|token|authori[sz]ation|signature|credential|api.?key|access.?key|private.?key|cookie/i;
const secretsInText: [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***'],
  [/((?:secret|passw(?:or)?d|token|signature|credential|api.?key|access.?key|cookie)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi, '$1***'],
  [/(:\/\/[^\s/:@]+):[^\s/@]+@/g, '$1:***@'],
];

/** What came back from the outside, without the secrets in it: an answer is kept and exported (PRD-3). */
export const maskedText = (text: string): string => secretsInText.reduce((left, [secret, instead]) => left.replace(secret, instead), text);

/** The same for every text inside a JSON value, and for what a member's name calls a secret. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, secretName.test(name) && member !== null ? '***' : masked(member)]));
}

/** Enough of a mail address or a telephone number to recognise one that is known: z***@example.com, 138****0001. */
export function maskedAddress(address: string): string {
  const [name = '', host] = address.split('@');
  if (host !== undefined) return `${[...name][0] ?? ''}***@${host}`;
  return address.length < 8 ? '***' : `${address.slice(0, 3)}****${address.slice(-4)}`;
}

/** Every mail address and telephone number in a text, masked so. */
export const withoutAddresses = (text: string): string => text.replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d{8,15}/g, maskedAddress);
