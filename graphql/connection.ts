import { validate as isUuid } from 'uuid';
import { unwritableText } from '../db/storable.ts';
import type { Builder } from './builder.ts';
import { refusal } from './errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: types made at run time from declared lifecycles have no static one
type AnyType = any;

/** Most callers ask for the nodes alone: a cursor is made when it is asked for. */
type Edge<Row> = { cursor: () => string; node: Row };

export type Page<Row> = {
  edges: Edge<Row>[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Undefined where the caller may read it off the parent. */
  count?: () => Promise<{ value: number; exact: boolean }>;
};

export type PageArgs = { first?: number | null; last?: number | null; after?: string | null; before?: string | null };

const most = 100;
const usual = 50;
/** The page itself was counted by its field. */
const free = { field: 0, multiplier: 1 };

/** How many rows a page may have, and from which end. */
export function sizeOf({ first, last }: PageArgs): { limit: number; backwards: boolean } {
  if (first != null && last != null) throw refusal('BAD_PAGE', 400, 'expected first or last, got both');
  const limit = first ?? last ?? usual;
  if (limit < 0 || limit > most) throw refusal('BAD_PAGE', 400, `expected ${first != null ? 'first' : 'last'} from 0 to ${most}, got ${limit}`);
  return { limit, backwards: last != null };
}

/** What a page costs against the request's limit: its rows times what is asked of each. */
export const pageComplexity = ({ first, last }: PageArgs) => ({ field: 1, multiplier: Math.min(Math.max(first ?? last ?? usual, 1), most) });

/** The page of `rows`, which hold one more than the limit when there is more in the direction of reading. */
export function pageFrom<Row>(
  rows: readonly Row[],
  { limit, backwards, hasOther, cursorOf }: { limit: number; backwards: boolean; hasOther: boolean; cursorOf: (row: Row) => string },
): Page<Row> {
  const hasMore = rows.length > limit;
  const kept = backwards ? rows.slice(hasMore ? 1 : 0) : rows.slice(0, limit);
  return {
    edges: kept.map((node) => ({ cursor: () => cursorOf(node), node })),
    hasNextPage: backwards ? hasOther : hasMore,
    hasPreviousPage: backwards ? hasMore : hasOther,
  };
}

export const encodeCursor = (place: readonly (string | number)[]) => Buffer.from(JSON.stringify(place)).toString('base64url');

/** What a place is made of, as far as PostgreSQL can compare it: an instant is epoch milliseconds, an id an instance's uuid. */
export const isInt = (part: unknown): part is number => Number.isInteger(part) && Math.abs(part as number) < 2 ** 31;
export const isRowNumber = (part: unknown): part is number => Number.isSafeInteger(part);
export const isInstant = (part: unknown): part is number => Number.isInteger(part) && (part as number) >= 0 && (part as number) <= 253_370_764_800_000;
export const isId = (part: unknown): part is string => isUuid(part);
export const isText = (part: unknown): part is string => typeof part === 'string' && unwritableText(part, '').length === 0;

/**
 * The place that a cursor of a list means, by what each of its parts must be; null without a cursor.
 * @throws BAD_PAGE for a cursor that no page of such a list gave
 */
export function placeIn<Place>(cursor: string | null | undefined, form: { [Part in keyof Place]: (part: unknown) => part is Place[Part] }): Place | null {
  if (cursor == null) return null;
  const parts = partsOf(cursor);
  const checks = Object.entries<(part: unknown) => boolean>(form);
  if (parts?.length !== checks.length || !checks.every(([, isIt], at) => isIt(parts[at])))
    throw refusal('BAD_PAGE', 400, `expected a cursor that a page of this list gave, got ${JSON.stringify(cursor)}`);
  return Object.fromEntries(checks.map(([name], at) => [name, parts[at]])) as Place;
}

function partsOf(cursor: string): unknown[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : null;
  } catch {
    return null;
  }
}

export type Connections = ReturnType<typeof addConnections>;

/** Keyset connections: `first` at most 100, 50 when it is not said, `totalCount` counted up to 10,001. */
export function addConnections(builder: Builder) {
  const pageInfo = builder.objectRef<Page<unknown>>('PageInfo').implement({
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage'),
      hasPreviousPage: t.exposeBoolean('hasPreviousPage'),
      startCursor: t.string({ nullable: true, resolve: ({ edges }) => edges.at(0)?.cursor() ?? null }),
      endCursor: t.string({ nullable: true, resolve: ({ edges }) => edges.at(-1)?.cursor() ?? null }),
    }),
  });
  const totalCount = builder.objectRef<{ value: number; exact: boolean }>('TotalCount').implement({
    fields: (t) => ({
      value: t.exposeInt('value', { description: 'At most 10,001.' }),
      exact: t.exposeBoolean('exact', { description: 'False: there are at least so many.' }),
    }),
  });
  const args = builder.args((t) => ({
    first: t.int({ required: false, description: 'At most 100; 50 when neither first nor last is given.' }),
    after: t.string({ required: false }),
    last: t.int({ required: false }),
    before: t.string({ required: false }),
  }));

  function connectionOf(name: string, node: AnyType) {
    const edge = builder.objectRef<Edge<unknown>>(`${name}Edge`).implement({
      fields: (t) => ({ cursor: t.string({ resolve: ({ cursor }) => cursor() }), node: t.field({ type: node, resolve: (parent) => parent.node as never }) }),
    });
    return builder.objectRef<Page<unknown>>(`${name}Connection`).implement({
      fields: (t) => ({
        nodes: t.field({ type: [node], complexity: free, resolve: ({ edges }) => edges.map((one) => one.node) as never }),
        edges: t.field({ type: [edge], complexity: free, resolve: ({ edges }) => edges }),
        pageInfo: t.field({ type: pageInfo, complexity: 0, resolve: (page) => page }),
        totalCount: t.field({ type: totalCount, complexity: 10, resolve: (page) => page.count?.() ?? { value: page.edges.length, exact: true } }),
      }),
    });
  }
  return { args, connectionOf };
}
