import { expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { coreCommandOf } from '../../lifecycles/core.ts';
import type { Effect, Given, Lifecycle } from '../../lifecycles/declaration.ts';
import { refund } from '../../lifecycles/refund.ts';
import { cast } from './cast.ts';

const never = { code: 'DECISION_PENDING', met: () => false } as const;
const { payRefund } = refund.effects;
/** As a refund, with one effect that may never be retried by hand, and one that may. */
const lifecycle: Lifecycle = { ...refund, effects: { never: { ...payRefund, byHand: [never] }, always: { ...payRefund, byHand: [] } as Effect } };

const given = (...names: string[]): Given => ({
  context: {},
  actor: cast.operationsManager,
  facts: {},
  now: 0,
  policies: {},
  calendar: shanghai,
  parties: { buyer: 'buyer-a', merchant: 'merchant-a' },
  effects: names.map((name) => ({ key: name, name, params: {}, status: 'failed', generation: 1, openedAt: 0 })),
});
const retry = coreCommandOf(lifecycle, 'retryEffect');
const unmet = (...names: string[]) => retry?.requires?.find(({ met }) => !met(given(...names)))?.code ?? 'possible';
const refused = (effect: string, ...names: string[]) => retry?.refuse?.({ ...given(...names), input: { effect } })?.code ?? 'taken';

test('an effect is retried by hand only when its declaration says so; beside another one the command is possible, and what is named decides', () => {
  expect([unmet(), unmet('always'), unmet('never'), unmet('never', 'always')]).toEqual(['NOTHING_TO_RETRY', 'possible', 'DECISION_PENDING', 'possible']);
  expect([refused('never', 'never', 'always'), refused('always', 'never', 'always')]).toEqual(['DECISION_PENDING', 'taken']);
  expect(coreCommandOf(lifecycle, 'toString')).toBeUndefined();
});
