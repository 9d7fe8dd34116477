/** JSON with sorted keys, so that the same content always hashes alike, whether before it is stored or after. */
export const canonical = (value: unknown): string => textOf(value) ?? 'null';

/** Undefined for what JSON has no form for. */
function textOf(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON());
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const text = textOf((value as Record<string, unknown>)[key]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${text}`;
  }
  return `{${members}}`;
}

/** Whether two values are one as JSON: what was stored comes back with its keys in another order. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other || ((one === undefined) === (other === undefined) && canonical(one) === canonical(other));

/** What of a context is another than before, by name. */
export const changed = (before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([key, value]) => !isSame(value, before[key])));
