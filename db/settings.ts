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

/** Which settings are in force; what is new since a version is read only by those who do not know it. */
export type Versions = { policies: number; calendar: number };

/** The versions in force as one jsonb value, for the select list of any statement that decides. */
export const versionsSql = `(select jsonb_build_object('policies', (select coalesce(max(version), 0) from policies),
    'calendar', (select coalesce(max(version), 0) from calendar_versions)))`;

type PolicyRow = { version: number; lifecycle: string; product: string | null; values: Record<string, unknown> };
/** Settings as rows: every change between two pairs of versions. */
export type SettingsRows = { policies: PolicyRow[]; calendar: CalendarChange[] };

const rowsSql = `select (select coalesce(jsonb_agg(jsonb_build_object('version', version, 'lifecycle', lifecycle, 'product', product, 'values', values)), '[]')
      from policies where version > $1 and version <= $3) as policies,
  (select coalesce(jsonb_agg(jsonb_build_object('version', c.version, 'announcedYear', c.announced_year,
      'days', (select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'kind', d.kind, 'name', d.name) order by d.day), '[]')
        from calendar_days d where d.version = c.version)) order by c.version), '[]')
      from calendar_versions c where c.version > $2 and c.version <= $4) as calendar`;

/** Where settings are read from: a pool, or the transaction that goes by them. */
type Asked = Pick<pg.Pool, 'query'>;

async function rowsBetween(asked: Asked, from: Versions, to: Versions): Promise<SettingsRows> {
  const values = [from.policies, from.calendar, to.policies, to.calendar];
  const { rows } = await asked.query<SettingsRows>({ name: 'settings', text: rowsSql, values });
  return rows[0] as SettingsRows;
}

export type SettingsCache = ReturnType<typeof createCache>;

const caches = new WeakMap<pg.Pool, SettingsCache>();
/** What the database behind a pool has said of its settings so far; every process learns of a change with its next statement. */
export function settingsIn(pool: pg.Pool): SettingsCache {
  const cache = caches.get(pool) ?? createCache();
  caches.set(pool, cache);
  return cache;
}

function createCache() {
  const scopes = new Map<string, PolicyRow[]>();
  const changes = new Map<number, CalendarChange>();
  const calendars = new Map<number, WorkingDays>([[0, shanghai]]);
  const known: Versions = { policies: 0, calendar: 0 };
  return { at, take };

  /** The settings of these versions; what this process does not know yet is read first. */
  async function at(versions: Versions, asked: Asked): Promise<Settings> {
    if (versions.policies <= known.policies && versions.calendar <= known.calendar) return settingsOf(versions);
    return take(versions, await rowsBetween(asked, { ...known }, versions));
  }

  /** An older answer that comes late still gives the settings that its statement saw. */
  function take(versions: Versions, { policies, calendar }: SettingsRows): Settings {
    for (const row of policies) keep(row);
    for (const change of calendar) changes.set(change.version, change);
    known.policies = Math.max(known.policies, versions.policies);
    known.calendar = Math.max(known.calendar, versions.calendar);
    return settingsOf(versions);
  }

  function settingsOf(versions: Versions): Settings {
    // a page's rows are of few products
    const found = new Map<string, Policies>();
    return {
      policyVersion: versions.policies,
      calendar: calendarAt(versions.calendar),
      policiesOf(lifecycle, context) {
        const product = (context && lifecycle.policyScope?.(context)) ?? null;
        const key = `${lifecycle.version}:${keyOf(lifecycle.name, product)}`;
        const policies = found.get(key) ?? policiesIn(lifecycle, product, versions.policies);
        found.set(key, policies);
        return policies;
      },
    };
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

  function policiesIn(lifecycle: Lifecycle, product: string | null, version: number): Policies {
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
  const { rows } = await pool.query<{ versions: Versions }>({ name: 'settings in force', text: `select ${versionsSql} as versions` });
  return settingsIn(pool).at(rows[0]?.versions ?? { policies: 0, calendar: 0 }, pool);
}

/** The versions that an event was decided by, from its columns. @throws when its calendar is of other data than this process has */
export function versionsOf({ policyVersion, calendarVersion }: { policyVersion: number; calendarVersion: string }): Versions {
  const [data, operators = '0'] = calendarVersion.split('+operators.');
  if (data !== shanghai.version) throw new Error(`expected calendar data ${shanghai.version}, got ${calendarVersion}`);
  return { policies: policyVersion, calendar: Number(operators) };
}

/** All that settings of these versions are made of: what an export of events must bring along to be executed again. */
export const settingsRows = (asked: Asked, versions: Versions): Promise<SettingsRows> => rowsBetween(asked, { policies: 0, calendar: 0 }, versions);

/** The settings that an event was decided by, from their rows alone. */
export const settingsFrom = (versions: Versions, rows: SettingsRows): Settings => createCache().take(versions, rows);
