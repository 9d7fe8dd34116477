/** How the production interface writes instants and money. */

const digits = (epochMs: number) => new Date(epochMs).toISOString().replace(/\D/g, '');

/** UTC yyyyMMddHHmmssSSS. */
export const compactWithMs = (epochMs: number): string => digits(epochMs);
/** UTC yyyyMMddHHmmss. */
export const compact = (epochMs: number): string => digits(epochMs).slice(0, 14);
/** Kit: the same in UTC+8. */
export const compactInBeijing = (epochMs: number): string => compactWithMs(epochMs + 8 * 3_600_000);

/** 分 as 元 with two decimals: 12345 → "123.45". */
export function yuan(minor: number): string {
  const sign = minor < 0 ? '-' : '';
  const cents = Math.abs(minor);
  return `${sign}${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** Compact JSON with sorted names, raw UTF-8 [I]; what is undefined is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
