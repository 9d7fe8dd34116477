import { withClient } from '../stack/postgres.ts';
import type { Bench } from './bench.ts';

/** What PostgreSQL did for one order: statements of all databases, those outside Temporal's, and WAL. */
export type Used = { statements: number; ownStatements: number; walBytes: number };

type Counters = { statements: number; own: number; lsn: number; at: number };

/** Measures `work`, less what an idle second of the same servers costs. */
export async function usage({ servers }: Bench, { count }: { count: number }, work: () => Promise<void>): Promise<Used> {
  const read = () => countersOf(servers.adminUrl);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const quiet = await read();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const from = await read();
  await work();
  const to = await read();
  const idle = (key: 'statements' | 'own' | 'lsn') => (from[key] - quiet[key]) / (from.at - quiet.at);
  const each = (key: 'statements' | 'own' | 'lsn') => Math.max(0, to[key] - from[key] - idle(key) * (to.at - from.at)) / count;
  return { statements: each('statements'), ownStatements: each('own'), walBytes: each('lsn') };
}

async function countersOf(adminUrl: string): Promise<Counters> {
  return withClient(adminUrl, async (client) => {
    await client.query('create extension if not exists pg_stat_statements');
    const { rows } = await client.query(`select sum(calls)::float8 as statements,
      coalesce(sum(calls) filter (where d.datname like 'bench%'), 0)::float8 as own, pg_current_wal_lsn() - '0/0' as lsn
      from pg_stat_statements s join pg_database d on d.oid = s.dbid`);
    return { statements: rows[0].statements, own: rows[0].own, lsn: Number(rows[0].lsn), at: performance.now() };
  });
}
