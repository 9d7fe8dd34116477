import { afterAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../lifecycles/instance.ts';
import { order } from '../../lifecycles/order.ts';
import { productionCall } from '../../lifecycles/productionCall.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { cast, day, file, hour, minute, startOfTime } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { branchesIn, branchesOf } from './replay.ts';

const product = 'saas-by-interface';
const met = new Set<string>();
const models: Model[] = [];
const aModel = () => {
  const model = createModel();
  models.push(model);
  return model;
};
const iso = (ms: unknown) => new Date(ms as number).toISOString().slice(0, 10);
const latest = (model: Model, lifecycle: string) => [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle) as Instance;
const made = { instanceId: 'm-1', frontEndUrl: 'https://shop.example/m-1', adminUrl: null, inProgress: false };

function place(model: Model, input: Record<string, unknown>) {
  return model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product, ...input } });
}
function pay(model: Model) {
  const order = latest(model, 'order');
  const input = { amount: order.context.amount, means: 'balance', reference: 'PAY' };
  return model.command({ lifecycle: 'order', instance: order.id, command: 'recordPayment', actor: cast.system, input });
}
/** The merchant answers the newest call that is open. */
function answers(model: Model, result: Record<string, unknown> = made) {
  const call = latest(model, 'productionCall');
  model.effectResult({ instance: call.id, key: call.effects[0]?.key ?? '', result });
}
const said = (answer: ReturnType<Model['command']>) =>
  answer.ok ? 'ok' : answer.problem.kind === 'Invalid' ? `INVALID ${answer.problem.fields.map(({ path }) => path)}` : answer.problem.code;

function bought(input: Record<string, unknown> = { period: { unit: 'month', count: 1 }, sku: 'basic' }): Model {
  const model = aModel();
  expect(said(place(model, input))).toBe('ok');
  if (latest(model, 'order').value === 'pendingPayment') expect(said(pay(model))).toBe('ok');
  answers(model);
  return model;
}
const serviceOf = (model: Model) => latest(model, 'serviceInstance');
const lines = (model: Model) => model.log.map(({ instance, type }) => `${model.instances.get(instance)?.number} ${type}`);

test('a product with an interface is opened by its merchant’s answer, and its instance is the merchant’s (ORD-4, PRD-1)', () => {
  const model = bought();
  expect(latest(model, 'order')).toMatchObject({ value: 'completed', context: { made: { instanceId: 'm-1' } } });
  expect(latest(model, 'productionCall')).toMatchObject({ value: 'succeeded', context: { activity: 'newInstance', caller: 'order' } });
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { merchantInstance: 'm-1', sku: 'basic', frontEndUrl: made.frontEndUrl } });
});

