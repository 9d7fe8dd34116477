/** JSON with sorted keys, so that the same content always hashes alike. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Whether two values are one as JSON: what was stored comes back with its keys in another order. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other || ((one === undefined) === (other === undefined) && canonical(one) === canonical(other));

/** What of a context is another than before, by name. */
export const changed = (before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([key, value]) => !isSame(value, before[key])));
