import { afterAll, expect, test } from 'vitest';
import type { Instance } from '../../lifecycles/instance.ts';
import { messageOf } from '../../lifecycles/problem.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { cast, day, factsOfTheModel, hour } from './cast.ts';
import { createModel, type FactsFor, type Model } from './drive.ts';
import { branchesIn, branchesOf } from './replay.ts';
import { aService, said } from './stories.ts';

const models: Model[] = [];
const latest = (model: Model, lifecycle: string) => [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle) as Instance;

/** A service that is sold by use: on demand, or beyond its package of 100 units. */
function sold(input: Record<string, unknown>, model = createModel()): Model {
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
const onDemand = (model?: Model) => sold({ kind: 'onDemand' }, model);
const ofPackage = () => sold({ kind: 'onDemandPackage', package: 'small' });
const put = (model: Model, command: string, actor: Actor, input: Record<string, unknown> = {}) =>
  model.command({ lifecycle: 'serviceInstance', instance: latest(model, 'serviceInstance').id, command, actor, input, reason: '商家将退出' });
const end = (model: Model, by: 'buyer' | 'merchant' | 'operationsManager') => said(put(model, 'endUse', cast[by]));
let records = 0;
const use = (model: Model, usage: string, until = '2026-03-02T01:00:00.000Z') =>
  put(model, 'recordUsage', cast.system, { meteringId: `r${++records}`, usage, from: '2026-03-02T00:00:00Z', until });
const stateOf = (model: Model) => latest(model, 'serviceInstance').value;
const why = (model: Model) => latest(model, 'serviceInstance').context.suspendedBecause;
const activities = (model: Model) =>
  [...model.instances.values()].flatMap(({ lifecycle, context }) => (lifecycle === 'productionCall' ? [context.activity] : []));

/** A service on demand that stands still because its buyer's account has not covered what it used for 3 days. */
function inArrears(): { model: Model; account: { covers: boolean } } {
  const account = { account: 'account', number: 'BA-1', covers: true };
  const factsFor: FactsFor = (names, asked) => ({ ...factsOfTheModel(names, asked), ...(names.includes('prepaid') ? { prepaid: { ...account } } : {}) });
  const model = onDemand(createModel({ factsFor }));
  account.covers = false;
  use(model, '3');
  model.advance(4 * day);
  expect(why(model)).toBe('arrears');
  return { model, account };
}

test('its buyer ends it at once: it stops, at its merchant’s too; what was used until then is charged for a day, then it is released (MET-2)', () => {
  const model = onDemand();
  model.advance(hour);
  expect([end(model, 'buyer'), stateOf(model), why(model), activities(model).at(-1)]).toEqual(['ok', 'suspended', 'ended', 'freezeInstance']);
  expect(latest(model, 'serviceInstance').deadlines).toMatchObject([{ name: 'releaseDue', dueAt: model.now + day }]);
  model.advance(day - 1);
  const ended = new Date(model.now - day + 1);
  expect(said(use(model, '3', ended.toISOString()))).toBe('ok');
  const later = use(model, '3', new Date(ended.getTime() + 1).toISOString());
  expect([said(later), latest(model, 'serviceInstance').context.charged]).toEqual(['USE_AFTER_END', 15]);
  if (!later.ok)
    expect(messageOf(later.problem).en).toMatch(/^SI-\S+ ends at 2026-03-02T03:00:00.000Z, and this record is of use until 2026-03-02T03:00:00.001Z/);
  // nothing of it is moved by ending it again
  expect(end(model, 'buyer')).toBe('USE_ENDED');
  expect([model.advance(1), stateOf(model), activities(model).at(-1)]).toEqual([['releaseDue'], 'released', 'releaseInstance']);
});

test('nothing brings one back that has ended: neither a top-up nor an operator, and it is not kept longer for its arrears (MET-2)', () => {
  const { model, account } = inArrears();
  expect([end(model, 'buyer'), why(model)]).toEqual(['ok', 'ended']);
  account.covers = true;
  expect([said(put(model, 'settleArrears', cast.system)), stateOf(model), why(model)]).toEqual(['ok', 'suspended', 'ended']);
  account.covers = false;
  expect(said(use(model, '3'))).toBe('ok');
  expect(model.messages.at(-1)?.text.en).toContain('what was used until its end: top it up');
  expect(said(put(model, 'unfreezeInstance', cast.operationsManager))).toBe('NOT_FROZEN_BY_OPERATOR');
  expect([model.advance(day), stateOf(model)]).toEqual([['releaseDue'], 'released']);
});

test('a notice does not put off the release of what stands still for arrears (ORD-5)', () => {
  const { model } = inArrears();
  const [before] = latest(model, 'serviceInstance').deadlines;
  model.advance(day);
  expect(end(model, 'merchant')).toBe('ok');
  expect(latest(model, 'serviceInstance').deadlines.find(({ name }) => name === 'releaseDue')?.dueAt).toBe(before?.dueAt);
});

test('its merchant ends it with 30 days’ notice, in which it is used and charged as ever; its buyer may end it earlier (MET-2, EXT-1)', () => {
  const model = onDemand();
  expect([end(model, 'merchant'), end(model, 'operationsManager'), stateOf(model), said(use(model, '3'))]).toEqual(['ok', 'USE_ENDS_ALREADY', 'active', 'ok']);
  expect(latest(model, 'serviceInstance').deadlines).toMatchObject([{ name: 'useEnds', dueAt: model.now + 30 * day }]);
  const told = model.messages.filter(({ event }) => event === 'endUse');
  expect(told.flatMap(({ to }) => to)).toEqual(['buyer', 'merchant']);
  expect(told[0]?.text.en).toContain('It ends at 2026-04-01T');
  const earlier = model.fork();
  models.push(earlier);
  expect([end(earlier, 'buyer'), why(earlier), earlier.advance(day), stateOf(earlier)]).toEqual(['ok', 'ended', ['releaseDue'], 'released']);
  expect(model.advance(30 * day - 1)).toEqual([]);
  expect([model.advance(1), stateOf(model), why(model)]).toEqual([['useEnds'], 'suspended', 'ended']);
  expect([said(use(model, '3')), model.advance(day), stateOf(model)]).toEqual(['ok', ['releaseDue'], 'released']);
});

test('one that stands still meanwhile ends all the same', () => {
  for (const by of ['buyer', 'merchant'] as const) {
    const model = onDemand();
    put(model, 'freezeInstance', cast.operationsManager);
    expect(end(model, by)).toBe('ok');
    model.advance(31 * day);
    expect([by, stateOf(model)]).toEqual([by, 'released']);
  }
});

test('what is paid for is not ended by its merchant: a package with something left, a period', () => {
  const model = ofPackage();
  expect(end(model, 'merchant')).toBe('PACKAGE_LEFT');
  expect([said(use(model, '100')), end(model, 'merchant')]).toEqual(['ok', 'ok']);
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
  expect([said(refill(buying)), end(buying, 'merchant'), end(buying, 'buyer')]).toEqual(['ok', 'CHANGE_UNDER_WAY', 'CHANGE_UNDER_WAY']);
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
