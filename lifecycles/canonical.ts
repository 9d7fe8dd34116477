/** JSON with sorted keys, so that the same content always hashes alike, whether before it is stored or after. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonical(value.toJSON());
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonical(member)}`;
  }
  return `{${members}}`;
}

/** Whether two values are one as JSON: what was stored comes back with its keys in another order. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other || ((one === undefined) === (other === undefined) && canonical(one) === canonical(other));

/** What of a context is another than before, by name. */
export const changed = (before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([key, value]) => !isSame(value, before[key])));
