import { dayAt, indexOf, isWeekend, type SpecialDay } from '../calendar/days.ts';
import { type CalendarVersion, calendarChangesOf, calendarInForce } from '../db/read/calendar.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import type { Problems } from './problem.ts';
import { type Changed, settingResult } from './setting.ts';

type Year = {
  year: number;
  announced: boolean;
  version: number;
  data: string;
  days: (SpecialDay & { day: string })[];
  workingDays: number;
  changes: () => Promise<CalendarVersion[]>;
};
type Kind = 'holiday' | 'workday' | 'computed';
type Given = {
  days: { day: string; kind: Kind; name?: string | null }[];
  announcedYear?: number | null;
  reason: string;
  expectedVersion: number;
};

async function yearOf(year: number, { reads: { reader } }: Context): Promise<Year> {
  const calendar = await calendarInForce(reader);
  const [first, next] = [indexOf(`${year}-01-01`), indexOf(`${year + 1}-01-01`)];
  const workingDays = Array.from({ length: next - first }, (_, n) => dayAt(first + n)).filter(calendar.isWorkday).length;
  const days = calendar.specialDays(year);
  const { operatorsVersion: version, version: data } = calendar;
  return { year, announced: calendar.isAnnounced(year), version, data, days, workingDays, changes: () => calendarChangesOf(reader, year) };
}

