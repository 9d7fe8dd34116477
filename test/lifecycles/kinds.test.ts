import { afterAll, describe, expect, test } from 'vitest';
import { order } from '../../lifecycles/order.ts';
import { productionCall } from '../../lifecycles/productionCall.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { day, hour, minute, startOfTime } from './cast.ts';
import { answers, bought, latest, made, models, pay, place, refund, said, serviceOf, unmet } from './kinds.ts';

const iso = (ms: unknown) => new Date(ms as number).toISOString().slice(0, 10);

test('a product with an interface is opened by its merchant’s answer, and its instance is the merchant’s (ORD-4, PRD-1)', () => {
  const model = bought();
  expect(latest(model, 'order')).toMatchObject({ value: 'completed', context: { made: { instanceId: 'm-1' } } });
  expect(latest(model, 'productionCall')).toMatchObject({ value: 'succeeded', context: { activity: 'newInstance', caller: 'order' } });
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { merchantInstance: 'm-1', sku: 'basic', frontEndUrl: made.frontEndUrl } });
});

describe('a renewal (ORD-3, ORD-5)', () => {
  test('takes effect where the paid period ends, by a call that names the new end', () => {
    const model = bought();
    model.advance(10 * day);
    expect(said(place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 2 } }))).toBe('ok');
    expect(serviceOf(model).context.openChange).toBe(latest(model, 'order').number);
    pay(model);
    expect(latest(model, 'productionCall').effects[0]?.params).toMatchObject({ activity: 'refreshInstance', scene: 'RENEWAL', instanceId: 'm-1' });
    answers(model);
    expect([iso(latest(model, 'order').context.validFrom), iso(latest(model, 'order').context.validUntil)]).toEqual(['2026-04-02', '2026-06-02']);
    expect(serviceOf(model)).toMatchObject({ value: 'active', context: { openChange: null, validUntil: latest(model, 'order').context.validUntil } });
  });

  test('after the end brings the instance back from the day of payment, and has it unfrozen', () => {
    const model = bought();
    model.advance(40 * day);
    expect(serviceOf(model).value).toBe('suspended');
    expect(latest(model, 'productionCall').context.activity).toBe('expireInstance');
    place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
    pay(model);
    answers(model);
    expect(serviceOf(model)).toMatchObject({ value: 'active', context: { suspendedBecause: null } });
    expect(iso(serviceOf(model).context.validUntil)).toBe('2026-05-11');
    expect(latest(model, 'productionCall').context).toMatchObject({ activity: 'unfreezeInstance', caller: 'serviceInstance' });
  });

  test('that is paid but not confirmed when the instance is released fails, and nothing is left open', () => {
    const model = bought();
    model.advance(45 * day);
    place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
    pay(model);
    model.advance(5 * day);
    expect(serviceOf(model).value).toBe('released');
    // the money goes back by itself (ORD-4)
    expect(latest(model, 'order')).toMatchObject({ value: 'refunding', context: { failedBecause: serviceOf(model).number } });
    expect(latest(model, 'refund')).toMatchObject({
      value: { progress: 'paying' },
      context: { kind: 'failed', amount: latest(model, 'order').context.amount },
    });
    expect(
      [...model.instances.values()]
        .filter(({ lifecycle, value }) => lifecycle === 'productionCall' && value === 'calling')
        .map(({ context }) => context.activity),
    ).toEqual(['releaseInstance']);
  });

  test('is one at a time: a second is refused until the first is done or dropped', () => {
    const model = bought();
    const renewal = { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } };
    expect([said(place(model, renewal)), said(place(model, renewal))]).toEqual(['ok', 'CHANGE_UNDER_WAY']);
    model.advance(24 * hour);
    expect(latest(model, 'order').value).toBe('cancelled');
    expect(said(place(model, renewal))).toBe('ok');
  });
});

test('an upgrade costs the difference for the days that are left, a begun one counting whole, and changes the specification (ORD-3)', () => {
  const model = bought();
  model.advance(10 * day + minute);
  expect(said(place(model, { kind: 'upgrade', instance: serviceOf(model).id, sku: 'pro' }))).toBe('ok');
  // 21 of 30 days, at 60.00 a month more
  expect(latest(model, 'order').context.amount).toBe(42_00);
  pay(model);
  expect(latest(model, 'productionCall').effects[0]?.params).toMatchObject({ activity: 'upgradeInstance', sku: 'pro' });
  answers(model);
  expect(serviceOf(model).context).toMatchObject({ sku: 'pro', quantity: 1, validUntil: latest(model, 'order').context.ownedUntil });
});

test('an expansion adds to the quantity for the rest of the period (ORD-3)', () => {
  const model = bought();
  model.advance(16 * day);
  place(model, { kind: 'expansion', instance: serviceOf(model).id, quantity: 3 });
  expect(latest(model, 'order').context.amount).toBe(150_00);
  pay(model);
  answers(model);
  expect(serviceOf(model).context.quantity).toBe(4);
});

