import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';

// bigint columns hold 分 and milliseconds, both far below 2^53
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type Db = NodePgDatabase;

export type Connection = {
  /** Commands: each holds one connection for one short transaction. */
  pool: pg.Pool;
  /** Queries have a pool of their own, so that neither starves the other. */
  readPool: pg.Pool;
  db: Db;
  close(): Promise<void>;
};

/**
 * Commands touch rows by key. A plan made while a table was small must not scan it, join it whole, or read a whole partial index beside the
 * key's (a bitmap of all armed deadlines took 1.3 ms an instance), once it is large.
 */
const byKey = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan -c jit=off';

/**
 * Pools over one database. A lost connection is replaced at the next use; it never ends the process.
 * @param poolSize connections for commands, and as many for reads
 */
export function connect(databaseUrl: string, { poolSize = 16, name = 'steward' }: { poolSize?: number; name?: string } = {}): Connection {
  const open = (application: string, plans = '') => {
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      max: poolSize,
      pipeline: true,
      application_name: application,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      options: `-c lock_timeout=5000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000 ${plans}`,
    });
    pool.on('error', () => {});
    // a connection in use hears of its end on its own, besides its query that fails
    pool.on('connect', (client) => client.on('error', () => {}));
    return pool;
  };
  const pool = open(name, byKey);
  const readPool = open(`${name} reads`);
  return {
    pool,
    readPool,
    db: drizzle({ client: pool }),
    close: async () => {
      await Promise.all([pool.end(), readPool.end()]);
    },
  };
}
