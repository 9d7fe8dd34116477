import { DatabaseUnavailable } from './transaction.ts';

/**
 * One at a time per instance inside this process: fifty copies of one command wait here, not each on a database
 * connection. @throws DatabaseUnavailable when more than `limit` wait for one instance
 */
export function createQueue({ limit }: { limit: number }) {
  const tails = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  return async function enqueue<T>(id: string, work: () => Promise<T>): Promise<T> {
    const line = tails.get(id) ?? { tail: Promise.resolve(), waiting: 0 };
    if (line.waiting >= limit) throw new DatabaseUnavailable(`more than ${limit} commands wait for this record`);
    line.waiting += 1;
    tails.set(id, line);
    const turn = line.tail.then(work, work);
    line.tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) tails.delete(id);
    }
  };
}
