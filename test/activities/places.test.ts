import { expect, test } from 'vitest';
import type { EffectRequest } from '../../activities/activities.ts';
import { createPlaces } from '../../activities/places.ts';

const effect: EffectRequest = { instance: 'i', lifecycle: 'supervision', key: 'i:1:synchroniseOrder', generation: 1, timeoutMs: 10_000 };
const inTask: EffectRequest = { ...effect, inTask: true };
const elsewhere = { type: 'NOT_IN_TASK', details: [0] };

/** An effect whose tries take as long as is said, by a clock that nobody waits for. */
function tried() {
  const clock = { now: 0, tryMs: 10 };
  const places = createPlaces({ now: () => clock.now });
  const attempt = async () => {
    clock.now += clock.tryMs;
    return null;
  };
  return { clock, synchronise: places('synchroniseOrder', attempt), issue: places('issueCode', attempt) };
}

test('an outside that took more than a second is tried outside of workflow tasks for a minute, and others go on inside (SUP-4)', async () => {
  const { clock, synchronise, issue } = tried();
  expect(await synchronise(inTask)).toBeNull();
  clock.tryMs = 1_001;
  await synchronise(inTask);
  clock.tryMs = 10;
  await expect(synchronise(inTask)).rejects.toMatchObject(elsewhere);
  expect(await issue(inTask)).toBeNull();
  expect(await synchronise(effect)).toBeNull();
  clock.now += 60_000;
  expect(await synchronise(inTask)).toBeNull();
});

test('a slow try outside of workflow tasks keeps the next ones outside, too', async () => {
  const { clock, synchronise } = tried();
  clock.tryMs = 5_000;
  await synchronise(effect);
  await expect(synchronise(inTask)).rejects.toMatchObject(elsewhere);
});

test('eight tries at most hold workflow tasks at a time; a failed one gives its place back', async () => {
  const places = createPlaces();
  const answers: ((end: Error | null) => void)[] = [];
  const attempt = () => new Promise<null>((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve(null))));
  const synchronise = places('synchroniseOrder', attempt);
  const held = Array.from({ length: 8 }, () => synchronise(inTask));
  await expect(synchronise(inTask)).rejects.toMatchObject(elsewhere);
  answers[0]?.(new Error('503'));
  await expect(held[0]).rejects.toThrow('503');
  const next = synchronise(inTask);
  for (const answer of answers.slice(1)) answer(null);
  expect(await Promise.all([...held.slice(1), next])).toEqual(Array(8).fill(null));
});
