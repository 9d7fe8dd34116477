import type pg from 'pg';
import { type CalendarChange, shanghai, type WorkingDays } from '../calendar/calendar.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import { resolved } from '../lifecycles/policies.ts';
import type { Policies } from '../lifecycles/spans.ts';

/** What operators have set, as one statement saw it: stored in every event by its two versions (TIM-2). */
export type Settings = {
  policyVersion: number;
  calendar: WorkingDays;
  /** The policies in force for an instance: of its product, else of the installation, else the declared defaults. */
  policiesOf(lifecycle: Lifecycle, context?: Record<string, unknown>): Policies;
};

/** One row of `policies`. */
export type PolicyRow = { version: number; lifecycle: string; product: string | null; values: Record<string, unknown> };

/** What `settingsSql` answers: the versions in force, and what the asker does not know yet. */
export type RawSettings = { policyVersion: number; policies: PolicyRow[] | null; calendarVersion: number; calendar: CalendarChange[] | null };

const changesSql = (where: string) => `(select coalesce(jsonb_agg(jsonb_build_object('version', c.version, 'announcedYear', c.announced_year,
      'days', (select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'kind', d.kind, 'name', d.name) order by d.day), '[]')
        from calendar_days d where d.version = c.version)) order by c.version), '[]') from calendar_versions c where ${where})`;
const rowsSql = (
  where: string,
) => `(select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (select distinct on (lifecycle, product) version, lifecycle, product, values
      from policies where ${where} order by lifecycle, product, version desc) p)`;

/**
 * The settings in force as one jsonb value, for the select list of any statement. Its two parameters are what `known()` of
 * the same pool gave: settings travel only when they have changed.
 */
export const settingsSql = (policies: string, calendar: string) => `(select jsonb_build_object('policyVersion', p.version, 'calendarVersion', c.version,
    'policies', case when p.version > ${policies}::int then ${rowsSql(`version > ${policies}::int`)} end,
    'calendar', case when c.version > ${calendar}::int then ${changesSql(`c.version > ${calendar}::int`)} end)
  from (select coalesce(max(version), 0) as version from policies) p, (select coalesce(max(version), 0) as version from calendar_versions) c)`;

export type SettingsCache = ReturnType<typeof createCache>;

const caches = new WeakMap<pg.Pool, SettingsCache>();
/** What the database behind a pool has said of its settings so far; every process learns of a change with its next statement. */
export function settingsOf(pool: pg.Pool): SettingsCache {
  const cache = caches.get(pool) ?? createCache();
  caches.set(pool, cache);
  return cache;
}

function createCache() {
  const scopes = new Map<string, PolicyRow[]>();
  const changes = new Map<number, CalendarChange>();
  const calendars = new Map<number, WorkingDays>([[0, shanghai]]);
  let knownPolicies = 0;
  let knownCalendar = 0;
  return { known: () => [knownPolicies, knownCalendar] as const, settingsFrom };

  /** From what the statement answered. An older answer that comes late still gives the settings that its statement saw. */
  function settingsFrom({ policyVersion, policies, calendarVersion, calendar }: RawSettings): Settings {
    for (const row of policies ?? []) keep(row);
    for (const change of calendar ?? []) changes.set(change.version, change);
    knownPolicies = Math.max(knownPolicies, policyVersion);
    knownCalendar = Math.max(knownCalendar, calendarVersion);
    return { policyVersion, calendar: calendarAt(calendarVersion), policiesOf: (lifecycle, context) => policiesIn(lifecycle, context, policyVersion) };
  }

  function keep(row: PolicyRow) {
    const key = keyOf(row.lifecycle, row.product);
    const rows = scopes.get(key) ?? [];
    if (rows.some(({ version }) => version === row.version)) return;
    // newest first: what a statement saw is nearly always the first
    scopes.set(
      key,
      [...rows, row].sort((one, other) => other.version - one.version),
    );
  }

  function policiesIn(lifecycle: Lifecycle, context: Record<string, unknown> | undefined, version: number): Policies {
    const product = (context && lifecycle.policyScope?.(context)) ?? null;
    const at = (scope: string | null) => scopes.get(keyOf(lifecycle.name, scope))?.find((row) => row.version <= version)?.values;
    return resolved(lifecycle, [product === null ? undefined : at(product), at(null)]);
  }

  function calendarAt(version: number): WorkingDays {
    const known = calendars.get(version);
    if (known) return known;
    const made = shanghai.corrected([...changes.values()].filter((change) => change.version <= version).sort((one, other) => one.version - other.version));
    calendars.set(version, made);
    return made;
  }
}

const keyOf = (lifecycle: string, product: string | null) => `${lifecycle}:${product ?? ''}`;

/** The settings in force now, for a caller without a statement of its own. */
export async function readSettings(pool: pg.Pool): Promise<Settings> {
  const cache = settingsOf(pool);
  const { rows } = await pool.query({ name: 'settings', text: `select ${settingsSql('$1', '$2')} as settings`, values: [...cache.known()] });
  return cache.settingsFrom(rows[0].settings);
}

/** Settings from what a statement, or an export, says of them. */
export const settingsFrom = (raw: RawSettings): Settings => createCache().settingsFrom(raw);

/**
 * The settings that an event was decided by, from the versions stored in it, to execute it again: `settingsFrom` reads them.
 * @throws when its calendar is of other data than this process has
 */
export async function settingsAt(pool: pg.Pool, { policyVersion, calendarVersion }: { policyVersion: number; calendarVersion: string }): Promise<RawSettings> {
  const [data, operators = '0'] = calendarVersion.split('+operators.');
  if (data !== shanghai.version) throw new Error(`expected calendar data ${shanghai.version}, got ${calendarVersion}`);
  const { rows } = await pool.query({
    name: 'settings at',
    text: `select ${rowsSql('version <= $1')} as policies, ${changesSql('c.version <= $2')} as calendar`,
    values: [policyVersion, Number(operators)],
  });
  return { ...rows[0], policyVersion, calendarVersion: Number(operators) };
}
