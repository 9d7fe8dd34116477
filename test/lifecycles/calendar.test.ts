import { expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';

const at = (day: string) => Date.parse(`${day}T15:30:00+08:00`);
const dayOf = (instant: number) => new Date(instant + 8 * 3_600_000).toISOString().slice(0, 16);
const after = (day: string, n: number) => dayOf(shanghai.addWorkingDays(at(day), n));

test('working days step over weekends and public holidays, and count make-up days (TIM-1)', () => {
  expect({
    // 春节 2024: 10–17 February off, Sunday 4 and Sunday 18 February worked
    'Friday before the worked Sunday of 2024': after('2024-02-02', 1),
    'last working day before 春节 2024': after('2024-02-09', 1),
    // 国庆 2024: 1–7 October off, Sunday 29 September and Saturday 12 October worked
    'Saturday before the worked Sunday of September 2024': after('2024-09-28', 1),
    '30 September 2024': after('2024-09-30', 1),
    'Friday before the worked Saturday of October 2024': after('2024-10-11', 1),
    // 春节 2025: 28 January – 4 February off, Sunday 26 January and Saturday 8 February worked
    'Friday before the worked Sunday of 2025': after('2025-01-24', 2),
    '27 January 2025': after('2025-01-27', 1),
    // 劳动节 2025: 1–5 May off, Sunday 27 April worked
    '30 April 2025': after('2025-04-30', 1),
    // 国庆、中秋 2025: 1–8 October off, Sunday 28 September and Saturday 11 October worked
    '30 September 2025': after('2025-09-30', 3),
    // 元旦 2026: 1–3 January off, Sunday 4 January worked
    '31 December 2025': after('2025-12-31', 1),
    // 春节 2026: 15–23 February off, Saturday 14 and Saturday 28 February worked
    'Friday before the worked Saturday of 2026': after('2026-02-13', 2),
    'last Friday of February 2026': after('2026-02-27', 1),
    // 清明 2026: 4–6 April off
    'Friday before 清明 2026': after('2026-04-03', 1),
    // 国庆 2026: 1–7 October off, Sunday 20 September and Saturday 10 October worked
    '30 September 2026': after('2026-09-30', 3),
  }).toMatchInlineSnapshot(`
    {
      "27 January 2025": "2025-02-05T15:30",
      "30 April 2025": "2025-05-06T15:30",
      "30 September 2024": "2024-10-08T15:30",
      "30 September 2025": "2025-10-11T15:30",
      "30 September 2026": "2026-10-10T15:30",
      "31 December 2025": "2026-01-04T15:30",
      "Friday before the worked Saturday of 2026": "2026-02-24T15:30",
      "Friday before the worked Saturday of October 2024": "2024-10-12T15:30",
      "Friday before the worked Sunday of 2024": "2024-02-04T15:30",
      "Friday before the worked Sunday of 2025": "2025-01-27T15:30",
      "Friday before 清明 2026": "2026-04-07T15:30",
      "Saturday before the worked Sunday of September 2024": "2024-09-29T15:30",
      "last Friday of February 2026": "2026-02-28T15:30",
      "last working day before 春节 2024": "2024-02-18T15:30",
    }
  `);
});

test('a working day later is the same time of day in Shanghai, from any day (TIM-1)', () => {
  expect(after('2026-03-07', 1)).toBe('2026-03-09T15:30');
  expect(after('2026-03-09', 0)).toBe('2026-03-09T15:30');
  // 23:30 in Shanghai is 15:30 of the same day in UTC, 00:30 the day before: the day is Shanghai's
  expect(dayOf(shanghai.addWorkingDays(Date.parse('2026-03-06T23:30:00+08:00'), 1))).toBe('2026-03-09T23:30');
  expect(dayOf(shanghai.addWorkingDays(Date.parse('2026-03-06T00:30:00+08:00'), 1))).toBe('2026-03-09T00:30');
});

test('a month later is the same day, or the month’s last, at the same time (ORD-5)', () => {
  const months = (day: string, n: number) => dayOf(shanghai.addMonths(at(day), n));
  expect([
    months('2026-01-31', 1),
    months('2024-01-31', 1),
    months('2026-05-31', 1),
    months('2026-08-31', 6),
    months('2024-02-29', 12),
    months('2026-12-31', 2),
    months('2026-03-15', -1),
  ]).toMatchInlineSnapshot(`
    [
      "2026-02-28T15:30",
      "2024-02-29T15:30",
      "2026-06-30T15:30",
      "2027-02-28T15:30",
      "2025-02-28T15:30",
      "2027-02-28T15:30",
      "2026-02-15T15:30",
    ]
  `);
});

test('the calendar says which data it is, for the event that used it (TIM-1)', () => {
  expect(shanghai.version).toMatch(/^chinese-days@\d+\.\d+\.\d+\+statutory\.\d+$/);
});
