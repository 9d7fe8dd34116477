import type pg from 'pg';
import type { CalendarChange, WorkingDays } from '../calendar/calendar.ts';
import { dayAt, indexOf, isWeekend, yearAt } from '../calendar/days.ts';
import { canonical } from '../lifecycles/canonical.ts';
import { type FieldProblem, fieldProblem, invalid } from '../lifecycles/problem.ts';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import { change, outdated, type Setting } from './operators.ts';
import { reasonProblems } from './requests.ts';
import { settingsIn, versionsSql } from './settings.ts';
import { storable } from './storable.ts';

export type CalendarRequest = {
  actor: Actor;
  days: CalendarChange['days'];
  /** These are all special days of that year, as the State Council announced them: its estimate ends. */
  announcedYear: number | null;
  reason: string | null;
  /** The operators' version that the caller saw; 0 before the first. */
  expectedVersion: number;
};

const label: Bilingual = { zh: '设置工作日历', en: 'Set calendar days' };
const [firstYear, lastYear, mostDays] = [2024, 2100, 120];

/** The one way in which the working-day calendar changes (TIM-1). Deadlines that run keep their instants (TIM-2). */
export function createCalendarDays({ pool }: { pool: pg.Pool }) {
  return { setCalendarDays };

  async function setCalendarDays(request: CalendarRequest): Promise<Setting> {
    const { actor, ...input } = request;
    return change(pool, { name: 'setCalendarDays', label, actor, input, work: (client) => set(client, request) });
  }

  async function set(client: pg.PoolClient, { actor, days, announcedYear, reason, expectedVersion }: CalendarRequest): Promise<Setting> {
    const { rows } = await client.query({
      name: 'calendar in force',
      text: `select ${versionsSql} as versions, c.by, c.reason, c.announced_year, (extract(epoch from c.at) * 1000)::bigint as at,
          (select jsonb_agg(jsonb_build_object('day', day, 'kind', kind, 'name', name) order by day) from calendar_days d where d.version = c.version) as days
        from (select 1) one left join lateral (select * from calendar_versions order by version desc limit 1) c on true`,
    });
    const { versions, ...last } = rows[0];
    const { calendar } = await settingsIn(pool).at(versions, client);
    const current = calendar.operatorsVersion;
    const sorted = days.map(({ day, kind, name }) => ({ day, kind, name: name?.trim() || null })).sort((one, other) => (one.day < other.day ? -1 : 1));
    const sent = canonical([actor.id, reason, announcedYear, sorted]);
    if (current === expectedVersion + 1 && sent === canonical([last.by, last.reason, last.announced_year, last.days ?? []]))
      return { ok: true, version: current, replayed: true };

    const fields = [...reasonProblems(reason, 'required'), ...daysProblems(calendar, days, announcedYear)];
    if (fields.length > 0) return { ok: false, problem: invalid(fields) };
    if (current !== expectedVersion) {
      const what = { zh: '工作日历', en: 'The working-day calendar' };
      return outdated({ what, expected: expectedVersion, current, by: last.by ?? 'system', at: last.at ?? 0 });
    }
    await client.query({
      name: 'calendar set',
      text: `with version as (insert into calendar_versions (version, announced_year, at, by, reason) values ($1, $2, clock_timestamp(), $3, $4) returning version)
        insert into calendar_days (version, day, kind, name) select version.version, r.day, r.kind, r.name
        from version, jsonb_to_recordset($5::jsonb) as r(day date, kind text, name text)`,
      values: [current + 1, announcedYear, actor.id, reason, JSON.stringify(sorted)],
    });
    return { ok: true, version: current + 1, replayed: false };
  }
}

function daysProblems(calendar: WorkingDays, days: CalendarRequest['days'], announcedYear: number | null): FieldProblem[] {
  const wrong = (path: string, expected: Bilingual, got: string | number) => [fieldProblem(path, 'CALENDAR_DAY', { expected, got })];
  if (days.length === 0 || days.length > mostDays) return wrong('days', { zh: `1 到 ${mostDays} 天`, en: `1 to ${mostDays} days` }, days.length);
  if (announcedYear !== null && (announcedYear < firstYear || announcedYear > lastYear)) {
    return wrong('announcedYear', { zh: `${firstYear} 到 ${lastYear} 年`, en: `a year from ${firstYear} to ${lastYear}` }, announcedYear);
  }
  const problems = days.flatMap(({ day, kind, name }, index) => {
    const path = `days.${index}`;
    if (!isDay(day)) {
      const expected = { zh: `${firstYear} 到 ${lastYear} 年的日期，如 2027-02-06`, en: `a day of the years ${firstYear} to ${lastYear} such as 2027-02-06` };
      return wrong(`${path}.day`, expected, storable(day.slice(0, 40)));
    }
    if (days.findIndex((other) => other.day === day) !== index) return wrong(`${path}.day`, { zh: '不重复的日期', en: 'each day once' }, day);
    if (announcedYear !== null && yearAt(indexOf(day)) !== announcedYear) {
      return wrong(`${path}.day`, { zh: `${announcedYear} 年的日期`, en: `a day of ${announcedYear}` }, day);
    }
    if (announcedYear !== null && kind === 'computed') {
      return wrong(`${path}.kind`, { zh: '放假或上班', en: 'holiday or workday' }, kind);
    }
    if (kind !== 'computed' && !isName(name)) {
      return wrong(`${path}.name`, { zh: '1 到 50 个字的节日名称', en: 'the holiday’s name, 1 to 50 characters' }, storable(name?.slice(0, 60) || '–'));
    }
    const worksAnyway = !isWeekend(indexOf(day)) && (announcedYear !== null || !calendar.specialDays(yearAt(indexOf(day))).some((one) => one.day === day));
    if (kind === 'workday' && worksAnyway) return wrong(`${path}.day`, { zh: '原本休息的一天', en: 'a day that is off' }, day);
    return [];
  });
  if (problems.length > 0 || announcedYear === null) return problems;
  const holidays = days.filter(({ kind }) => kind === 'holiday').length;
  const expected = { zh: '该年全部放假安排（法定节假日 13 天以上）', en: 'all holidays of the year (13 public holidays or more)' };
  return holidays < 13 ? wrong('days', expected, holidays) : [];
}

function isDay(day: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return false;
  const index = indexOf(day);
  return Number.isFinite(index) && dayAt(index) === day && yearAt(index) >= firstYear && yearAt(index) <= lastYear;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const isName = (name: string | null) => name !== null && name.trim() !== '' && name.length <= 50 && !/[\u0000-\u001f\u007f]/.test(name) && name.isWellFormed();
