import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { chartOf } from '../../graphql/machine.ts';
import { createSchema } from '../../graphql/schema.ts';
import { shapeOf } from '../../graphql/shape.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { commandNames, createRegistry, statesOf } from '../../lifecycles/registry.ts';
import { supervision } from '../../lifecycles/supervision.ts';

const registry = createRegistry();
const schema = createSchema(registry);
/** Root fields that may be asked without a role. */
const open: readonly string[] = [];

const rootFields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
  Object.values((type as GraphQLObjectType).getFields()),
);
const scopesOf = (field: GraphQLField<unknown, unknown>) => (field.extensions as { pothosOptions?: { authScopes?: object } }).pothosOptions?.authScopes;

test('every root field has a role scope or is on the explicit public list (ACT-1)', () => {
  expect(rootFields.length).toBeGreaterThan(20);
  expect(rootFields.filter((field) => !scopesOf(field) && !open.includes(field.name)).map(({ name }) => name)).toEqual([]);
});

test.each(['callBatch', 'buyerAccount', 'enterprise', 'settlementBill'])(
  'without the lifecycle %s, whose fields the schema adds, there is no schema',
  (name) => {
    const without = createRegistry(registry.all.filter((one) => one.name !== name));
    expect(() => createSchema(without)).toThrow(`expected the lifecycle ${name} to be declared`);
  },
);

test('every declared command has one mutation of its name, every lifecycle its type, states, list and lookup', () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
  const queries = Object.keys(schema.getQueryType()?.getFields() ?? {});
  for (const lifecycle of registry.current) {
    expect(mutations).toEqual(expect.arrayContaining(commandNames(lifecycle)));
    expect(queries).toEqual(expect.arrayContaining([lifecycle.name, `${lifecycle.name}s`]));
    const type = schema.getType(lifecycle.name[0]?.toUpperCase() + lifecycle.name.slice(1)) as GraphQLObjectType;
    expect(type.getInterfaces().map(({ name }) => name)).toEqual(['Lifecycle', 'Node']);
    expect(chartOf(lifecycle).states.map(({ name }) => name)).toEqual(expect.arrayContaining(statesOf(lifecycle)));
  }
});

test('a lifecycle that is added to the registry is served without another line', () => {
  const complaint = {
    ...supervision,
    name: 'complaint',
    prefix: 'CO',
    commands: {},
    context: z.object({ amount: z.number().int().meta({ scalar: 'MinorUnits' }) }),
  } as unknown as Lifecycle;
  const added = createSchema(createRegistry([...registry.all, complaint]));
  expect(added.getType('ComplaintContext')).toBeDefined();
  expect(Object.keys(added.getQueryType()?.getFields() ?? {})).toEqual(expect.arrayContaining(['complaint', 'complaints']));
});

test('a shape that GraphQL cannot show is an error at start that names its path', () => {
  expect(() => shapeOf(z.object({ at: z.number() }), 'order')).toThrow('expected order.at to be an integer or to say its scalar');
  expect(() => shapeOf(z.object({ a: z.array(z.object({ b: z.union([z.string(), z.boolean()]) })) }), 'order')).toThrow('expected order.a[].b to be of a type');
  expect(() => shapeOf(z.record(z.string(), z.string()), 'order.map')).toThrow('order.map');
  expect(() => shapeOf(z.string().meta({ scalar: 'Money' }), 'order.price')).toThrow(
    'expected order.price to have a scalar of DateTime, MinorUnits, got Money',
  );
});

test('optional, nullable, default, enums, lists and nested objects keep their meaning', () => {
  const shape = shapeOf(
    z.object({ a: z.enum(['x', 'y']).default('x'), b: z.uuid().nullable(), c: z.array(z.iso.datetime()).optional(), d: z.object({ e: z.int() }) }),
    'x',
  );
  expect(shape).toMatchObject({
    kind: 'object',
    fields: {
      a: { kind: 'enum', values: ['x', 'y'], optional: true, nullable: false, fallback: 'x' },
      b: { kind: 'scalar', scalar: 'ID', optional: false, nullable: true },
      c: { kind: 'list', of: { kind: 'scalar', scalar: 'DateTime' }, optional: true },
      d: { kind: 'object', fields: { e: { scalar: 'Int' } } },
    },
  });
});
