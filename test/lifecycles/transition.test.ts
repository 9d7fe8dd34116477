import { expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { restore } from '../../lifecycles/ask.ts';
import { changed } from '../../lifecycles/canonical.ts';
import { system } from '../../lifecycles/roles.ts';
import { step } from '../../lifecycles/step.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { firstSnapshot, nextSnapshot } from '../../lifecycles/transition.ts';
import { replayed } from './replay.ts';
import { accepted, aSupervision, aTermination, straightWay, supervisionOf } from './stories.ts';

test('the machine’s transition is XState’s own, without the actor that it makes for each', () => {
  const passed = wayNames.flatMap((way) => [
    ...['none', 'baseCloud'].flatMap((scenario) => straightWay({ way, scenario }).slice(-1)),
    { model: aTermination({ way, state: straightWay({ way })[1]?.state ?? '' }) },
  ]);
  let compared = 0;
  for (const { model } of passed)
    for (const { id, lifecycle: name } of model.instances.values())
      replayed(model, id, name, (lifecycle, value, context, event) => {
        const here = restore(lifecycle, value, context);
        const [theirs] = transition(lifecycle.machine, here, event as never);
        const ours = nextSnapshot(lifecycle.machine, here, event);
        expect([ours.value, ours.context, ours.status]).toEqual([theirs.value, theirs.context, theirs.status]);
        compared += 1;
      });
  expect(compared).toBeGreaterThan(100);
});

test('the machine’s beginning is XState’s own', () => {
  const input = { order: 'o', orderNumber: 'OR-1', product: 'p', way: 'saas', scenario: 'none', paidAt: 1, paidAmount: 2, currency: 'CNY' } as const;
  const [theirs] = initialTransition(supervision.machine, input);
  // twice: nothing of one beginning is in the next
  for (const order of ['another', 'o']) {
    const ours = firstSnapshot(supervision.machine, { ...input, order });
    expect([ours.value, ours.context, ours.status]).toEqual([theirs.value, { ...theirs.context, order }, theirs.status]);
  }
});

test('a command that was called possible and that no transition takes is a defect: it throws before anything is stored', () => {
  const model = aSupervision();
  const instance = supervisionOf(model);
  const question = { actor: system, facts: {}, now: instance.at, policies: model.policiesOf('supervision'), calendar: model.calendar };
  const put = (type: string) => step({ lifecycle: supervision, instance, happening: { kind: 'command', type, input: { files: [] }, reason: null }, question });
  expect(() => put('acceptDelivery')).toThrow(/expected SV-\d+ to take the accepted "acceptDelivery" in .*awaitingDelivery.*, got no transition/);
  expect(put('uploadAcceptance').instance.value).toMatchObject({ progress: 'awaitingAcceptance' });
});

test('seeing an event is taking it: a reminder that moves nothing is no defect', () => {
  const model = aSupervision({ appeals: ['buyer'] });
  accepted(model, 'decideAppeal');
  model.advance(30 * 86_400_000);
  expect(model.log.filter(({ kind }) => kind === 'deadline').map(({ type }) => type)).toEqual(['deliveryReminder', 'deliveryOverdue']);
});

test('what PostgreSQL gives back with its keys in another order is no change; what is written for the first time is (ACT-2)', () => {
  const decision = { decision: 'complete', opinion: '核实', at: 1 };
  expect(changed({ last: decision, at: 1 }, { last: { at: 1, decision: 'complete', opinion: '核实' }, at: 1 })).toEqual({});
  expect(changed({ last: decision }, { last: { ...decision, at: 2 }, by: null })).toEqual({ last: { ...decision, at: 2 }, by: null });
});
