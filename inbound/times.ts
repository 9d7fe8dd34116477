/** Epoch milliseconds of what merchants send as UTC: yyyyMMddHHmmss, yyyyMMddHHmmssSSS or ISO 8601 with Z; else null. */
export function instantIn(given: unknown): number | null {
  if (typeof given !== 'string') return null;
  const [, year, month, day, hour, minute, second, ms = '0'] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(given) ?? [];
  const iso = year ? `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms.padStart(3, '0')}Z` : given;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(iso)) return null;
  const at = Date.parse(iso);
  // the 31st of a shorter month is read as the next one's first
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== iso.slice(0, 10) ? null : at;
}

/** UTC as the production interface writes it. */
export const compactUtc = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(0, 14);

const hour = 3_600_000;
const day = 24 * hour;
/** Beijing is 8 hours ahead, without summer time. */
const beijing = 8 * hour;

/** A record over a day or more is a daily one, due by 01:00 Beijing time after its end; any other within 2 hours of it. */
export function isLate({ beginAt, endAt, receivedAt }: { beginAt: number; endAt: number; receivedAt: number }): boolean {
  if (endAt - beginAt < day - hour) return receivedAt > endAt + 2 * hour;
  return receivedAt > Math.ceil((endAt + beijing) / day) * day - beijing + hour;
}
