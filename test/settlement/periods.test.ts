import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { billingAt, duePeriod, expectedAt, periodOf } from '../../lifecycles/settlement/periods.ts';

// PostgreSQL's own time zones and date arithmetic are the oracle: 1,000,000 cases in batches, none of them worked out by our code
const batch = 100_000;
const half = 50_000;
let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  await client.query('create temp table days (day date primary key, works boolean not null, no int)');
  const first = Date.parse('1999-12-01T00:00:00Z');
  const days = Array.from({ length: 37_500 }, (_, index) => new Date(first + index * 86_400_000).toISOString().slice(0, 10));
  // the calendar's data is given; how many of its days lie where is counted by PostgreSQL
  await client.query('insert into days (day, works) select * from unnest($1::date[], $2::boolean[])', [days, days.map((day) => shanghai.isWorkday(day))]);
  await client.query('update days d set no = n.no from (select day, count(*) filter (where works) over (order by day) as no from days) n where n.day = d.day');
  await client.query('create index on days (no) where works');
  await client.query('select setseed(0.42)');
});
afterAll(() => client.end());

/** Instants from 2000 to 2099: at random, and a millisecond around every month's edges, where mistakes live. */
const instants = (count: number) => `select case when n % 4 = 0
    then (timestamp '2000-01-01' + ((n / 4) % 1200) * interval '1 month') at time zone 'Asia/Shanghai' + ((n / 4800) % 3 - 1) * interval '1 millisecond'
    else date_trunc('milliseconds', timestamptz '2000-01-01 00:00+08' + random() * interval '99 years') end as t
  from generate_series(1, ${count}) n`;
const ms = (instant: string) => `(extract(epoch from ${instant}) * 1000)::float8`;

test('700,000 instants lie in the month that PostgreSQL says, half open to the millisecond; months tile the time axis (BIL-1, BIL-2)', async () => {
  let wrong = 0;
  for (let round = 0; round < 7; round++) {
    const { rows } = await client.query({
      rowMode: 'array',
      text: `select ${ms('t')}, ${ms("date_trunc('month', t at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'")},
        ${ms("(date_trunc('month', t at time zone 'Asia/Shanghai') + interval '1 month') at time zone 'Asia/Shanghai'")},
        to_char(t at time zone 'Asia/Shanghai', 'YYYY-MM') from (${instants(batch)}) i`,
    });
    for (const [at, from, until, label] of rows as [number, number, number, string][]) {
      const period = periodOf(at);
      if (period.from !== from || period.until !== until || period.label !== label) wrong += 1;
      if (at % 8 === 0 && (periodOf(at, 1).from !== until || periodOf(until - 1).from !== from)) wrong += 1;
    }
  }
  expect(wrong).toBe(0);
});

test('150,000 month ends and later months are PostgreSQL’s, the last day where there is no such day (BIL-3)', async () => {
  let wrong = 0;
  for (let round = 0; round < 3; round++) {
    const { rows } = await client.query({
      rowMode: 'array',
      text: `select ${ms('t')}, m, ${ms("(t at time zone 'Asia/Shanghai' + m * interval '1 month') at time zone 'Asia/Shanghai'")}
        from (select t, (random() * 36)::int as m from (select case when random() < 0.5 then t
          else (date_trunc('month', t at time zone 'Asia/Shanghai') + interval '1 month - 1 day' + random() * interval '23 hours') at time zone 'Asia/Shanghai' end as t
          from (${instants(half)}) r) s) i`,
    });
    for (const [at, months, expected] of rows as [number, number, number][]) {
      const instant = Math.floor(at);
      if (Math.abs(shanghai.addMonths(instant, months) - expected) >= 1) wrong += 1;
    }
  }
  expect(wrong).toBe(0);
});

test('150,000 times PostgreSQL counts the same working days, billing days and periods that are due (BIL-1, TIM-1)', async () => {
  let wrong = 0;
  for (let round = 0; round < 3; round++) {
    const { rows } = await client.query({
      rowMode: 'array',
      text: `select ${ms('t')}, n, ${ms("(later.day + (t at time zone 'Asia/Shanghai')::time) at time zone 'Asia/Shanghai'")}, dom,
          ${ms("(own.day::timestamp) at time zone 'Asia/Shanghai'")}, ${ms("due.month at time zone 'Asia/Shanghai'")}
        from (select t, n, dom, (t at time zone 'Asia/Shanghai')::date as today, date_trunc('month', t at time zone 'Asia/Shanghai') as month
          from (select t, 1 + (random() * 9)::int as n, 1 + (random() * 27)::int as dom from (${instants(half)}) r where t >= '2000-03-01' and t < '2098-01-01') s) i
        join days today on today.day = i.today
        join days later on later.works and later.no = today.no + n
        cross join lateral (select day from days where works and day >= (i.month + interval '1 month')::date + dom - 1 order by day limit 1) own
        cross join lateral (select i.month - k * interval '1 month' as month from generate_series(1, 3) k
          where (select day from days where works and day >= (i.month - (k - 1) * interval '1 month')::date + dom - 1 order by day limit 1) <= i.today
          order by k limit 1) due`,
    });
    for (const [at, n, later, day, own, due] of rows as number[][] as [number, number, number, number, number, number][]) {
      const instant = Math.floor(at);
      const period = periodOf(instant);
      const last = duePeriod(instant, day, shanghai);
      const isRight =
        Math.abs(shanghai.addWorkingDays(instant, n) - later) < 1 &&
        billingAt(period, day, shanghai) === own &&
        last.from === due &&
        expectedAt({ effectiveAt: instant, now: instant, day, calendar: shanghai }) === own;
      if (!isRight) wrong += 1;
    }
  }
  expect(wrong).toBe(0);
});

test('bills of merchants are due on the 3rd, of providers on the 7th; a holiday moves them to the next working day (BIL-1)', () => {
  const due = (month: string, day: number) => new Date(billingAt(periodOf(Date.parse(`${month}-15T00:00:00+08:00`)), day, shanghai)).toISOString();
  expect([due('2026-10', 3), due('2026-10', 7), due('2026-09', 3), due('2026-09', 7), due('2025-12', 3)]).toEqual([
    '2026-11-02T16:00:00.000Z', // Tuesday
    '2026-11-08T16:00:00.000Z', // the 7th is a Saturday
    '2026-10-07T16:00:00.000Z', // 1 to 7 October are holidays
    '2026-10-07T16:00:00.000Z',
    '2026-01-03T16:00:00.000Z', // 1 to 3 January are holidays, Sunday the 4th is worked
  ]);
});

test('what comes late is expected with the next bills, not with those that were made (BIL-9)', () => {
  const at = (text: string) => Date.parse(`${text}+08:00`);
  const expected = (effective: string, now: string) =>
    new Date(expectedAt({ effectiveAt: at(effective), now: at(now), day: 3, calendar: shanghai })).toISOString();
  expect(expected('2026-10-31T23:59:59.999', '2026-11-01T00:00')).toBe('2026-11-02T16:00:00.000Z');
  expect(expected('2026-11-01T00:00:00.000', '2026-11-01T00:00')).toBe('2026-12-02T16:00:00.000Z');
  expect(expected('2026-09-10T00:00:00.000', '2026-11-05T00:00')).toBe('2026-12-02T16:00:00.000Z');
});
