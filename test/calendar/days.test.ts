import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';

/** A year as `MM-DD..MM-DD name`, worked weekends marked +. */
function yearOf(year: number, calendar = shanghai): string[] {
  const lines: { text: string; name: string; kind: string; last: string }[] = [];
  for (const { day, kind, name } of calendar.specialDays(year)) {
    const open = lines.at(-1);
    const follows = open?.name === name && open.kind === kind && Date.parse(day) - Date.parse(open.last) === 86_400_000;
    if (open && follows) open.last = day;
    else lines.push({ text: `${kind === 'workday' ? '+' : ''}${day.slice(5)}`, name, kind, last: day });
  }
  return lines.map(({ text, name, last }) => `${text}${text.endsWith(last.slice(5)) ? '' : `..${last.slice(5)}`} ${name}`);
}

test('2024 to 2026 are as the State Council announced them, make-up days included (TIM-1)', () => {
  expect({ 2024: yearOf(2024), 2025: yearOf(2025), 2026: yearOf(2026) }).toMatchInlineSnapshot(`
    {
      "2024": [
        "01-01 元旦",
        "+02-04 春节",
        "02-10..02-17 春节",
        "+02-18 春节",
        "04-04..04-06 清明",
        "+04-07 清明",
        "+04-28 劳动节",
        "05-01..05-05 劳动节",
        "+05-11 劳动节",
        "06-10 端午",
        "+09-14 中秋",
        "09-15..09-17 中秋",
        "+09-29 国庆节",
        "10-01..10-07 国庆节",
        "+10-12 国庆节",
      ],
      "2025": [
        "01-01 元旦",
        "+01-26 春节",
        "01-28..02-04 春节",
        "+02-08 春节",
        "04-04..04-06 清明",
        "+04-27 劳动节",
        "05-01..05-05 劳动节",
        "05-31..06-02 端午",
        "+09-28 国庆节",
        "10-01..10-05 国庆节",
        "10-06 中秋",
        "10-07..10-08 国庆节",
        "+10-11 国庆节",
      ],
      "2026": [
        "01-01..01-03 元旦",
        "+01-04 元旦",
        "+02-14 春节",
        "02-15..02-23 春节",
        "+02-28 春节",
        "04-04..04-06 清明",
        "05-01..05-05 劳动节",
        "+05-09 劳动节",
        "06-19..06-21 端午",
        "+09-20 国庆节",
        "09-25..09-27 中秋",
        "10-01..10-07 国庆节",
        "+10-10 国庆节",
      ],
    }
  `);
  expect([2024, 2025, 2026].map(shanghai.isAnnounced)).toEqual([true, true, true]);
  expect(['2024-02-04', '2024-10-01', '2025-01-26', '2025-02-03', '2026-02-14', '2026-02-23', '2026-10-10'].map((day) => shanghai.isWorkday(day))).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});

test('a year that is not announced is an estimate by the law and says so, instead of weekends alone (TIM-1)', () => {
  expect([2027, 2028].map(shanghai.isAnnounced)).toEqual([false, false]);
  expect(new Date(shanghai.announcedUntil).toISOString()).toBe('2026-12-31T16:00:00.000Z');
  expect({ 2027: yearOf(2027), 2028: yearOf(2028) }).toMatchInlineSnapshot(`
    {
      "2027": [
        "01-01 元旦",
        "02-05..02-10 春节",
        "04-05 清明",
        "05-01..05-04 劳动节",
        "06-09 端午",
        "09-15 中秋",
        "10-01..10-05 国庆节",
      ],
      "2028": [
        "01-01 元旦",
        "01-03 元旦",
        "01-25..01-28 春节",
        "04-04 清明",
        "05-01..05-02 劳动节",
        "05-28..05-29 端午",
        "10-01..10-05 国庆节",
      ],
    }
  `);
  // 春节 2027: four public holidays from 5 February, two of them at the weekend, so 9 and 10 February are off in lieu
  expect(new Date(shanghai.addWorkingDays(Date.parse('2027-02-04T10:00:00+08:00'), 1)).toISOString()).toBe('2027-02-11T02:00:00.000Z');
});

test('beyond every table working days are weekdays, and no date is an error', () => {
  expect(new Date(shanghai.addWorkingDays(Date.parse('2101-09-30T10:00:00+08:00'), 1)).toISOString()).toBe('2101-10-03T02:00:00.000Z');
  expect(shanghai.specialDays(2101)).toEqual([]);
});

test('the calendar is the same in whatever time zone the process runs', () => {
  const script = `import { shanghai } from './calendar/calendar.ts';
    console.log(JSON.stringify([2024, 2025, 2026, 2027, 2031].map(shanghai.specialDays)), shanghai.addWorkingDays(${Date.parse('2026-02-13T23:30:00+08:00')}, 3));`;
  const inZone = (TZ: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../../', import.meta.url),
      env: { ...process.env, TZ },
      encoding: 'utf8',
    });
  const [first, ...others] = ['Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Auckland'].map(inZone);
  for (const other of others) expect(other).toBe(first);
});

const national2027 = ['01', '02', '03', '04', '05', '06', '07'].map((day) => ({ day: `2027-10-${day}`, kind: 'holiday' as const, name: '国庆节' }));

test('operators’ days lie over the delivered ones; an announced year replaces its estimate; a correction can be taken back', () => {
  const corrected = shanghai.corrected([
    { version: 1, announcedYear: null, days: [{ day: '2026-12-01', kind: 'holiday', name: '系统演练' }] },
    { version: 2, announcedYear: 2027, days: [...national2027, { day: '2027-10-09', kind: 'workday', name: '国庆节' }] },
  ]);
  expect(corrected.version).toBe(`${shanghai.version}+operators.2`);
  expect([corrected.isWorkday('2026-12-01'), shanghai.isWorkday('2026-12-01')]).toEqual([false, true]);
  expect(yearOf(2027, corrected)).toEqual(['10-01..10-07 国庆节', '+10-09 国庆节']);
  expect([corrected.isAnnounced(2027), new Date(corrected.announcedUntil).toISOString()]).toEqual([true, '2027-12-31T16:00:00.000Z']);
  const back = shanghai.corrected([
    { version: 1, announcedYear: null, days: [{ day: '2026-12-01', kind: 'holiday', name: '系统演练' }] },
    { version: 3, announcedYear: null, days: [{ day: '2026-12-01', kind: 'computed', name: null }] },
  ]);
  expect(back.isWorkday('2026-12-01')).toBe(true);
});
