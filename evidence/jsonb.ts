/**
 * A value as PostgreSQL gives it back from a jsonb column: keys by length, then by bytes. Rules that compare values as
 * text see this order, so an execution that is to be the same must see it too.
 */
export function asJsonb<T>(value: T): T {
  if (Array.isArray(value)) return value.map(asJsonb) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(([one], [other]) => compare(one, other)).map(([name, member]) => [name, asJsonb(member)])) as T;
}

function compare(one: string, other: string): number {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length - b.length || Buffer.compare(a, b);
}
