import { afterAll, beforeAll, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { dayAt } from '../../calendar/days.ts';
import { type CalendarRequest, createCalendarDays } from '../../db/calendar.ts';
import { createCommit } from '../../db/commit.ts';
import { connect } from '../../db/connect.ts';
import { readSettings, settingsFrom, settingsRows, versionsOf } from '../../db/settings.ts';
import { messageOf, type Problem } from '../../lifecycles/problem.ts';
import { aCommand, accepted, aDatabase, aPaidOrder, buyer, type Database, manager, merchant } from '../world.ts';

let database: Database;
let calendar: ReturnType<typeof createCalendarDays>;
beforeAll(async () => {
  database = await aDatabase();
  calendar = createCalendarDays(database);
});
afterAll(() => database.drop());

type Day = CalendarRequest['days'][number];
const holiday = (day: string, name = '临时放假'): Day => ({ day, kind: 'holiday', name });

async function set(request: Partial<CalendarRequest>) {
  const { calendar: current } = await readSettings(database.pool);
  const reason = '国务院办公厅通知';
  return calendar.setCalendarDays({ actor: manager, days: [], announcedYear: null, reason, expectedVersion: current.operatorsVersion, ...request });
}

async function problemOf(request: Partial<CalendarRequest>): Promise<Problem> {
  const answer = await set(request);
  if (answer.ok) throw new Error(`expected a problem, got version ${answer.version}`);
  return answer.problem;
}

/** A supervision frozen by an appeal: its decision is due in three working days (SUP-6). */
async function anAppeal(commit = database.commit) {
  const { supervision } = await aPaidOrder({ ...database, commit });
  await accepted(
    commit.command(
      aCommand({ lifecycle: 'supervision', instance: supervision, command: 'fileAppeal', actor: buyer, reason: '交付不符', input: { files: [] } }),
    ),
  );
  return { supervision, ...(await dueOf(supervision)) };
}

async function dueOf(supervision: string): Promise<{ armedAt: number; dueAt: number; version: string }> {
  const { rows } = await database.pool.query(
    `select (extract(epoch from d.armed_at) * 1000)::bigint as "armedAt", (extract(epoch from d.due_at) * 1000)::bigint as "dueAt", e.calendar_version as version
     from deadlines d join events e on e.instance_id = d.instance_id and e.type = 'fileAppeal' where d.instance_id = $1 and d.name = 'decisionDue'`,
    [supervision],
  );
  return rows[0];
}

/** The n-th working day from now in Asia/Shanghai, as delivered. */
const workday = (n: number) => dayAt(Math.floor((shanghai.addWorkingDays(Date.now(), n) + 8 * 3_600_000) / 86_400_000));

test('a day that operators set off counts for deadlines armed afterwards, in every process at once; a running one keeps its instant (TIM-1, TIM-2)', async () => {
  const before = await anAppeal();
  expect([before.dueAt, before.version]).toEqual([shanghai.addWorkingDays(before.armedAt, 3), shanghai.version]);
  const other = connect(database.url, { poolSize: 2 });
  const elsewhere = createCommit({ pool: other.pool, registry: database.registry, onCommitted: () => {} });
  await anAppeal(elsewhere);

  expect(await set({ days: [holiday(workday(2))] })).toEqual({ ok: true, version: 1, replayed: false });
  const here = await anAppeal();
  const there = await anAppeal(elsewhere);
  expect([here.dueAt, there.dueAt]).toEqual([shanghai.addWorkingDays(here.armedAt, 4), shanghai.addWorkingDays(there.armedAt, 4)]);
  expect([here.version, there.version]).toEqual(Array(2).fill(`${shanghai.version}+operators.1`));
  expect((await dueOf(before.supervision)).dueAt).toBe(before.dueAt);

  expect(await set({ days: [{ day: workday(2), kind: 'computed', name: null }] })).toMatchObject({ version: 2 });
  const back = await anAppeal(elsewhere);
  expect(back.dueAt).toBe(shanghai.addWorkingDays(back.armedAt, 3));
  // each event can be decided again by the calendar that it names
  for (const { armedAt, dueAt, version } of [before, here, there, back]) {
    const versions = versionsOf({ policyVersion: 0, calendarVersion: version });
    expect(settingsFrom(versions, await settingsRows(database.pool, versions)).calendar.addWorkingDays(armedAt, 3)).toBe(dueAt);
  }
  expect(() => versionsOf({ policyVersion: 0, calendarVersion: 'chinese-days@1.0.0+statutory.1' })).toThrow('expected calendar data');
  await other.close();
});

/** Thirteen holidays and a worked Sunday, as an announcement of 2027 could be. */
const announced: Day[] = [
  ...['01-01', '01-02', '01-03'].map((day) => holiday(`2027-${day}`, '元旦')),
  ...['02-05', '02-06', '02-07', '02-08', '02-09', '02-10', '02-11'].map((day) => holiday(`2027-${day}`, '春节')),
  ...['10-01', '10-02', '10-03', '10-04'].map((day) => holiday(`2027-${day}`, '国庆节')),
  { day: '2027-02-14', kind: 'workday', name: '春节' },
];

test('an announced year is entered once it is known: nothing of its estimate is left, and it is provisional no more (TIM-1)', async () => {
  expect((await readSettings(database.pool)).calendar.isAnnounced(2027)).toBe(false);
  expect(await set({ announcedYear: 2027, days: announced })).toMatchObject({ ok: true });
  const now = (await readSettings(database.pool)).calendar;
  expect([now.isAnnounced(2027), new Date(now.announcedUntil).toISOString()]).toEqual([true, '2027-12-31T16:00:00.000Z']);
  expect(['2027-02-11', '2027-02-14', '2027-06-09'].map(now.isWorkday)).toEqual([false, true, true]);
});

test('two operators at once: one sets, the other hears that its version is no longer the current one; the same again is answered', async () => {
  const { calendar: current } = await readSettings(database.pool);
  const request = (name: string) => ({
    days: [holiday('2027-12-01', name)],
    expectedVersion: current.operatorsVersion,
    actor: { ...manager, id: `manager.${name}` },
  });
  const answers = await Promise.all(['a', 'b'].map((name) => set(request(name))));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  const winner = answers[0]?.ok ? 'a' : 'b';
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ problem: { kind: 'Stale', changedBy: `manager.${winner}` } });
  expect(await set(request(winner))).toEqual({ ...answers.find(({ ok }) => ok), replayed: true });
});

