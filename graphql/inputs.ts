import type { Builder } from './builder.ts';
import type { Outputs } from './outputs.ts';
import { capitalised, type Shape } from './shape.ts';

// biome-ignore lint/suspicious/noExplicitAny: types made at run time from declared schemas have no static one
type AnyType = any;

/** Input fields derived from zod shapes; enums are those of the outputs. */
export function createInputs(builder: Builder, { enumOf }: Pick<Outputs, 'enumOf'>) {
  return { fieldsFor };

  /** The fields of one input object; call it inside the object's own `fields`. */
  function fieldsFor(t: AnyType, name: string, fields: Record<string, Shape>): Record<string, AnyType> {
    return Object.fromEntries(
      Object.entries(fields).map(([field, shape]) => {
        const required = !shape.optional && !shape.nullable;
        const fallback = shape.fallback === undefined ? {} : { defaultValue: shape.fallback };
        return [field, t.field({ type: typeOf(`${name}${capitalised(field)}`, shape), required, ...fallback })];
      }),
    );
  }

  function typeOf(name: string, shape: Shape): AnyType {
    if (shape.kind === 'scalar') return shape.scalar;
    if (shape.kind === 'enum') return enumOf(name, shape);
    if (shape.kind === 'list') return [typeOf(name, shape.of)];
    return builder.inputType(`${name}Input`, { fields: (t) => fieldsFor(t, name, shape.fields) as never });
  }
}

export type Inputs = ReturnType<typeof createInputs>;
