import type pg from 'pg';

/** The database cannot be asked right now; nothing was changed. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }
}

const retryable = ['40P01', '40001', '23505'];
/** No connection (08), no disk, memory or connection left (53), a server that ends or starts (57P), its own I/O errors (58), and the network's. */
const away = /^(08|53|57P|58)...?$|^(25P03|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH)$/;
/** A transaction that cannot write: the server became a standby, and this connection leads nowhere from now on. */
const standby = '25006';

/** Statements sent inside leave in one packet and are answered in their order: one round trip for all of them. */
export function inOnePacket<T>({ connection: { stream } }: pg.PoolClient, send: () => T): T {
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

const commits = new WeakMap<pg.PoolClient, Promise<unknown>>();

/** The last statement of a transaction, in one packet with its commit. When it fails, PostgreSQL rolls back. */
export async function lastly<Row extends pg.QueryResultRow>(client: pg.PoolClient, statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
  const [sent, committed] = inOnePacket(client, () => [client.query<Row>(statement), client.query('commit')]);
  // whether it fails is heard where the transaction ends; here only the statement's own failure counts
  committed.catch(() => {});
  commits.set(client, committed);
  return sent;
}

/**
 * One transaction on one connection. Deadlocks, serialisation failures and a lost race for a unique key are played
 * again, with jitter. @throws DatabaseUnavailable when PostgreSQL cannot be reached or cannot write, a lock is not given
 * in time, or the last of the attempts lost too
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect().catch((error: Error) => {
      throw new DatabaseUnavailable(`expected a connection to PostgreSQL, got: ${error.message}`, { cause: error });
    });
    let broken: Error | undefined;
    try {
      const [begun, result] = inOnePacket(client, () => [client.query('begin'), work(client)]);
      await Promise.all([begun, result]);
      await (commits.get(client) ?? client.query('commit'));
      return await result;
    } catch (error) {
      await client.query('rollback').catch((lost: Error) => {
        broken = lost;
      });
      const code = (error as { code?: string }).code ?? '';
      if (retryable.includes(code) && attempt < attempts) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
        continue;
      }
      if (code === '55P03' || code === '57014' || retryable.includes(code)) throw new DatabaseUnavailable('the record is busy', { cause: error });
      if (code === standby) broken ??= error as Error;
      if (away.test(code) || broken || /Connection terminated|timeout exceeded/.test(String((error as Error).message)))
        throw new DatabaseUnavailable(`PostgreSQL went away: ${(error as Error).message}`, { cause: error });
      throw error;
    } finally {
      commits.delete(client);
      client.release(broken);
    }
  }
}
