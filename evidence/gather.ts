import type pg from 'pg';
import { validate } from 'uuid';
import { masked, maskedAddress, maskedText, withoutAddresses } from '../db/mask.ts';
import type { Reader } from '../db/read/reader.ts';
import { settingsFrom, settingsRows, type Versions, versionsOf, versionsSql } from '../db/settings.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { fingerprintOf, rulesHash } from './fingerprint.ts';
import { format, formatVersion, type Kind, type Row } from './format.ts';
import { calendarsSql, familySql, instancesSql, lineSql, machinesSql, partiesSql, policiesSql, yearsSql } from './queries.ts';

/** One order's family as one moment shows it to one caller: what it is, and its rows in the order of the bundle. */
export type Gathered = { family: string; number: string; takenAt: string; rows: AsyncIterable<{ kind: Kind; row: Row }> };

type Found = Omit<Gathered, 'rows'> & { clockOffsetMs: number; buyer: string; merchant: string };

/** Rows that are fetched at once. */
const page = 500;

/**
 * Hands all that is kept of an order to `work`, in one snapshot and a page at a time. The order is found by the number or
 * the id of anything that belongs to it. @returns null when there is none that the caller may see (ACT-1)
 */
export async function gather<T>(
  reader: Reader,
  { registry, of }: { registry: Registry; of: string },
  work: (gathered: Gathered) => Promise<T>,
): Promise<T | null> {
  return reader.snapshot(async (client) => {
    const { rows } = await client.query<Found>(familySql, [of, validate(of) ? of : null]);
    const [found] = rows;
    return found ? work({ ...found, rows: rowsIn(client, { found, registry, actor: reader.actor }) }) : null;
  });
}

async function* rowsIn(client: pg.PoolClient, { found, registry, actor }: { found: Found; registry: Registry; actor: Actor }): Gathered['rows'] {
  const { family, number, takenAt, clockOffsetMs, buyer, merchant } = found;
  const parties = await client.query(partiesSql, [[buyer, merchant]]);
  const software = { rules: rulesHash() };
  yield { kind: 'bundle', row: { format, version: formatVersion, family, number, takenAt, clockOffsetMs, for: actor, parties: parties.rows, software } };
  const instances = (await client.query<{ row: Row & { id: string; lifecycle: string; context: Row } }>(instancesSql, [family])).rows.map(({ row }) => row);
  const ids = instances.map(({ id }) => id);

  for (const { lifecycle, version } of (await client.query<{ lifecycle: string; version: number }>(machinesSql, [ids])).rows) {
    const declared = registry.all.find((one) => one.name === lifecycle && one.version === version);
    yield { kind: 'machine', row: { lifecycle, version, ...(declared ? fingerprintOf(declared) : { chart: null, declaration: null }) } };
  }
  const names = [...new Set(instances.map(({ lifecycle }) => lifecycle))];
  const products = instances.flatMap(({ lifecycle, context }) => scopeOf(registry, lifecycle)?.(context) ?? []);
  for (const { row } of (await client.query<{ row: Row }>(policiesSql, [ids, names, products])).rows) yield { kind: 'policy', row };
  for (const row of await calendarRows(client, ids)) yield { kind: 'calendar', row };
  for (const row of instances) yield { kind: 'instance', row };
  for (const [kind, text] of Object.entries(lineSql) as [keyof typeof lineSql, string][])
    for await (const row of cursor(client, text, [ids])) yield { kind, row: shown[kind]?.(row) ?? row };
}

const scopeOf = (registry: Registry, name: string): Lifecycle['policyScope'] => registry.current.find((one) => one.name === name)?.policyScope;

/** ACT-1: a bundle is passed on, so it names neither secrets nor where people are reached. */
const shown: Partial<Record<Kind, (row: Row) => Row>> = {
  effect: (row) => ({ ...row, params: masked(row.params) }),
  attempt: (row) => ({ ...row, error: masked(row.error) }),
  incident: (row) => ({ ...row, message: masked(row.message) }),
  delivery: (row) => ({ ...row, address: maskedAddress(String(row.address)), error: unaddressed(row.error), receipt: unaddressed(row.receipt) }),
};

const unaddressed = (text: unknown) => (typeof text === 'string' ? withoutAddresses(maskedText(text)) : text);

/** Of each calendar that an event was decided by, the special days of every year over which deadlines were counted (TIM-1). */
async function calendarRows(client: pg.PoolClient, ids: readonly string[]): Promise<Row[]> {
  const used = await client.query<{ version: string; policyVersion: number }>(calendarsSql, [ids]);
  const years = (await client.query<{ first: number; last: number }>(yearsSql, [ids])).rows[0];
  const inForce = (await client.query<{ versions: Versions }>(`select ${versionsSql} as versions`)).rows[0]?.versions as Versions;
  const rows: Row[] = [];
  for (const { version, policyVersion } of used.rows) {
    const known = versionsIfKnown({ policyVersion, calendarVersion: version });
    const versions = known ?? inForce;
    const { calendar } = settingsFrom(versions, await settingsRows(client, versions));
    const listed = years ? Array.from({ length: years.last - years.first + 1 }, (_, n) => years.first + n) : [];
    const days = (year: number) => calendar.specialDays(year).map(({ day, kind, name }) => ({ day, kind, name }));
    // days that this process no longer has are those in force now, and it says so
    rows.push({ version, exact: known !== null, announcedUntil: calendar.announcedUntil, years: Object.fromEntries(listed.map((year) => [year, days(year)])) });
  }
  return rows;
}

function versionsIfKnown(event: Parameters<typeof versionsOf>[0]): Versions | null {
  try {
    return versionsOf(event);
  } catch {
    return null;
  }
}

async function* cursor(client: pg.PoolClient, text: string, values: unknown[]): AsyncGenerator<Row> {
  await client.query(`declare evidence no scroll cursor for ${text}`, values);
  for (;;) {
    const { rows } = await client.query<{ row: Row }>(`fetch ${page} from evidence`);
    for (const { row } of rows) yield row;
    if (rows.length < page) break;
  }
  await client.query('close evidence');
}
