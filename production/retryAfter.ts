/** No merchant puts us off longer than this. */
const mostMs = 3_600_000;

/** Retry-After in milliseconds, seconds or a date as HTTP writes them; null when it says nothing that can be used. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | null {
  if (!header) return null;
  const ms = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), mostMs) : null;
}