test('a trial costs nothing, ends by itself, and becomes a paid instance once it is converted (ORD-3)', () => {
  const model = bought({ kind: 'trial' });
  expect(serviceOf(model)).toMatchObject({ context: { trial: true, validUntil: startOfTime + 14 * day } });
  const converted = model.fork();
  models.push(converted);
  model.advance(14 * day);
  expect(serviceOf(model).value).toBe('suspended');
  converted.advance(7 * day);
  place(converted, { kind: 'trialToPaid', instance: serviceOf(converted).id, period: { unit: 'year', count: 1 } });
  pay(converted);
  expect(latest(converted, 'productionCall').context.scene).toBe('TRIAL_TO_FORMAL');
  answers(converted);
  expect(serviceOf(converted).context.trial).toBe(false);
  expect(iso(serviceOf(converted).context.validUntil)).toBe('2027-03-09');
});

test.each([
  ['a renewal of nothing', { kind: 'renewal', period: { unit: 'month', count: 1 } }, 'INVALID instance'],
  ['a purchase for an instance', { instance: 'own', period: { unit: 'month', count: 1 } }, 'INVALID instance'],
  ['a renewal without a period', { kind: 'renewal', instance: 'own' }, 'INVALID period'],
  ['an upgrade to the same', { kind: 'upgrade', instance: 'own', sku: 'basic' }, 'INVALID sku'],
  ['an upgrade to what is not sold', { kind: 'upgrade', instance: 'own', sku: 'gold' }, 'INVALID sku'],
  ['a package that is not sold', { kind: 'stopWhenUsedUp', package: 'huge' }, 'INVALID package'],
  ['on demand where nothing is sold by the unit', { kind: 'onDemand' }, 'INVALID kind'],
  ['the conversion of what is no trial', { kind: 'trialToPaid', instance: 'own', period: { unit: 'month', count: 1 } }, 'TRIAL_ONLY'],
  [
    'a renewal of another product’s instance',
    { kind: 'renewal', instance: 'own', product: 'saas-automatic', period: { unit: 'month', count: 1 } },
    'OTHER_PRODUCT',
  ],
  ['a renewal of what does not exist', { kind: 'renewal', instance: '22222222-2222-4222-8222-222222222222', period: { unit: 'month', count: 1 } }, 'NOT_FOUND'],
])('%s is refused, and nothing has changed (ORD-3)', (_what, input, code) => {
  const model = bought();
  const before = model.log.length;
  expect(said(place(model, { ...input, ...('instance' in input && input.instance === 'own' ? { instance: serviceOf(model).id } : {}) }))).toBe(code);
  expect(model.log).toHaveLength(before);
});

test('an unpaid change of an instance that is released meanwhile is cancelled (ORD-5)', () => {
  const model = bought();
  model.advance(45 * day + 12 * hour);
  place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
  model.advance(12 * hour);
  expect([serviceOf(model).value, latest(model, 'order').value]).toEqual(['released', 'cancelled']);
});

test('what an instance asks for itself is answered to itself, whatever its state; a changed address is kept (PRD-2)', () => {
  const model = bought();
  model.advance(31 * day);
  answers(model, { ...made, adminUrl: 'https://shop.example/admin' });
  expect(serviceOf(model)).toMatchObject({ value: 'suspended', context: { adminUrl: 'https://shop.example/admin' } });
  const dropped = model.fork();
  models.push(dropped);
  place(dropped, { kind: 'renewal', instance: serviceOf(dropped).id, period: { unit: 'month', count: 1 } });
  dropped.advance(day);
  expect(serviceOf(dropped).context.openChange).toBeNull();
  place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
  pay(model);
  answers(model);
  answers(model);
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { frontEndUrl: made.frontEndUrl } });
});

test('a purchase that is refunded within five days is released, at the merchant’s too (REF-1a, REF-5)', () => {
  const model = bought();
  model.advance(day);
  expect(refund(model, latest(model, 'order'))).toBe('ok');
  expect(serviceOf(model).value).toBe('released');
  expect(latest(model, 'productionCall').effects[0]?.params).toMatchObject({ activity: 'releaseInstance', instanceId: 'm-1' });
});

test('a renewal that is refunded before it is in effect goes back to the end before, at the merchant’s too, and the instance stays (REF-1, REF-5)', () => {
  const model = bought();
  model.advance(10 * day);
  const before = serviceOf(model).context.validUntil as number;
  place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 2 } });
  pay(model);
  answers(model);
  expect(serviceOf(model).context.validUntil).not.toBe(before);
  expect(refund(model, latest(model, 'order'))).toBe('ok');
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { validUntil: before } });
  expect(serviceOf(model).deadlines.find(({ name }) => name === 'expired')?.dueAt).toBe(before);
  expect(latest(model, 'productionCall').effects[0]?.params).toMatchObject({
    activity: 'refreshInstance',
    scene: 'UNSUBSCRIBE_RENEWAL_PERIOD',
    instanceId: 'm-1',
    expiresAt: before,
  });
});

afterAll(() => {
  expect([
    ...unmet(order, (branch) => branch.includes(' · instanceReleased ')),
    // how a package brings a stopped service back is told in usage.test.ts
    ...unmet(serviceInstance, (branch) => / · (change\w+|callSucceeded) /.test(branch) && !branch.startsWith('suspended · changeDone')),
    ...unmet(productionCall, (branch) => branch.startsWith('calling · callWithdrawn')),
  ]).toEqual([]);
});
