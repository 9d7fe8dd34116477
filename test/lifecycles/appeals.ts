import { expect } from 'vitest';
import { isFinal, isFrozen, stateOf } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { day } from './cast.ts';
import type { Model } from './drive.ts';
import { accepted, aTermination, progressOf, straightWay, supervisionOf } from './stories.ts';

const scenarios = ['none', 'baseCloud'];
export const parties = ['buyer', 'merchant'] as const;

/** Every node of every way, with and without review: on the straight way, after a return, and while a refund is paid. */
export const nodes = wayNames.flatMap((way) =>
  scenarios.flatMap((scenario) => {
    const passed = straightWay({ way, scenario });
    const returned = passed
      .filter(({ state }) => ['awaitingAcceptance', 'awaitingCompletion'].includes(state))
      .map(({ model }) => {
        const back = model.fork();
        accepted(back, 'returnDelivery');
        return { state: `${stateOf(supervisionOf(back).value)} again`, model: back };
      });
    const terminating = { state: 'terminating', model: aTermination({ way, scenario, state: passed[0]?.state ?? '' }) };
    return [...passed, ...returned, terminating]
      .filter(({ model }) => !isFinal(supervision, supervisionOf(model).value))
      .map(({ state, model }) => ({ node: `${way}, ${scenario}: ${state}`, model }));
  }),
);

export const frozen = (model: Model) => isFrozen(supervisionOf(model).value);
/** What is left of every deadline of progress, in milliseconds. */
export const left = (model: Model) => {
  const { deadlines } = supervisionOf(model);
  return Object.fromEntries(
    deadlines
      .filter(({ name }) => !/^(decision|evidence)/.test(name))
      .map(({ name, dueAt, remainingMs }) => [name, dueAt === null ? remainingMs : dueAt - model.now]),
  );
};
export const effectsOf = (model: Model) => supervisionOf(model).effects.map(({ key }) => key);

/** Appealed by one party or both an hour later, and looked at again two days after. */
export function appealed(model: Model, by: readonly Role[]) {
  const one = model.fork();
  one.advance(10 * 60_000);
  const before = { state: progressOf(one), left: left(one), effects: effectsOf(one) };
  for (const role of by) accepted(one, 'fileAppeal', { role });
  expect(frozen(one)).toBe(true);
  expect(left(one)).toEqual(before.left);
  one.advance(2 * day);
  expect(left(one)).toEqual(before.left);
  return { one, before };
}
