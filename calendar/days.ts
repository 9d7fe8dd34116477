import { createRequire } from 'node:module';
import chineseDays from 'chinese-days';
import { festivals } from './festivals.ts';

/** A day of the calendar as text, `2026-10-01`, in Asia/Shanghai. */
export type Day = string;

/** A day that its weekday alone does not explain: a public holiday, or a weekend day that is worked for one. */
export type SpecialDay = { kind: 'holiday' | 'workday'; name: string; source: 'announced' | 'statutory' | 'operators' };

const { version } = createRequire(import.meta.url)('chinese-days/package.json') as { version: string };

/** Which data the special days come from: the library's announced years, and the estimate of this revision beyond them. */
export const dataVersion = `chinese-days@${version}+statutory.1`;

const dayMs = 86_400_000;
export const indexOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`) / dayMs;
export const dayAt = (index: number): Day => new Date(index * dayMs).toISOString().slice(0, 10);
export const yearAt = (index: number): number => new Date(index * dayMs).getUTCFullYear();
/** The first of January 1970 was a Thursday. */
export const isWeekend = (index: number): boolean => ((((index + 4) % 7) + 7) % 7) % 6 === 0;

/** Does the library know the year as announced? 国庆节 is off in every year. */
export const isAnnounced = (year: number): boolean => specialName(`${year}-10-01`) !== undefined;

/** A special day is named "National Day,国庆节,3", any other by its weekday. */
const specialName = (day: Day): string | undefined => chineseDays.getDayDetail(day).name.split(',')[1];

const announced = new Map<number, ReadonlyMap<number, SpecialDay>>();
/** The special days of a year as the State Council announced them, by day index. */
export function announcedDays(year: number): ReadonlyMap<number, SpecialDay> {
  const known = announced.get(year);
  if (known) return known;
  const days = new Map<number, SpecialDay>();
  for (let index = indexOf(`${year}-01-01`); yearAt(index) === year; index++) {
    const name = specialName(dayAt(index));
    if (name) days.set(index, { kind: chineseDays.isWorkday(dayAt(index)) ? 'workday' : 'holiday', name, source: 'announced' });
  }
  announced.set(year, days);
  return days;
}

const statutory = new Map<number, ReadonlyMap<number, SpecialDay>>();
/**
 * What the law alone says of a year (国务院令第795号, in force since 2025): thirteen public holidays, and a working day off
 * in lieu for each that falls on a weekend, here the next one. Which weekends are worked is known only when announced.
 * Empty for years whose festivals are not tabled.
 */
export function statutoryDays(year: number): ReadonlyMap<number, SpecialDay> {
  const known = statutory.get(year);
  if (known) return known;
  const days = new Map<number, SpecialDay>();
  const tabled = festivals[year];
  if (!tabled) return days;
  const [newYear, dragonBoat, midAutumn, tombSweeping] = tabled;
  const on = (monthAndDay: string) => indexOf(`${year}-${monthAndDay}`);
  const holidays: [name: string, first: number, count: number][] = [
    ['元旦', on('01-01'), 1],
    ['春节', on(newYear) - 1, 4],
    ['清明', on(tombSweeping), 1],
    ['劳动节', on('05-01'), 2],
    ['端午', on(dragonBoat), 1],
    ['中秋', on(midAutumn), 1],
    ['国庆节', on('10-01'), 3],
  ];
  const dates = holidays.flatMap(([name, first, count]) => Array.from({ length: count }, (_, n) => ({ name, index: first + n })));
  for (const { name, index } of dates) days.set(index, { kind: 'holiday', name, source: 'statutory' });
  // two holidays on one day are one day off, and another in lieu
  const owed = dates.filter(({ index }, at) => isWeekend(index) || dates.findIndex((other) => other.index === index) !== at);
  for (const { name, index } of owed) {
    let inLieu = index;
    while (isWeekend(inLieu) || days.has(inLieu)) inLieu += 1;
    days.set(inLieu, { kind: 'holiday', name, source: 'statutory' });
  }
  statutory.set(year, days);
  return days;
}
