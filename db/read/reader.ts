import pg from 'pg';
import { type Actor, maySee, partyOfRole, recordsOf } from '../../lifecycles/roles.ts';
import { type Settings, settingsIn, type Versions } from '../settings.ts';
import { inTransaction, lastly } from '../transaction.ts';

export type ReaderQuery = {
  /** Has it prepared once per connection. */
  name?: string;
  text: string;
  values: unknown[];
  /** One plan for all values: for a statement that is found by key whatever they are. Else PostgreSQL plans it for each, as long as that seems to pay. */
  keepPlan?: boolean;
};

export type Reader = {
  actor: Actor;
  read<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  snapshot<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  rows<Row extends pg.QueryResultRow>(query: ReaderQuery): Promise<Row[]>;
  settings(versions: Versions): Promise<Settings>;
  /** The same as somebody else; whether the caller may ask so is for whoever asks. */
  as(other: Actor): Reader;
};

/** A kept plan is never that of a table that was small when it was made (as of commands, db/connect.ts). */
const planByKey = ['plan_cache_mode = force_generic_plan', 'enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off', 'enable_bitmapscan = off']
  .map((setting) => `set local ${setting}`)
  .join('; ');

/**
 * Reads as one caller. Every read is a transaction as `steward_reader`, so that row-level security stands behind the
 * row rule of each query (ACT-1). @throws DatabaseUnavailable when PostgreSQL cannot be asked
 */
export function createReader(pool: pg.Pool, actor: Actor): Reader {
  const literal = pg.escapeLiteral;
  const asCaller = `set local role steward_reader; set local steward.role = ${literal(actor.role)};
    set local steward.party = ${literal(actor.party ?? '')}; set local steward.person = ${literal(actor.id)}`;

  return { actor, read, snapshot, rows, settings, as: (other: Actor) => createReader(pool, other) };

  function read<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(pool, work, { begin: `begin read only; ${asCaller}` });
  }

  /** Many statements that all see one moment, however long they take. */
  function snapshot<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(pool, work, { begin: `begin isolation level repeatable read, read only; ${asCaller}` });
  }

  /** The settings of these versions, as a statement of this reader saw them in force. */
  function settings(versions: Versions): Promise<Settings> {
    return settingsIn(pool).at(versions, pool);
  }

  /** One statement, in one round trip. */
  function rows<Row extends pg.QueryResultRow>({ keepPlan, ...query }: ReaderQuery): Promise<Row[]> {
    const plan = keepPlan ? `; ${planByKey}` : '';
    return inTransaction(pool, async (client) => (await lastly<Row>(client, query)).rows, { begin: `begin read only; ${asCaller}${plan}` });
  }
}

/** The row rule as SQL over `instances`: which index it needs depends on the role, so it is written out for each. */
export function rowRule(actor: Actor, parameter: (value: unknown) => string): string[] {
  const column = partyOfRole[actor.role as keyof typeof partyOfRole];
  const records = recordsOf[actor.role];
  const only = records ? [`i.lifecycle = any(${parameter(records)}::text[])`] : [];
  if (column) return [`i.${column} = ${parameter(actor.party ?? '')}`, ...only];
  return maySee(actor, { buyer: '', merchant: '' }) ? [] : ['false'];
}
