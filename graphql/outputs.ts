import type { OutputType } from '@pothos/core';
import type { Builder } from './builder.ts';
import { capitalised, type Shape } from './shape.ts';

type Fields = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: types made at run time from declared schemas have no static one
type AnyType = any;

/** Output types derived from zod shapes; one enum per schema, whoever uses it. */
export function createOutputs(builder: Builder) {
  const enums = new Map<unknown, AnyType>();

  return { enumOf, objectOf };

  function enumOf(name: string, { values, schema }: { values: readonly string[]; schema: unknown }): AnyType {
    const known = enums.get(schema) ?? builder.enumType(name, { values: values as readonly [string, ...string[]] });
    enums.set(schema, known);
    return known;
  }

  /** @param absent names of fields that older versions of the instance may lack */
  function objectOf(name: string, fields: Record<string, Shape>, absent: (field: string) => boolean = () => false): AnyType {
    const types = Object.entries(fields).map(([field, shape]) => ({ field, shape, type: typeOf(`${name}${capitalised(field)}`, shape) }));
    return builder.objectRef<Fields>(name).implement({
      fields: (t) =>
        Object.fromEntries(
          types.map(({ field, shape, type }) => [
            field,
            t.field({
              type: type as never,
              nullable: shape.nullable || shape.optional || absent(field),
              resolve: (parent: Fields) => (parent[field] ?? null) as never,
            }),
          ]),
        ),
    });
  }

  function typeOf(name: string, shape: Shape): OutputType<never> | [OutputType<never>] {
    if (shape.kind === 'scalar') return shape.scalar as never;
    if (shape.kind === 'enum') return enumOf(name.replace('Context', ''), shape);
    if (shape.kind === 'object') return objectOf(name.replace('Context', ''), shape.fields);
    return [typeOf(name, shape.of) as OutputType<never>];
  }
}

export type Outputs = ReturnType<typeof createOutputs>;