test('an instance that is still being made is asked about until it is there (PRD-1)', () => {
  const model = aModel();
  place(model, { period: { unit: 'month', count: 1 } });
  pay(model);
  answers(model, { ...made, instanceId: null, inProgress: true });
  expect(latest(model, 'productionCall')).toMatchObject({ value: 'confirming', effects: [{ name: 'queryInstance' }] });
  expect(latest(model, 'order').value).toBe('processing');
  answers(model);
  expect(latest(model, 'order').value).toBe('completed');
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

test('usage is deducted from the package, warned of, and stops the service when it is used up; another package brings it back (MET-1)', () => {
  const model = bought({ kind: 'stopWhenUsedUp', package: 'small' });
  const use = (meteringId: string, usage: string) =>
    said(
      model.command({
        lifecycle: 'serviceInstance',
        instance: serviceOf(model).id,
        command: 'recordUsage',
        actor: cast.system,
        input: { meteringId, usage, from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' },
      }),
    );
  expect([use('1', '79.9999'), use('2', '0'), use('3', '1.23456'), use('4', '-1')]).toEqual(['ok', 'INVALID usage', 'INVALID usage', 'INVALID usage']);
  expect(serviceOf(model).context.warnedAt).toBeNull();
  use('5', '0.0001');
  expect(serviceOf(model).context.warnedAt).toBe(80);
  use('6', '20');
  expect(serviceOf(model)).toMatchObject({ value: 'suspended', context: { suspendedBecause: 'usedUp', used: 1_000_000 } });
  expect(latest(model, 'productionCall').context.activity).toBe('freezeInstance');
  place(model, { kind: 'refill', instance: serviceOf(model).id, package: 'small' });
  pay(model);
  expect(latest(model, 'order').value).toBe('completed');
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { units: 2_000_000 } });
  expect(latest(model, 'productionCall').context.activity).toBe('unfreezeInstance');
});

test('a creation whose tries are used up fails the order, is refunded in full, and can no longer be called (ORD-4, PRD-4)', () => {
  const model = aModel();
  place(model, { period: { unit: 'month', count: 1 } });
  pay(model);
  const call = latest(model, 'productionCall');
  model.effectGaveUp({ instance: call.id, key: call.effects[0]?.key ?? '', exit: 'exhausted' });
  expect(latest(model, 'order')).toMatchObject({ value: 'refunding', context: { failedBecause: 'GAVE_UP: exhausted by the test' } });
  expect(latest(model, 'refund').context).toMatchObject({ kind: 'failed', amount: latest(model, 'order').context.amount });
  expect(latest(model, 'productionCall').value).toBe('withdrawn');
});

test('a renewal whose tries are used up stays paid and is called again by hand, by its merchant or an operator (PRD-4, PRD-5)', () => {
  const model = bought();
  place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
  pay(model);
  const call = latest(model, 'productionCall');
  const again = (who: keyof typeof cast) => said(model.command({ lifecycle: 'productionCall', instance: call.id, command: 'callAgain', actor: cast[who] }));
  const [effect] = call.effects;
  expect([again('buyer'), again('merchant')]).toEqual(['ROLE_NOT_ALLOWED', 'ok']);
  // the try that was to come is replaced by one at once
  expect(latest(model, 'productionCall').effects).toMatchObject([{ key: effect?.key, generation: (effect?.generation ?? 0) + 1 }]);
  model.effectGaveUp({ instance: call.id, key: effect?.key ?? '', exit: 'exhausted' });
  expect([latest(model, 'productionCall').value, latest(model, 'order').value]).toEqual(['stopped', 'processing']);
  expect(again('operationsManager')).toBe('ok');
  answers(model);
  expect(latest(model, 'order').value).toBe('completed');
  expect(lines(model).slice(-3)).toMatchInlineSnapshot(`
    [
      "PC-5 callAnswered",
      "OR-4 callSucceeded",
      "SI-3 changeDone",
    ]
  `);
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

test('a supervised order takes its merchant’s answer, or does without, and is completed by its supervision alone (SUP-1, ORD-4)', () => {
  const model = aModel();
  place(model, { product: 'saas-activated-by-interface', period: { unit: 'month', count: 1 } });
  pay(model);
  const without = model.fork();
  const late = model.fork();
  models.push(without, late);
  answers(model);
  expect(latest(model, 'order')).toMatchObject({ value: 'processing', context: { made: { instanceId: 'm-1' } } });
  const call = latest(without, 'productionCall');
  without.effectGaveUp({ instance: call.id, key: call.effects[0]?.key ?? '' });
  expect([latest(without, 'order').value, latest(without, 'productionCall').value]).toEqual(['processing', 'stopped']);
  finish(late);
  answers(late);
  expect(latest(late, 'order')).toMatchObject({ value: 'completed', context: { made: { instanceId: 'm-1' } } });
});

test('an unpaid change of an instance that is released meanwhile is cancelled (ORD-5)', () => {
  const model = bought();
  model.advance(45 * day + 12 * hour);
  place(model, { kind: 'renewal', instance: serviceOf(model).id, period: { unit: 'month', count: 1 } });
  model.advance(12 * hour);
  expect([serviceOf(model).value, latest(model, 'order').value]).toEqual(['released', 'cancelled']);
});

test('a package with a price by the unit does not stop: what comes on top is counted on (MET-2)', () => {
  const model = bought({ kind: 'onDemandPackage', package: 'small', product: 'saas-by-the-unit' });
  // chargingMode 2 at the merchant's, not a period nor one price
  expect(latest(model, 'productionCall').context.charging).toBe('onDemandPackage');
  for (const meteringId of ['1', '2'])
    model.command({
      lifecycle: 'serviceInstance',
      instance: serviceOf(model).id,
      command: 'recordUsage',
      actor: cast.system,
      input: { meteringId, usage: '60', from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' },
    });
  expect(serviceOf(model)).toMatchObject({ value: 'active', context: { used: 1_200_000, units: 1_000_000, usageRecords: 2 } });
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

test('a package that does not cover what was used over it leaves the service stopped (MET-1)', () => {
  const model = bought({ kind: 'stopWhenUsedUp', package: 'small' });
  const use = (meteringId: string) => {
    const input = { meteringId, usage: '150', from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' };
    model.command({ lifecycle: 'serviceInstance', instance: serviceOf(model).id, command: 'recordUsage', actor: cast.system, input });
  };
  use('1');
  // reported late, used before it stopped
  use('2');
  place(model, { kind: 'refill', instance: serviceOf(model).id, package: 'small' });
  pay(model);
  expect(serviceOf(model)).toMatchObject({ value: 'suspended', context: { used: 3_000_000, units: 2_000_000, openChange: null } });
});

test.each([
  ['asked about in vain', 'exhausted', 'stopped'],
  ['refused when asked about', 'failed', 'stopped'],
] as const)('an instance that is being made and %s stops the call (PRD-1)', (_what, exit, state) => {
  const model = aModel();
  place(model, { product: 'saas-activated-by-interface', period: { unit: 'month', count: 1 } });
  pay(model);
  answers(model, { ...made, instanceId: null, inProgress: true });
  const call = latest(model, 'productionCall');
  const again = () => said(model.command({ lifecycle: 'productionCall', instance: call.id, command: 'callAgain', actor: cast.merchant }));
  expect(again()).toBe('ok');
  model.effectGaveUp({ instance: call.id, key: latest(model, 'productionCall').effects[0]?.key ?? '', exit });
  expect(latest(model, 'productionCall').value).toBe(state);
});

const refund = (model: Model, order: Instance) =>
  said(model.command({ lifecycle: 'refund', command: 'requestRefund', actor: cast.buyer, input: { order: order.id, because: '不再需要' } }));

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

test('an endpoint that may not be called stops the call at once (PRD-8)', () => {
  const model = aModel();
  place(model, { product: 'saas-activated-by-interface', period: { unit: 'month', count: 1 } });
  pay(model);
  const call = latest(model, 'productionCall');
  model.effectGaveUp({ instance: call.id, key: call.effects[0]?.key ?? '', exit: 'failed' });
  expect([latest(model, 'productionCall').value, latest(model, 'order').value]).toEqual(['stopped', 'processing']);
});

/** Delivered, accepted and shown as completed. */
function finish(model: Model) {
  const supervision = latest(model, 'supervision');
  const command = (name: string, actor: keyof typeof cast, input: Record<string, unknown> = {}) =>
    expect(said(model.command({ lifecycle: 'supervision', instance: supervision.id, command: name, actor: cast[actor], input }))).toBe('ok');
  command('uploadAcceptance', 'merchant', { files: [file] });
  command('acceptDelivery', 'buyer');
  model.advance(hour);
  model.effectResult({ instance: supervision.id, key: latest(model, 'supervision').effects[0]?.key ?? '', result: { receipt: 'R' } });
}

afterAll(() => {
  for (const model of models) for (const name of ['order', 'serviceInstance', 'productionCall']) for (const branch of branchesIn(model, name)) met.add(branch);
  const here = [
    ...branchesOf(order).filter((branch) => / · (callSucceeded|callGivenUp|instanceReleased) /.test(branch)),
    ...branchesOf(serviceInstance).filter((branch) => / · (change\w+|callSucceeded|recordUsage) /.test(branch)),
    ...branchesOf(productionCall),
  ];
  // a call that ends while it confirms, or during a refund, needs no table of its own
  expect(here.filter((branch) => !met.has(branch) && !branch.startsWith('confirming · callWithdrawn') && !branch.startsWith('refunding · '))).toEqual([]);
});
