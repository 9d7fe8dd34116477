import { type CalendarChange, shanghai, type WorkingDays } from '../calendar/calendar.ts';
import { type Settings, settingsFrom } from '../db/settings.ts';
import type { Shaped } from './shapes.ts';

/** The policies and calendars that a bundle brings along, by the versions that its events name. */
export function createSettings({ policies, calendars }: { policies: readonly Shaped['policy'][]; calendars: readonly Shaped['calendar'][] }) {
  const rows = { policies: policies.map(({ version, lifecycle, product, values }) => ({ version, lifecycle, product, values })), calendar: [] };
  const made = new Map<string, Settings>();
  const days = new Map(calendars.map((row) => [row.version, calendarOf(row)]));
  return {
    at,
    /** Whether deadlines can be counted again to the day: false when the bundle was taken after its days were replaced. */
    isExact: (calendarVersion: string) => calendars.some(({ version, exact }) => version === calendarVersion && exact),
    /** The policy versions from one to another, both included, that anything changed in. */
    between: (from: number, to: number) => [...new Set([from, ...policies.flatMap(({ version }) => (version > from && version < to ? [version] : [])), to])],
    newest: Math.max(0, ...policies.map(({ version }) => version)),
  };

  function at({ policy_version, calendar_version }: { policy_version: number; calendar_version: string }): Settings | null {
    const key = `${policy_version} ${calendar_version}`;
    const calendar = days.get(calendar_version);
    if (!calendar) return null;
    const known = made.get(key) ?? { ...settingsFrom({ policies: policy_version, calendar: 0 }, rows), calendar };
    made.set(key, known);
    return known;
  }
}

/** A calendar of the bundle's own days: what it was then, whatever this program has learnt since (TIM-1). */
function calendarOf({ version, announcedUntil, years }: Shaped['calendar']): WorkingDays {
  const changes = Object.entries(years).map(([year, days], index): CalendarChange => ({ version: index + 1, announcedYear: Number(year), days }));
  return { ...shanghai.corrected(changes), version, announcedUntil };
}
