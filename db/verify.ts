import type pg from 'pg';
import { link } from './chain.ts';

export type BrokenLink = {
  chain: 'events' | 'refusals';
  instance: string;
  /** The first line that does not fit: a revision, or a refusal's number. */
  line: number;
  why: 'missing' | 'changed' | 'out of order' | 'not the head';
};
export type Verified = { events: number; refusals: number; broken: BrokenLink | null };

type Line = { line: number; previous: string; hash: string; content: Record<string, unknown> };

/** An instant as both chains hold it: UTC, milliseconds. */
export const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The content of a line of the operation log, as it was hashed. */
export const eventContent = `jsonb_build_object('instance_id', instance_id, 'revision', revision, 'kind', kind, 'type', type,
    'actor', actor, 'role', role, 'party', party, 'via', via, 'at', ${iso('at')}, 'input', input, 'reason', reason, 'facts', facts, 'before', before,
    'after', after, 'changes', changes, 'snapshot', snapshot, 'applied', applied, 'machine_version', machine_version, 'policy_version', policy_version,
    'calendar_version', calendar_version, 'idempotency_key', idempotency_key, 'expected_revision', expected_revision)`;

/** The content of a refusal, as it was hashed. */
export const refusalContent = `jsonb_build_object('instance_id', instance_id, 'no', no, 'at', ${iso('at')}, 'command', command,
    'actor', actor, 'role', role, 'party', party, 'via', via, 'input', input, 'code', code, 'details', details, 'state', state)`;

const eventsSql = `select revision as line, previous, hash, ${eventContent} as content from events where instance_id = $1 order by revision`;
const refusalsSql = `select no as line, previous, hash, ${refusalContent} as content from refusals where instance_id = $1 order by no`;

/** Recomputes both chains of an instance (ACT-2) from its rows up to its heads, and names the first link that does not hold. */
export async function verifyChains(pool: pg.Pool, instance: string): Promise<Verified> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const {
      rows: [head],
    } = await client.query('select revision, head, refusals, refusal_head from instances where id = $1', [instance]);
    if (!head) throw new Error(`expected an instance, got ${instance}`);
    const events = (await client.query<Line>(eventsSql, [instance])).rows;
    const refusals = (await client.query<Line>(refusalsSql, [instance])).rows;
    const broken =
      firstBroken({ chain: 'events', instance, lines: events, length: head.revision, head: head.head }) ??
      firstBroken({ chain: 'refusals', instance, lines: refusals, length: head.refusals, head: head.refusal_head });
    return { events: events.length, refusals: refusals.length, broken };
  } finally {
    await client.query('rollback').catch(() => {});
    client.release();
  }
}

function firstBroken({
  chain,
  instance,
  lines,
  length,
  head,
}: {
  chain: BrokenLink['chain'];
  instance: string;
  lines: Line[];
  length: number;
  head: string;
}): BrokenLink | null {
  let previous = '';
  for (const [index, line] of lines.entries()) {
    const at = { chain, instance, line: index + 1 };
    if (line.line !== index + 1) return { ...at, why: 'missing' };
    if (line.hash !== link(line.previous, line.content)) return { ...at, why: 'changed' };
    if (line.previous !== previous) return { ...at, why: 'out of order' };
    previous = line.hash;
  }
  if (lines.length < length) return { chain, instance, line: lines.length + 1, why: 'missing' };
  return lines.length > length || previous !== head ? { chain, instance, line: lines.length, why: 'not the head' } : null;
}
