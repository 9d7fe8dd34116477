import { expect, test } from 'vitest';
import { createFeed } from '../../db/feed.ts';

const value = (given: string) => ({ value: given, done: false });

test('a subscriber that does not read is told that it missed something, and no more than the limit waits for it', async () => {
  const feed = createFeed({ most: 3, missed: 'missed', onEnd: () => {} });
  for (const one of ['a', 'b', 'c', 'd', 'e']) feed.push(one);
  expect([await feed.next(), await feed.next()]).toEqual([value('missed'), value('e')]);
});

test('who reads in time gets everything in order, and hears of the end also while it waits', async () => {
  let ends = 0;
  const feed = createFeed({ most: 3, missed: 'missed', onEnd: () => (ends += 1) });
  const first = feed.next();
  for (const one of ['a', 'b', 'c']) feed.push(one);
  expect([await first, await feed.next(), await feed.next()]).toEqual([value('a'), value('b'), value('c')]);
  const waits = feed.next();
  feed.end();
  await feed.return?.();
  feed.push('d');
  expect([await waits, await feed.next()]).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ]);
  expect(ends).toBe(1);
});
