/** Text as PostgreSQL can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** The same for every text inside a JSON value, keys included. */
export function storableJson<T>(value: T): T {
  if (typeof value === 'string') return storable(value) as T;
  if (Array.isArray(value)) return value.map(storableJson) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [storable(key), storableJson(member)])) as T;
}

/** Where a JSON value holds text that PostgreSQL cannot: a path, or null. */
export function unstorablePath(value: unknown, path = ''): string | null {
  if (typeof value === 'string') return storable(value) === value ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = unstorablePath(key, path) ?? unstorablePath(member, path ? `${path}.${key}` : key);
    if (found !== null) return found;
  }
  return null;
}
