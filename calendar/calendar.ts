import { DateTime } from 'luxon';
import type { Calendar } from '../lifecycles/spans.ts';
import { announcedDays, type Day, dataVersion, dayAt, indexOf, isAnnounced as isDelivered, isWeekend, type SpecialDay, statutoryDays, yearAt } from './days.ts';

const zone = 'Asia/Shanghai';
const dayMs = 86_400_000;
/** Shanghai has kept UTC+8 all year since 1991. */
const offsetMs = 8 * 3_600_000;

/** One change that operators made: days set or given back, and perhaps a year that they entered as announced. */
export type CalendarChange = {
  version: number;
  /** All its special days are in this change; the estimate of that year, and the library's, are dropped. */
  announcedYear: number | null;
  /** `computed` takes an earlier correction of the day back. */
  days: readonly { day: Day; kind: 'holiday' | 'workday' | 'computed'; name: string | null }[];
};

/** The working-day calendar with what can be asked of it beside the rules' arithmetic, and from which a corrected one is made. */
export type WorkingDays = Calendar & {
  /** 0 without operators' changes. */
  operatorsVersion: number;
  isAnnounced(year: number): boolean;
  isWorkday(day: Day): boolean;
  /** The special days of a year, in order. */
  specialDays(year: number): (SpecialDay & { day: Day })[];
  /** This calendar's data with operators' changes: all of them, in order. */
  corrected(changes: readonly CalendarChange[]): WorkingDays;
};

/** TIM-1: the Chinese working-day calendar with its holidays and make-up days, Asia/Shanghai, as it is delivered. */
export const shanghai: WorkingDays = createCalendar([]);

function createCalendar(changes: readonly CalendarChange[]): WorkingDays {
  const operatorsVersion = changes.at(-1)?.version ?? 0;
  const entered = new Set(changes.flatMap(({ announcedYear }) => announcedYear ?? []));
  const corrections = new Map<number, SpecialDay | null>();
  for (const { announcedYear, days } of changes) {
    if (announcedYear !== null) for (const index of corrections.keys()) if (yearAt(index) === announcedYear) corrections.delete(index);
    for (const { day, kind, name } of days) corrections.set(indexOf(day), kind === 'computed' ? null : { kind, name: name ?? '', source: 'operators' });
  }
  const years = new Map<number, ReadonlyMap<number, SpecialDay>>();
  const isAnnounced = (year: number) => entered.has(year) || isDelivered(year);

  return {
    version: operatorsVersion === 0 ? dataVersion : `${dataVersion}+operators.${operatorsVersion}`,
    operatorsVersion,
    announcedUntil: Date.parse(`${firstNotAnnounced()}-01-01T00:00:00+08:00`),
    addWorkingDays(from, n) {
      const first = Math.floor((from + offsetMs) / dayMs);
      let index = first;
      for (let left = n; left > 0; ) {
        index += 1;
        if (isWorking(index)) left -= 1;
      }
      return from + (index - first) * dayMs;
    },
    addMonths: (from, n) => DateTime.fromMillis(from, { zone }).plus({ months: n }).toMillis(),
    isAnnounced,
    isWorkday: (day) => isWorking(indexOf(day)),
    specialDays: (year) => [...specialIn(year)].sort(([one], [other]) => one - other).map(([index, special]) => ({ day: dayAt(index), ...special })),
    corrected: createCalendar,
  };

  function isWorking(index: number): boolean {
    const special = specialIn(yearAt(index)).get(index);
    return special ? special.kind === 'workday' : !isWeekend(index);
  }

  function specialIn(year: number): ReadonlyMap<number, SpecialDay> {
    const known = years.get(year);
    if (known) return known;
    const days = new Map(entered.has(year) ? [] : isAnnounced(year) ? announcedDays(year) : statutoryDays(year));
    for (const [index, special] of corrections) {
      if (yearAt(index) !== year || special === null) continue;
      days.set(index, special);
    }
    years.set(year, days);
    return days;
  }

  function firstNotAnnounced(): number {
    for (let year = 2024; ; year++) if (!isAnnounced(year)) return year;
  }
}
