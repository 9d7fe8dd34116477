import type { Calendar } from '../spans.ts';

/** A settlement period: a calendar month of Asia/Shanghai, half open: [from, until). Instants are epoch milliseconds. */
export type Period = { /** As in 2026-10. */ label: string; from: number; until: number };

const dayMs = 86_400_000;
/** Shanghai has kept UTC+8 all year since 1991. */
export const offsetMs = 8 * 3_600_000;

/** The month that lies so many months after the one of `at`. */
export function periodOf(at: number, monthsLater = 0): Period {
  const local = new Date(at + offsetMs);
  const month = (later: number) => Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + monthsLater + later, 1);
  return { label: new Date(month(0)).toISOString().slice(0, 7), from: month(0) - offsetMs, until: month(1) - offsetMs };
}

/** BIL-1: when the bills of a period are made: that day of the month after it, or the next working day, 00:00 in Shanghai. */
export function billingAt({ until }: Pick<Period, 'until'>, day: number, calendar: Calendar): number {
  return calendar.addWorkingDays(until + (day - 2) * dayMs, 1);
}

/** The last period whose bills are due at `now`; what lies before its end and is not billed yet is owed a bill. */
export function duePeriod(now: number, day: number, calendar: Calendar): Period {
  for (let back = -1; ; back--) {
    const period = periodOf(now, back);
    if (billingAt(period, day, calendar) <= now) return period;
  }
}

/** BIL-9: when something dated `effectiveAt` is billed, as seen at `now`; what is late comes with the next bills. */
export function expectedAt({ effectiveAt, now, day, calendar }: { effectiveAt: number; now: number; day: number; calendar: Calendar }): number {
  const own = billingAt(periodOf(effectiveAt), day, calendar);
  return own > now ? own : billingAt(periodOf(duePeriod(now, day, calendar).until), day, calendar);
}
