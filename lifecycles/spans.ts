/** A length of time as rules state it: milliseconds, or working days of the Chinese calendar (TIM-1). */
export type Span = { ms: number } | { workingDays: number };

export const minutes = (n: number): Span => ({ ms: n * 60_000 });
export const hours = (n: number): Span => ({ ms: n * 3_600_000 });
export const days = (n: number): Span => ({ ms: n * 86_400_000 });
export const workingDays = (n: number): Span => ({ workingDays: n });

/** Calendar arithmetic the rules need; Asia/Shanghai. Data comes from outside, so its version is kept in every event. */
export type Calendar = {
  version: string;
  /** From this instant on days are an estimate: nobody has announced them yet. A deadline beyond it may be a few days off. */
  announcedUntil: number;
  /** The same time of day `n` working days later (TIM-1). Instants are epoch milliseconds. */
  addWorkingDays(from: number, n: number): number;
  /** The same day of month `n` months later, the month's last day where there is no such day. */
  addMonths(from: number, n: number): number;
};

/** The instant a span ends that starts at `from`. */
export function endOf(span: Span, from: number, calendar: Calendar): number {
  return 'ms' in span ? from + span.ms : calendar.addWorkingDays(from, span.workingDays);
}

/** The last instant at which a span may begin to end by `end`; of working days on the same time of day. */
export function startOf(span: Span, end: number, calendar: Calendar): number {
  if ('ms' in span) return end - span.ms;
  let at = end - span.workingDays * day;
  while (endOf(span, at, calendar) > end) at -= day;
  return at;
}

/** True when `one` ends before `other` whenever both start together; working days may stand for more days than their number. */
export const isShorter = (one: Span, other: Span): boolean =>
  'workingDays' in one && 'workingDays' in other ? one.workingDays < other.workingDays : longest(one) < shortest(other);

const day = 86_400_000;
const shortest = (span: Span) => ('ms' in span ? span.ms : span.workingDays * day);
/** Two weekends and a holiday of nine days besides; a make-up day only shortens it. */
const longest = (span: Span) => ('ms' in span ? span.ms : (span.workingDays + 2 * Math.ceil(span.workingDays / 5) + 11) * day);
/** A week of five working days, in milliseconds. */
const ordinary = (span: Span) => ('ms' in span ? span.ms : (span.workingDays * 7 * day) / 5);

/** True when `one` ends before `other` in ordinary weeks: what it is said to be, a holiday aside. */
export const isUsuallyShorter = (one: Span, other: Span): boolean => ordinary(one) < ordinary(other);

/** Policies of one lifecycle: operators' values over the declared defaults; a span, or a plain number (a count). */
export type Policies = Record<string, Span | number>;

export function spanOf(policies: Policies, name: string): Span {
  const value = policies[name];
  if (typeof value !== 'object') throw new Error(`expected policy "${name}" to be a span, got ${JSON.stringify(value)}`);
  return value;
}
export function countOf(policies: Policies, name: string): number {
  const value = policies[name];
  if (typeof value !== 'number') throw new Error(`expected policy "${name}" to be a number, got ${JSON.stringify(value)}`);
  return value;
}
