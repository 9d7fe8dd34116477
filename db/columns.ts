import { sql } from 'drizzle-orm';
import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Milliseconds are the clock of the rules, so they are the clock of the tables. */
const asDate = { withTimezone: true, precision: 3, mode: 'date' } as const;
export const instant = (name?: string) => (name ? timestamp(name, asDate) : timestamp(asDate));
export const hash = customType<{ data: string; driverData: string }>({ dataType: () => 'text' });

/** A check's condition: the column holds one of these. */
export const oneOf = (column: string, values: readonly string[]) => sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(', ')})`);
