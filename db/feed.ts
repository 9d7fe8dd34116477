/** What one subscriber is still to be given, in order. */
export type Feed<T> = AsyncIterableIterator<T> & { push(item: T): void; end(): void };

/**
 * A subscriber's queue. One that does not keep up loses what waits for it as soon as `most` items do, and is given
 * `missed` in their place.
 * @param onEnd called once, when either side ends it; what waits is thrown away then
 */
export function createFeed<T>({ most, missed, onEnd }: { most: number; missed: T; onEnd: () => void }): Feed<T> {
  let waiting: T[] = [];
  let takers: ((result: IteratorResult<T>) => void)[] = [];
  let ended = false;

  return {
    push(item) {
      if (ended) return;
      const taker = takers.shift();
      if (taker) taker({ value: item, done: false });
      else if (waiting.length < most) waiting.push(item);
      else waiting = [missed];
    },
    end,
    next() {
      if (ended) return Promise.resolve({ value: undefined, done: true });
      if (waiting.length > 0) return Promise.resolve({ value: waiting.shift() as T, done: false });
      return new Promise((resolve) => takers.push(resolve));
    },
    return() {
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };

  function end() {
    if (ended) return;
    ended = true;
    waiting = [];
    for (const taker of takers) taker({ value: undefined, done: true });
    takers = [];
    onEnd();
  }
}
