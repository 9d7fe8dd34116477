/** Works through a list, so many at a time. */
export async function inLanes<Item>(items: Iterable<Item>, lanes: number, work: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
    }),
  );
}