/** The working-day calendar (TIM-1): what it holds of a year, what it counts, and how operators correct it. */
export function addCalendar(builder: Builder, problems: Problems): void {
  const kind = builder.enumType('CalendarDayKind', {
    values: {
      holiday: { description: 'Off 放假.' },
      workday: { description: 'A weekend day that is worked 调休上班.' },
      computed: { description: 'As the delivered data say: takes an earlier correction back.' },
    } as const,
  });
  const source = builder.enumType('CalendarSource', {
    values: {
      announced: { description: 'As the State Council announced it, from the delivered data.' },
      statutory: { description: 'An estimate from the law alone: the year is not announced yet.' },
      operators: { description: 'Entered or corrected by an operator.' },
    } as const,
  });
  const day = builder.objectRef<SpecialDay & { day: string }>('CalendarDay').implement({
    description: 'A day that its weekday alone does not explain.',
    fields: (t) => ({
      day: t.exposeString('day', { description: 'In Asia/Shanghai, as in 2026-10-01.' }),
      kind: t.field({ type: kind, resolve: (parent) => parent.kind }),
      name: t.exposeString('name'),
      weekend: t.boolean({ resolve: (parent) => isWeekend(indexOf(parent.day)) }),
      source: t.field({ type: source, resolve: (parent) => parent.source }),
    }),
  });
  const changedDay = builder.objectRef<CalendarVersion['days'][number]>('CalendarDayChange').implement({
    fields: (t) => ({
      day: t.exposeString('day'),
      kind: t.field({ type: kind, resolve: (parent) => parent.kind }),
      name: t.exposeString('name', { nullable: true }),
    }),
  });
  const change = builder.objectRef<CalendarVersion>('CalendarChange').implement({
    fields: (t) => ({
      version: t.exposeInt('version'),
      announcedYear: t.exposeInt('announcedYear', { nullable: true }),
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.at }),
      by: t.exposeString('by'),
      reason: t.exposeString('reason'),
      days: t.field({ type: [changedDay], resolve: (parent) => parent.days ?? [] }),
    }),
  });
  const year = builder.objectRef<Year>('CalendarYear').implement({
    fields: (t) => ({
      year: t.exposeInt('year'),
      announced: t.exposeBoolean('announced', {
        description: 'False: an estimate by the law alone, without the weekends that will be worked. A deadline counted over it may be some days off.',
      }),
      version: t.exposeInt('version', { description: 'Of operators’ changes; send it as expectedVersion.' }),
      data: t.exposeString('data', { description: 'The whole version, as it is stored in every event.' }),
      days: t.field({ type: [day], complexity: { field: 1, multiplier: 40 }, resolve: (parent) => parent.days }),
      workingDays: t.exposeInt('workingDays', { description: 'How many days of the year are worked.' }),
      history: t.field({
        type: [change],
        description: 'Operators’ changes, newest first.',
        complexity: { field: 5, multiplier: 40 },
        resolve: ({ changes }) => changes(),
      }),
    }),
  });
  const sum = builder.objectRef<{ at: number; provisional: boolean }>('WorkingDaysAfter').implement({
    fields: (t) => ({
      at: t.field({ type: 'DateTime', description: 'The same time of day in Asia/Shanghai.', resolve: (parent) => parent.at }),
      provisional: t.exposeBoolean('provisional', { description: 'Days of a year that is not announced yet were counted.' }),
    }),
  });

  builder.queryField('calendar', (t) =>
    t.field({
      type: year,
      description: 'The Chinese working-day calendar of a year: holidays and make-up days (TIM-1).',
      args: { year: t.arg.int({ required: true }) },
      authScopes: { as: everyone },
      complexity: 10,
      resolve: (_root, args, context) => {
        if (args.year < 2024 || args.year > 2100) throw refusal('BAD_INPUT', 400, `expected a year from 2024 to 2100, got ${args.year}`);
        return yearOf(args.year, context);
      },
    }),
  );
  builder.queryField('workingDaysAfter', (t) =>
    t.field({
      type: sum,
      description: 'The instant so many working days later, counted as deadlines are.',
      args: { from: t.arg({ type: 'DateTime', required: true }), days: t.arg.int({ required: true }) },
      authScopes: { as: everyone },
      resolve: async (_root, { from, days }, { reads }) => {
        const start = new Date(from).getTime();
        if (days < 0 || days > 1_000) throw refusal('BAD_INPUT', 400, `expected days from 0 to 1000, got ${days}`);
        if (start < Date.UTC(2024, 0, 1) || start > Date.UTC(2100, 0, 1)) throw refusal('BAD_INPUT', 400, `expected from between 2024 and 2100, got ${from}`);
        const calendar = await calendarInForce(reads.reader);
        const at = calendar.addWorkingDays(start, days);
        return { at, provisional: at >= calendar.announcedUntil };
      },
    }),
  );

  const setDay = builder.inputType('CalendarDayInput', {
    fields: (t) => ({
      day: t.string({ required: true, description: 'As in 2027-02-06.' }),
      kind: t.field({ type: kind, required: true }),
      name: t.string({ required: false, description: 'The holiday that it belongs to; required but for computed.' }),
    }),
  });
  const input = builder.inputType('SetCalendarDaysInput', {
    fields: (t) => ({
      days: t.field({ type: [setDay], required: true }),
      announcedYear: t.int({
        required: false,
        description: 'These are all holidays and worked weekends of that year, as announced: they replace its estimate, and what was entered for it before.',
      }),
      reason: t.string({ required: true }),
      expectedVersion: t.int({ required: true, description: 'The version that you decided on.' }),
    }),
  });
  const changed = builder.objectRef<Changed>('CalendarDaysSet').implement({
    fields: (t) => ({
      version: t.exposeInt('version'),
      replayed: t.exposeBoolean('replayed', { description: 'True: you had set just this already, with the same reason, on the same version.' }),
      calendar: t.field({
        type: year,
        args: { year: t.arg.int({ required: true }) },
        complexity: 10,
        resolve: (_done, args, context) => yearOf(args.year, context),
      }),
    }),
  });
  const result = settingResult(builder, { name: 'SetCalendarDaysResult', changed, problems });
  builder.mutationField('setCalendarDays', (t) =>
    t.field({
      type: result as never,
      description:
        'Correct or extend the working-day calendar 设置工作日历. It counts for what begins from then on; running deadlines keep their instants (TIM-2). By: operationsManager.',
      args: { input: t.arg({ type: input, required: true }) },
      authScopes: { as: everyone },
      complexity: 50,
      resolve: (async (_root: unknown, { input: given }: { input: Given }, { actor, core }: Context) => {
        const { days, announcedYear = null, reason, expectedVersion } = given;
        const named = days.map(({ name = null, ...one }) => ({ ...one, name }));
        const answer = await core.settings.setCalendarDays({ actor, days: named, announcedYear, reason, expectedVersion });
        return answer.ok ? { kind: 'Set', version: answer.version, replayed: answer.replayed } : answer.problem;
      }) as never,
    }),
  );
}
