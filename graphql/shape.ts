import type { z } from 'zod';
import { fromId } from './ids.ts';

export type ScalarName = 'String' | 'Int' | 'Boolean' | 'ID' | 'DateTime' | 'MinorUnits';

/** What a zod schema means to GraphQL; `inMs`: an instant that the schema has in epoch milliseconds. */
export type Shape = {
  /** The caller may leave it out. */
  optional: boolean;
  nullable: boolean;
  /** What stands when it is left out; undefined: nothing. */
  fallback: unknown;
} & (
  | { kind: 'scalar'; scalar: ScalarName; inMs?: boolean }
  | { kind: 'enum'; values: readonly string[]; schema: z.ZodType }
  | { kind: 'list'; of: Shape }
  | { kind: 'object'; fields: Record<string, Shape>; schema: z.ZodType }
);

const scalars = ['DateTime', 'MinorUnits'] as const;

type Def = {
  type: string;
  format?: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  entries?: Record<string, string>;
  defaultValue?: unknown;
};

/**
 * Derives the shape of a declared schema. A number is an Int when the schema says integer, or what its meta says
 * (`.meta({ scalar: 'DateTime' })`). @throws naming the path, for a schema that GraphQL has no equal for
 */
export function shapeOf(schema: z.ZodType, path: string): Shape {
  const def = schema._zod.def as unknown as Def;
  const plain = { optional: false, nullable: false, fallback: undefined };
  const { scalar } = (schema.meta() ?? {}) as { scalar?: (typeof scalars)[number] };
  if (scalar !== undefined && !scalars.includes(scalar)) throw new Error(`expected ${path} to have a scalar of ${scalars.join(', ')}, got ${scalar}`);
  switch (def.type) {
    case 'optional':
      return { ...shapeOf(def.innerType as z.ZodType, path), optional: true };
    case 'nullable':
      return { ...shapeOf(def.innerType as z.ZodType, path), nullable: true };
    case 'default':
      return { ...shapeOf(def.innerType as z.ZodType, path), optional: true, fallback: def.defaultValue };
    case 'string':
      return { ...plain, kind: 'scalar', scalar: def.format === 'datetime' ? 'DateTime' : def.format === 'uuid' ? 'ID' : 'String' };
    case 'boolean':
      return { ...plain, kind: 'scalar', scalar: 'Boolean' };
    case 'number':
      if (scalar) return { ...plain, kind: 'scalar', scalar, inMs: scalar === 'DateTime' };
      if ((schema as z.ZodNumber).isInt) return { ...plain, kind: 'scalar', scalar: 'Int' };
      throw new Error(`expected ${path} to be an integer or to say its scalar (.meta({ scalar: 'DateTime' })), got a bare z.number()`);
    case 'enum':
      return { ...plain, kind: 'enum', values: Object.values(def.entries ?? {}), schema };
    case 'array':
      return { ...plain, kind: 'list', of: shapeOf(def.element as z.ZodType, `${path}[]`) };
    case 'object':
      return { ...plain, kind: 'object', fields: fieldsOf(schema, path), schema };
    default:
      throw new Error(`expected ${path} to be of a type that GraphQL can show (string, integer, boolean, enum, array, object), got z.${def.type}()`);
  }
}

export function fieldsOf(schema: z.ZodType, path: string): Record<string, Shape> {
  const { shape } = schema._zod.def as unknown as Def;
  if (!shape) throw new Error(`expected ${path} to be a z.object()`);
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, shapeOf(field, `${path}.${name}`)]));
}

/** A caller's value as the schema wants it: what may be left out is left out instead of null, a record's opaque id is the one inside, an instant the schema's. */
export function withoutNulls(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return value;
  if (shape.kind === 'list') return (value as unknown[]).map((item) => withoutNulls(item, shape.of));
  if (shape.kind === 'scalar' && shape.scalar === 'ID') return fromId(String(value))?.uuid ?? value;
  if (shape.kind === 'scalar' && shape.inMs) return Date.parse(String(value));
  if (shape.kind !== 'object') return value;
  return Object.fromEntries(
    Object.entries(shape.fields).flatMap(([name, field]) => {
      const given = (value as Record<string, unknown>)[name];
      if (given === undefined || (given === null && field.optional && !field.nullable)) return [];
      return [[name, withoutNulls(given, field)]];
    }),
  );
}

export const capitalised = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);
