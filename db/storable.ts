/** Text as PostgreSQL can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** The same for every text inside a JSON value, keys included. */
export const storableJson = <T>(value: T): T => {
  const text = JSON.stringify(value);
  return text === undefined ? value : (JSON.parse(text.replace(/\\u(0000|d[89a-f][0-9a-f]{2})/g, '\\ufffd')) as T);
};

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
