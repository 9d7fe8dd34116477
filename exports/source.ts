import type { Context } from '../lifecycles/billExport/context.ts';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import type { Cell } from './cells.ts';

/** What an export asks for, as its record says it. */
export type Wanted = Pick<Context, 'what' | 'format' | 'language' | 'buyer' | 'merchant' | 'from' | 'before' | 'requestedBy'>;

/** One row as it is read: whose it is, and its cells. */
export type SourceRow = { buyer: string; merchant: string; cells: Cell[] };

/** Where the rows of an export come from; read page by page along a key, as the person who asked (ACT-1). */
export type Source = {
  header: readonly Bilingual[];
  /** From `... where ...` on, without rights and filters; `i` is the row whose parties decide who sees it. */
  from: string;
  /** Conditions that hold of every row. */
  where: readonly string[];
  /** What the caller sees of its own rows, where that is not all of them (ACT-1). */
  rule?: (caller: Actor) => string[];
  /** The instant that the period is about. */
  at: string;
  /** The columns of the key, with their types; unique together. */
  key: readonly (readonly [column: string, type: string])[];
  columns: string;
  cells: (row: Record<string, unknown>, language: Wanted['language']) => Cell[];
};