test('days that cannot be are refused day by day, in both languages, and kept (ACT-2)', async () => {
  const problem = await problemOf({
    days: [
      holiday('2027-02-30'),
      holiday('tomorrow'),
      holiday('1999-01-01'),
      holiday('2026-12-24'),
      holiday('2026-12-24'),
      holiday('2026-12-25', ''),
      { day: '2026-11-11', kind: 'workday', name: '春节' },
    ],
  });
  if (problem.kind !== 'Invalid') throw new Error(`expected Invalid, got ${problem.kind}`);
  expect(problem.fields.map(({ path, text }) => `${path} | ${text?.zh} | ${text?.en}`)).toMatchInlineSnapshot(`
    [
      "days.0.day | 此处应为 2024 到 2100 年的日期，如 2027-02-06，收到的是 2027-02-30。 | Expected a day of the years 2024 to 2100 such as 2027-02-06, got 2027-02-30.",
      "days.1.day | 此处应为 2024 到 2100 年的日期，如 2027-02-06，收到的是 tomorrow。 | Expected a day of the years 2024 to 2100 such as 2027-02-06, got tomorrow.",
      "days.2.day | 此处应为 2024 到 2100 年的日期，如 2027-02-06，收到的是 1999-01-01。 | Expected a day of the years 2024 to 2100 such as 2027-02-06, got 1999-01-01.",
      "days.4.day | 此处应为 不重复的日期，收到的是 2026-12-24。 | Expected each day once, got 2026-12-24.",
      "days.5.name | 此处应为 1 到 50 个字的节日名称，收到的是 –。 | Expected the holiday’s name, 1 to 50 characters, got –.",
      "days.6.day | 此处应为 原本休息的一天，收到的是 2026-11-11。 | Expected a day that is off, got 2026-11-11.",
    ]
  `);
  const other = await Promise.all([
    problemOf({ days: [] }),
    problemOf({ days: announced.slice(0, 5), announcedYear: 2027 }),
    problemOf({ days: announced, announcedYear: 2028 }),
    problemOf({ days: [holiday('2027-12-02')], reason: '' }),
  ]);
  expect(other.map((one) => messageOf(one).en.slice(0, 120))).toMatchInlineSnapshot(`
    [
      "The input is not valid: days: Expected 1 to 120 days, got 0. Correct it and send it again.",
      "The input is not valid: days: Expected all holidays of the year (13 public holidays or more), got 5. Correct it and send",
      "The input is not valid: days.0.day: Expected a day of 2028, got 2027-01-01; days.1.day: Expected a day of 2028, got 2027",
      "The input is not valid: reason: expected a reason, got none. Correct it and send it again.",
    ]
  `);
  expect(await problemOf({ actor: merchant, days: [holiday('2027-12-02')] })).toMatchObject({ kind: 'Refused', code: 'ROLE_NOT_ALLOWED' });
  const { rows } = await database.pool.query("select count(*)::int as count from refusals where command = 'setCalendarDays'");
  expect(rows[0].count).toBe(7);
});
