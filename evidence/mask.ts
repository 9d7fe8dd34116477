const secretName = /secret|passw|token|authori[sz]ation|signature|credential|api.?key|access.?key|private.?key|cookie/i;
const secretsInText: [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***'],
  [/((?:secret|passw(?:or)?d|token|signature|credential|api.?key|access.?key|cookie)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi, '$1***'],
  [/(:\/\/[^\s/:@]+):[^\s/@]+@/g, '$1:***@'],
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '***'],
];

/** What was sent to the outside, or came back from it, without its secrets and without people's addresses. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return secretsInText.reduce((text, [secret, instead]) => text.replace(secret, instead), value);
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
