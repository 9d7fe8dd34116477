import { afterAll, expect, test } from 'vitest';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { cast } from './cast.ts';
import { bought, latest, pay, place, said, serviceOf, unmet } from './kinds.ts';

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

afterAll(() => {
  expect(unmet(serviceInstance, (branch) => / · recordUsage /.test(branch) || branch.startsWith('suspended · changeDone'))).toEqual([]);
});
