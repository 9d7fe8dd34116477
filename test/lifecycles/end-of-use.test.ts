import { afterAll, expect, test } from 'vitest';
import type { Instance } from '../../lifecycles/instance.ts';
import { messageOf } from '../../lifecycles/problem.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { cast, day } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { branchesIn, branchesOf } from './replay.ts';
import { aService, said } from './stories.ts';

const models: Model[] = [];
const latest = (model: Model, lifecycle: string) => [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle) as Instance;

/** A service that is sold by use: on demand, or beyond its package of 100 units. */
function sold(input: Record<string, unknown>): Model {
  const model = createModel();
  models.push(model);
  const placing = { lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product: 'saas-by-the-unit', ...input } };
  expect(said(model.command(placing))).toBe('ok');
  const { id, value, context } = latest(model, 'order');
  const paid = { amount: context.amount, means: 'card', reference: 'PAY' };
  if (value === 'pendingPayment') model.command({ lifecycle: 'order', instance: id, command: 'recordPayment', actor: cast.system, input: paid });
  const call = latest(model, 'productionCall');
  const result = { instanceId: 'm-1', frontEndUrl: null, adminUrl: null, inProgress: false };
  model.effectResult({ instance: call.id, key: call.effects[0]?.key ?? '', result });
  return model;
}
const onDemand = () => sold({ kind: 'onDemand' });
const ofPackage = () => sold({ kind: 'onDemandPackage', package: 'small' });
const put = (model: Model, command: string, actor: Actor, input: Record<string, unknown> = {}) =>
  model.command({ lifecycle: 'serviceInstance', instance: latest(model, 'serviceInstance').id, command, actor, input, reason: '商家将退出' });
const end = (model: Model, by: 'buyer' | 'merchant' | 'operationsManager') => said(put(model, 'endUse', cast[by]));
let records = 0;
const use = (model: Model, usage: string) =>
  said(put(model, 'recordUsage', cast.system, { meteringId: `r${++records}`, usage, from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' }));
const stateOf = (model: Model) => latest(model, 'serviceInstance').value;

test('its buyer ends it at once: it is released, at its merchant’s too (MET-2)', () => {
  const model = onDemand();
  expect([end(model, 'buyer'), stateOf(model), latest(model, 'productionCall').context.activity]).toEqual(['ok', 'released', 'releaseInstance']);
});

test('its merchant ends it with 30 days’ notice, in which it is used and charged as ever; its buyer may end it earlier (MET-2, EXT-1)', () => {
  const model = onDemand();
  expect([end(model, 'merchant'), end(model, 'operationsManager'), stateOf(model), use(model, '3')]).toEqual(['ok', 'USE_ENDS_ALREADY', 'active', 'ok']);
  expect(latest(model, 'serviceInstance').deadlines).toMatchObject([{ name: 'useEnds', dueAt: model.now + 30 * day }]);
  const told = model.messages.filter(({ event }) => event === 'endUse');
  expect(told.flatMap(({ to }) => to)).toEqual(['buyer', 'merchant']);
  expect(told[0]?.text.en).toContain('It ends at 2026-04-01T');
  const earlier = model.fork();
  models.push(earlier);
  expect([end(earlier, 'buyer'), stateOf(earlier)]).toEqual(['ok', 'released']);
  expect(model.advance(30 * day - 1)).toEqual([]);
  expect([model.advance(1), stateOf(model)]).toEqual([['useEnds'], 'released']);
});

test('one that stands still meanwhile ends all the same', () => {
  for (const by of ['buyer', 'merchant'] as const) {
    const model = onDemand();
    put(model, 'freezeInstance', cast.operationsManager);
    expect(end(model, by)).toBe('ok');
    model.advance(30 * day);
    expect([by, stateOf(model)]).toEqual([by, 'released']);
  }
});

test('what is paid for is not ended by its merchant: a package with something left, a period', () => {
  const model = ofPackage();
  expect(end(model, 'merchant')).toBe('PACKAGE_LEFT');
  expect([use(model, '100'), end(model, 'merchant')]).toEqual(['ok', 'ok']);
  const yearly = aService();
  const refused = (['buyer', 'merchant'] as const).map((by) => put(yearly, 'endUse', cast[by]));
  expect(refused.map(said)).toEqual(['NOT_BY_USE', 'NOT_BY_USE']);
  for (const answer of refused) if (!answer.ok) expect(messageOf(answer.problem).en).not.toMatch(/[{}–]|undefined|null/);
});

test('no package is sold into a notice, and no notice is given while one is being bought: what it holds would be lost (MET-2)', () => {
  const model = ofPackage();
  use(model, '100');
  const refill = (of: Model) => {
    const input = { product: 'saas-by-the-unit', kind: 'refill', package: 'small', instance: latest(of, 'serviceInstance').id };
    return of.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input });
  };
  const buying = model.fork();
  models.push(buying);
  expect([said(refill(buying)), end(buying, 'merchant')]).toEqual(['ok', 'CHANGE_UNDER_WAY']);
  expect(end(model, 'merchant')).toBe('ok');
  const refused = refill(model);
  expect(said(refused)).toBe('SERVICE_ENDS');
  if (!refused.ok) expect(messageOf(refused.problem).en).toMatch(/^SI-\S+ ends at 2026-04-01T\S+ and takes no further order/);
});

afterAll(() => {
  const met = new Set(models.flatMap((model) => [...branchesIn(model, 'serviceInstance')]));
  const endings = branchesOf(serviceInstance).filter((branch) => / · (endUse|useEnds) /.test(branch));
  expect(endings.filter((branch) => !met.has(branch))).toEqual([]);
});
