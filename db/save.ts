import type pg from 'pg';
import type { Play } from '../lifecycles/play.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Loaded, Locked } from './load.ts';
import { rowsOf } from './rows.ts';
import { lastly } from './transaction.ts';
import { statementFor } from './writes.ts';

/** Which door a change came through; part of the log. */
export type Via = 'api' | 'update' | 'keeper' | 'sweep' | 'sandbox' | 'migration';

export type Stored = {
  registry: Registry;
  /** Of what was there before, the log's links and what the tables said. */
  loaded: Omit<Loaded, 'family'> & { family: ReadonlyMap<string, Pick<Locked, 'instance' | 'head'>> };
  play: Play;
  via: Via;
  key?: { scope: string; key: string; fingerprint: string; instance: string };
  expectedRevision?: number | null;
  /** The instance whose own workflow made this change and gets the new agenda as its answer. */
  awake?: string;
  /** The try whose success this is. */
  attempt?: { effect: string; no: number; record: Record<string, unknown> | null };
};

/**
 * Stores a play in one statement, the transaction's last: instances, log, deadlines, effects, incidents, messages, owed wakes, key. Nothing else in
 * Steward writes these tables' business columns. @returns wake_seq of every instance changed
 */
export async function save(client: pg.PoolClient, stored: Stored): Promise<Map<string, number>> {
  const { rows } = await lastly<{ id: string; wake_seq: number }>(client, statementFor(rowsOf(stored)));
  return new Map(rows.map((row) => [row.id, row.wake_seq]));
}
