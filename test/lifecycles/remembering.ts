import type { Calendar } from '../../lifecycles/spans.ts';

/** The same calendar, that works out each date once: a calendar is pure, and random walks ask the same again and again. */
export function remembering(calendar: Calendar): Calendar {
  const remembered = (work: (from: number, n: number) => number) => {
    const known = new Map<string, number>();
    return (from: number, n: number) => {
      const key = `${from}+${n}`;
      const found = known.get(key) ?? work(from, n);
      if (known.size < 100_000) known.set(key, found);
      return found;
    };
  };
  return { ...calendar, addWorkingDays: remembered(calendar.addWorkingDays), addMonths: remembered(calendar.addMonths) };
}
