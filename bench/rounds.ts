import { inLanes } from '../workflows/lanes.ts';

export type Round = { perSecond: number; p50: number; p95: number };

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Plays `work` over all items with so many clients, each one item at a time; how fast, and how long each command took. */
export async function playRound<Item>({
  items,
  clients,
  work,
}: {
  items: readonly Item[];
  clients: number;
  /** Does one item's commands, each wrapped in `timed`. */
  work: (item: Item, timed: <T>(command: () => Promise<T>) => Promise<T>) => Promise<void>;
}): Promise<Round> {
  const took: number[] = [];
  const timed = async <T>(command: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await command();
    took.push(performance.now() - from);
    return result;
  };
  const from = performance.now();
  await inLanes(items, clients, (item) => work(item, timed));
  const seconds = (performance.now() - from) / 1_000;
  return { perSecond: took.length / seconds, p50: percentile(took, 0.5), p95: percentile(took, 0.95) };
}
