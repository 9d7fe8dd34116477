import type pg from 'pg';

/** The database cannot be asked right now; nothing was changed. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }
}

const retryable = ['40P01', '40001', '23505'];
/** A lock or a statement that took too long. */
const busy = ['55P03', '57014'];
/** No connection (08), no disk, memory or connection left (53), a server that ends or starts (57P), its own I/O errors (58), and the network's. */
const away = /^(08|53|57P|58)...?$|^(25P03|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH)$/;
/** A transaction that cannot write: the server became a standby, and this connection leads nowhere from now on. */
const standby = '25006';

/** What an error says when PostgreSQL is busy or away, `broken` or not; null when the statement itself is wrong. */
export function unavailability(error: unknown, broken?: Error): DatabaseUnavailable | null {
  if (error instanceof DatabaseUnavailable) return error;
  const { code = '', message = '', syscall } = (error ?? {}) as { code?: string; message?: string; syscall?: string };
  // a file that is not there; of PostgreSQL it would be the socket
  if (code === 'ENOENT' && syscall !== 'connect' && !broken) return null;
  if (busy.includes(code) || retryable.includes(code)) return new DatabaseUnavailable('the record is busy', { cause: error });
  if (away.test(code) || code === standby || broken || /Connection terminated|timeout exceeded/.test(message))
    return new DatabaseUnavailable(`PostgreSQL went away: ${message}`, { cause: error });
  return null;
}

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
 * @param begin how it begins, and what is set for it
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>, { attempts = 5, begin = 'begin' } = {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect().catch((error: Error) => {
      throw new DatabaseUnavailable(`expected a connection to PostgreSQL, got: ${error.message}`, { cause: error });
    });
    let broken: Error | undefined;
    try {
      const [begun, result] = inOnePacket(client, () => [client.query(begin), work(client)]);
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
      if (code === standby) broken ??= error as Error;
      throw unavailability(error, broken) ?? error;
    } finally {
      commits.delete(client);
      client.release(broken);
    }
  }
}
