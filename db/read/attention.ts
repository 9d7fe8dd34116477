import { type Attention, lateMs } from './filter.ts';
import type { InstanceRow } from './instances.ts';

/** The worst that stands about an instance; the same order and rules as the filter's SQL. */
export function attentionOf({ instance, wedged, tries, now }: InstanceRow): Attention | null {
  if (wedged !== null) return 'WEDGED';
  if (instance.effects.some(({ status }) => status === 'failed')) return 'PARKED';
  const isLate = instance.deadlines.some(({ dueAt }) => dueAt !== null && dueAt < now - lateMs);
  if (isLate || instance.incidents.some(({ code }) => code === 'DEADLINE_PASSED')) return 'OVERDUE';
  const isRetried = (key: string) => (tries[key]?.tries ?? 0) > 1 || tries[key]?.nextAttemptAt != null;
  return instance.effects.some(({ key, status }) => status === 'open' && isRetried(key)) ? 'RETRYING' : null;
}
