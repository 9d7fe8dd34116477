import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from '../db/read/filter.ts';
import { countOf, type Direction, type InstanceRow, instanceByNumber, type Place, pageOf } from '../db/read/instances.ts';
import { unwritableText } from '../db/storable.ts';
import { type Builder, everyone } from './builder.ts';
import { type Connections, encodeCursor, isId, isInstant, type Page, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import type { Lifecycles } from './lifecycle.ts';

// biome-ignore lint/suspicious/noExplicitAny: types made at run time from declared lifecycles have no static one
type AnyType = any;
type FilterArg = Omit<Filter, 'createdFrom' | 'createdBefore'> & { created?: { from?: string | null; before?: string | null } | null };
type ListArgs = PageArgs & { filter?: FilterArg | null; orderBy?: Direction | null };

const countedTo = 10_001;
const cursorOf = ({ createdAt, instance }: InstanceRow) => encodeCursor([createdAt, instance.id]);

const placeOf = (cursor: string | null | undefined): Place | null => placeIn(cursor, { at: isInstant, id: isId });

async function listOf(lifecycles: readonly string[], { filter: given, orderBy, ...args }: ListArgs, { reads }: Context): Promise<Page<InstanceRow>> {
  const { created, ...rest } = given ?? {};
  const [problem] = unwritableText(rest, 'filter');
  if (problem) throw refusal('BAD_FILTER', 400, `${problem.path}: ${problem.message}`);
  const filter: Filter = { ...rest, createdFrom: created?.from ?? null, createdBefore: created?.before ?? null };
  const { limit, backwards } = sizeOf(args);
  const [after, before] = [placeOf(args.after), placeOf(args.before)];
  const rows = await pageOf(reads.reader, { lifecycles, filter, direction: orderBy ?? 'newestFirst', limit, after, before, backwards });
  for (const row of rows) reads.instances.prime(row.instance.id, row);
  return {
    ...pageFrom(rows, { limit, backwards, hasOther: (backwards ? before : after) !== null, cursorOf }),
    count: async () => {
      const value = await countOf(reads.reader, { lifecycles, filter, most: countedTo });
      return { value, exact: value < countedTo };
    },
  };
}

/** Reads an instance, and again for a while when it is older than the caller knows it to be. */
async function readAtLeast(id: string, atLeast: number | null | undefined, { reads }: Context): Promise<InstanceRow | null> {
  for (let left = 5; ; left--) {
    const row = await reads.find(id);
    if (!row || atLeast == null || row.instance.revision >= atLeast) return row;
    if (left === 0)
      throw refusal('UNAVAILABLE', 503, `expected revision ${atLeast}, got ${row.instance.revision} so far. Try again in 1 s.`, { retryAfter: 1 });
    await sleep(100);
    reads.instances.clear(row.instance.id);
  }
}

export function addQueries(builder: Builder, lifecycles: Lifecycles, connections: Connections): void {
  const { node, lifecycle, attention, all } = lifecycles;
  const names = all.map(({ declared }) => declared.name);
  const orderBy = builder.enumType('LifecycleOrder', {
    values: { newestFirst: { description: 'By creation, newest first.' }, oldestFirst: { description: 'By creation, oldest first.' } } as const,
  });
  const created = builder.inputType('CreatedBetween', {
    fields: (t) => ({ from: t.field({ type: 'DateTime', required: false }), before: t.field({ type: 'DateTime', required: false }) }),
  });
  const filterOf = (name: string, state: AnyType) =>
    builder.inputType(`${name}Filter`, {
      description: 'The same for list, export, bulk and saved view. A member that is left out asks for nothing.',
      fields: (t) => ({
        ...(state ? { state: t.field({ type: [state] as never, required: false }) } : {}),
        frozen: t.boolean({ required: false }),
        final: t.boolean({ required: false, description: 'Ended, or still alive.' }),
        attention: t.field({ type: [attention], required: false }),
        overdue: t.boolean({ required: false }),
        buyer: t.string({ required: false }),
        merchant: t.string({ required: false }),
        number: t.string({ required: false, description: 'A number or its beginning.' }),
        created: t.field({ type: created, required: false }),
      }),
    });

  const viewer = builder.objectRef<Context['actor']>('Viewer').implement({
    description: 'The caller as the server knows it.',
    fields: (t) => ({
      id: t.exposeID('id'),
      role: t.field({ type: lifecycles.people.role, resolve: (actor) => actor.role }),
      party: t.exposeString('party', { nullable: true }),
      openingCommands: t.field({
        type: [lifecycles.availableCommand],
        description: 'The commands by which the caller starts something new.',
        resolve: (actor) =>
          all.flatMap(({ declared: { opening } }) =>
            opening?.command.by.includes(actor.role)
              ? [{ name: opening.name, command: opening.command, enabled: () => true, why: () => null, needsSecondPerson: () => false }]
              : [],
          ),
      }),
    }),
  });

  builder.queryType({
    fields: (t) => ({
      viewer: t.field({ type: viewer, authScopes: { as: everyone }, resolve: (_root, _args, { actor }) => actor }),
      node: t.field({
        type: node,
        nullable: true,
        description: 'A record by its id; null also for one that the caller may not see.',
        args: {
          id: t.arg.id({ required: true }),
          atLeastRevision: t.arg.int({ required: false, description: 'Waits a moment for this revision instead of answering with an older one.' }),
        },
        authScopes: { as: everyone },
        resolve: (_root, { id, atLeastRevision }, context) => readAtLeast(id, atLeastRevision, context),
      }),
      nodes: t.field({
        type: [node],
        nullable: { list: false, items: true },
        args: { ids: t.arg.idList({ required: true }) },
        authScopes: { as: everyone },
        complexity: ({ ids }) => ({ field: 1, multiplier: Math.max(ids.length, 1) }),
        resolve: (_root, { ids }, { reads }) => {
          if (ids.length > 100) throw refusal('BAD_PAGE', 400, `expected at most 100 ids, got ${ids.length}`);
          return Promise.all(ids.map((id) => reads.find(id))) as never;
        },
      }),
      lifecycles: t.field({
        type: connections.connectionOf('Lifecycle', lifecycle),
        description: 'Everything that the caller may see.',
        args: {
          ...connections.args,
          filter: t.arg({ type: filterOf('Lifecycle', null), required: false }),
          orderBy: t.arg({ type: orderBy, required: false }),
        },
        authScopes: { as: everyone },
        complexity: pageComplexity,
        resolve: (_root, args, context) => listOf(names, args as ListArgs, context) as never,
      }),
      machines: t.field({
        type: [lifecycles.machine],
        description: 'The declared machines.',
        authScopes: { as: everyone },
        resolve: () => all.map(({ declared }) => declared),
      }),
    }),
  });

  for (const { declared, name, ref, state } of all) {
    const filter = filterOf(name, state);
    const connection = connections.connectionOf(name, ref);
    builder.queryField(`${declared.name}s`, (t) =>
      t.field({
        type: connection as AnyType,
        args: { ...connections.args, filter: t.arg({ type: filter, required: false }), orderBy: t.arg({ type: orderBy, required: false }) },
        authScopes: { as: everyone },
        complexity: pageComplexity,
        resolve: ((_root: unknown, args: ListArgs, context: Context) => listOf([declared.name], args, context)) as never,
      }),
    );
    builder.queryField(declared.name, (t) =>
      t.field({
        type: ref,
        nullable: true,
        description: `By its number, as in ${declared.prefix}-2026-000123.`,
        args: { number: t.arg.string({ required: true }) },
        authScopes: { as: everyone },
        resolve: async (_root, { number }, { reads }) => {
          if (unwritableText(number, 'number').length > 0) return null;
          const row = await instanceByNumber(reads.reader, number);
          return row?.instance.lifecycle === declared.name ? row : null;
        },
      }),
    );
  }
}
