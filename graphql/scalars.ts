import { createGraphQLError } from 'graphql-yoga';
import type { Builder } from './builder.ts';

/** Epoch milliseconds, or the text a declared input carries. */
export type Instant = number | string;

const isoInstant = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const yearOne = Date.parse('0001-01-01T00:00:00Z');

/** JavaScript takes the 30th of February for the 2nd of March, and knows a year 0. */
const isInstant = (text: string): boolean => {
  const day = isoInstant.exec(text)?.[1];
  return day !== undefined && Date.parse(text) >= yearOne && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
};

function parseInstant(value: unknown): string {
  if (typeof value !== 'string' || !isInstant(value))
    throw createGraphQLError(`expected an instant such as 2026-11-21T08:00:00Z, got ${JSON.stringify(value)}`);
  return new Date(value).toISOString();
}

function parseMinorUnits(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw createGraphQLError(`expected money as an integer of minor units (分), got ${JSON.stringify(value)}`);
  return value;
}

export function addScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description: 'An instant, ISO 8601 with an offset; answered in UTC with milliseconds.',
    serialize: (value) => new Date(value).toISOString(),
    parseValue: parseInstant,
  });
  builder.scalarType('MinorUnits', {
    description: 'Money as an integer of minor units (分), up to 2^53.',
    serialize: parseMinorUnits,
    parseValue: parseMinorUnits,
  });
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    serialize: (value) => value,
    parseValue: (value) => value,
  });
}
