import type pg from 'pg';

/** Where a process stops for good, to be killed there: at a statement of one of its transactions that change an instance or begin a try. */
export type Hold = {
  transaction: number;
  statement: number;
  when: 'before' | 'after';
  /** Only transactions that open with a statement whose name begins so, about this instance, are counted. */
  only?: { opening: string; instance: string };
};

/** The statement after `begin` that tells such a transaction from others (deliveries, reads). */
const openings = ['lock of a try', 'lock of an instance', 'one opening per key', 'bill to build'];

type Named = { name?: string; values?: unknown[] };
type Query = (statement: string | Named, ...rest: unknown[]) => Promise<unknown>;

/** Stops a pool's connections where `hold` says, and tells of it. What stops never goes on. */
export function holdAt(pool: pg.Pool, hold: Hold, tell: () => void): void {
  const never = () => {
    tell();
    return new Promise<never>(() => {});
  };
  const isCounted = ({ name = '', values = [] }: Named) =>
    hold.only ? name.startsWith(hold.only.opening) && values[0] === hold.only.instance : openings.some((opening) => name.startsWith(opening));
  let transactions = 0;
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  pool.connect = ((callback?: unknown) => (callback ? (connect as (given: unknown) => unknown)(callback) : connect().then(holding))) as typeof pool.connect;

  function holding(client: pg.PoolClient): pg.PoolClient {
    const query = client.query.bind(client) as unknown as Query;
    let statement = 0;
    let own = 0;
    const held: Query = async (text, ...rest) => {
      if (text === 'begin') [statement, own] = [0, 0];
      statement += 1;
      if (statement === 2 && typeof text === 'object' && isCounted(text)) own = ++transactions;
      const isHere = own === hold.transaction && statement === hold.statement;
      if (isHere && hold.when === 'before') await never();
      const result = await query(text, ...rest);
      if (isHere) await never();
      return result;
    };
    const release = client.release;
    return new Proxy(client, {
      get: (target, name) => (name === 'query' ? held : name === 'release' ? release.bind(target) : Reflect.get(target, name, target)),
    });
  }
}
