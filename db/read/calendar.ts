import type { WorkingDays } from '../../calendar/calendar.ts';
import { type Versions, versionsSql } from '../settings.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** One change that operators made to the working-day calendar. */
export type CalendarVersion = {
  version: number;
  announcedYear: number | null;
  at: number;
  by: string;
  reason: string;
  days: { day: string; kind: 'holiday' | 'workday' | 'computed'; name: string | null }[];
};

/** The working-day calendar in force. */
export async function calendarInForce(reader: Reader): Promise<WorkingDays> {
  const [row] = await reader.rows<{ versions: Versions }>({ name: 'calendar', text: `select ${versionsSql} as versions`, values: [] });
  return (await reader.settings(row?.versions ?? { policies: 0, calendar: 0 })).calendar;
}

/** What operators changed in a year, newest first. */
export async function calendarChangesOf(reader: Reader, year: number): Promise<CalendarVersion[]> {
  return reader.rows<CalendarVersion>({
    name: 'calendar changes',
    text: `select c.version, c.announced_year as "announcedYear", ${ms('c.at')} as at, c.by, c.reason, d.days
      from calendar_versions c cross join lateral (select jsonb_agg(jsonb_build_object('day', day, 'kind', kind, 'name', name) order by day) as days
        from calendar_days where version = c.version and day >= make_date($1, 1, 1) and day < make_date($1 + 1, 1, 1)) d
      where d.days is not null or c.announced_year = $1 order by c.version desc limit 200`,
    values: [year],
  });
}
