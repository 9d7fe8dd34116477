import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { buyerAccount } from '../../lifecycles/buyerAccount.ts';
import type { Facts } from '../../lifecycles/facts.ts';
import { merchantPart } from '../../lifecycles/order/money.ts';
import { chargeFor, parsedUsage, postings } from '../../lifecycles/service/charging.ts';
import { serviceInstance } from '../../lifecycles/serviceInstance.ts';
import { cast, day, factsOfTheModel } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { latest, serviceOf } from './kinds.ts';
import { branchesIn, branchesOf } from './replay.ts';

const models: Model[] = [];
const said = (answer: ReturnType<Model['command']>) => (answer.ok ? 'ok' : answer.problem.code);

/** A family whose buyer's account holds so much; what is taken is taken from it as the ledger would. */
function withAccount({ balance, waiting = 0 }: { balance: number | null; waiting?: number }) {
  const account = { balance, waiting };
  const model: Model = createModel({
    factsFor: (names, ask) => {
      const facts: Facts = factsOfTheModel(names, ask);
      const used = model.postings.filter(({ from }) => from === 'balance').reduce((sum, { amount }) => sum + amount, 0);
      const left = account.balance === null ? null : account.balance - used;
      const usage = (ask.input as { usage?: string }).usage;
      const cost = usage === undefined || !ask.instance ? 0 : chargeFor(ask.instance.context as never, usage).amount;
      if (names.includes('prepaid')) facts.prepaid = left === null ? null : { account: 'account', number: 'BA-1', covers: left >= cost };
      if (names.includes('accountMoney')) facts.accountMoney = { balance: left ?? 0, waiting: account.waiting };
      return facts;
    },
  });
  models.push(model);
  return { model, account };
}

const product = 'saas-by-the-unit';
function onDemand({ balance = 10_00, input = { kind: 'onDemand' } }: { balance?: number; input?: Record<string, unknown> } = {}) {
  const { model, account } = withAccount({ balance });
  expect(said(model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product, ...input } }))).toBe('ok');
  const order = latest(model, 'order');
  const paid = { amount: order.context.amount, means: 'card', reference: 'PAY' };
  if (order.value === 'pendingPayment') model.command({ lifecycle: 'order', instance: order.id, command: 'recordPayment', actor: cast.system, input: paid });
  answers(model);
  return { model, account, use: (usage: string) => use(model, usage), order };
}
function answers(model: Model) {
  const call = latest(model, 'productionCall');
  const result = { instanceId: 'm-1', frontEndUrl: null, adminUrl: null, inProgress: false };
  model.effectResult({ instance: call.id, key: call.effects[0]?.key ?? '', result });
}
let records = 0;
function use(model: Model, usage: string) {
  const input = { meteringId: `record ${++records}`, usage, from: '2026-03-02T00:00:00Z', until: '2026-03-02T01:00:00Z' };
  return said(model.command({ lifecycle: 'serviceInstance', instance: serviceOf(model).id, command: 'recordUsage', actor: cast.system, input }));
}
const settle = (model: Model) =>
  said(model.command({ lifecycle: 'serviceInstance', instance: serviceOf(model).id, command: 'settleArrears', actor: cast.system }));
const moved = (model: Model) => model.postings.map(({ from, to, amount }) => `${from} → ${to} ${amount}`);

test('what is used on demand goes from the account into the shares, once, counted by the usage’s end (MET-2, BIL-2)', () => {
  const { model, use, order } = onDemand();
  expect([use('3'), use('0.0001')]).toEqual(['ok', 'ok']);
  expect(moved(model)).toEqual(['balance → held 15', 'held → merchant 12', 'held → platform 3']);
  expect(model.postings[0]).toMatchObject({ order: order.id, countsAt: Date.parse('2026-03-02T01:00:00Z') });
  expect(serviceOf(model).context).toMatchObject({ used: 30_001, overused: 30_001, charged: 15, arrearsSince: null });
});

test('however usage is cut into records, they cost together what it costs at once, rounded half up: no 分 is lost or taken twice, nor of the shares (MET-2, BIL-8)', () => {
  const usage = fc.integer({ min: 1, max: 9_999_999 }).map((n) => `${Math.floor(n / 10_000)}.${String(n % 10_000).padStart(4, '0')}`);
  fc.assert(
    fc.property(
      fc.array(usage, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 0, max: 5_000_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (all, price, units, merchantShareBp) => {
        let service = { units, used: 0, overused: 0, unitPrice: price };
        let charged = 0;
        let merchant = 0;
        for (const one of all) {
          const { amount, overused } = chargeFor(service, one);
          expect(amount).toBeGreaterThanOrEqual(0);
          const context = { charged: charged + amount, order: 'O', currency: 'CNY', merchantShareBp };
          const shares = postings.recordUsage({ context, before: { ...context, charged }, input: { usage: one, until: '2026-03-02T01:00:00Z' } } as never);
          for (const { to, amount: part } of shares) if (to === 'merchant') merchant += part;
          charged += amount;
          service = { ...service, used: service.used + parsedUsage(one), overused };
        }
        const over = BigInt(Math.max(0, service.used - units));
        expect(BigInt(charged)).toBe((over * BigInt(price) + 5_000n) / 10_000n);
        expect(merchant).toBe(merchantPart(charged, merchantShareBp));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('of an on-demand package only what is beyond it costs; another package is used from then on, not for what was paid (MET-2)', () => {
  const { model, use } = onDemand({ input: { kind: 'onDemandPackage', package: 'small' } });
  for (const usage of ['90', '30']) use(usage);
  expect(serviceOf(model).context).toMatchObject({ overused: 200_000, charged: 100 });
  model.command({
    lifecycle: 'order',
    command: 'placeOrder',
    actor: cast.buyer,
    input: { product, kind: 'refill', package: 'small', instance: serviceOf(model).id },
  });
  const refill = latest(model, 'order');
  const paid = { amount: refill.context.amount, means: 'card', reference: 'PAY-2' };
  model.command({ lifecycle: 'order', instance: refill.id, command: 'recordPayment', actor: cast.system, input: paid });
  use('100');
  expect(serviceOf(model).context).toMatchObject({ used: 2_200_000, charged: 100 });
  use('1');
  expect(serviceOf(model).context.charged).toBe(105);
});

describe('too little balance (MET-2)', () => {
  const short = () => {
    const made = onDemand({ balance: 4 });
    made.use('1');
    return made;
  };
  test('begins arrears with the first record that is not covered: the buyer is told, and 3 days later the service stops and is frozen at the merchant', () => {
    const { model, use } = short();
    const { arrearsSince } = serviceOf(model).context;
    model.advance(day);
    use('1');
    expect(serviceOf(model)).toMatchObject({ value: 'active', context: { arrearsSince, charged: 10 } });
    expect(model.messages.filter(({ event }) => event === 'recordUsage').map(({ to }) => to)).toEqual([['buyer']]);
    model.advance(2 * day - 1);
    expect(serviceOf(model).value).toBe('active');
    model.advance(1);
    expect(serviceOf(model)).toMatchObject({ value: 'suspended', context: { suspendedBecause: 'arrears' }, deadlines: [{ name: 'releaseDue' }] });
    expect(latest(model, 'productionCall').context.activity).toBe('freezeInstance');
    model.advance(15 * day);
    expect(serviceOf(model).value).toBe('released');
  });
  test('is over with a top-up: before the grace ends nothing stops, afterwards the service comes back', () => {
    const { model, account } = short();
    const stopped = model.fork();
    models.push(stopped);
    expect([settle(model), serviceOf(model).context.arrearsSince !== null]).toEqual(['IN_ARREARS', true]);
    account.balance = 100;
    // the top-up is there, and its word to the service comes after the grace
    const late = model.fork();
    models.push(late);
    late.advance(3 * day);
    expect(serviceOf(late)).toMatchObject({ value: 'active', context: { arrearsSince: null } });
    expect([settle(model), settle(model)]).toEqual(['ok', 'NOT_IN_ARREARS']);
    expect(serviceOf(model)).toMatchObject({ value: 'active', deadlines: [] });
    account.balance = 4;
    stopped.advance(3 * day);
    account.balance = 100;
    expect(settle(stopped)).toBe('ok');
    expect(serviceOf(stopped)).toMatchObject({ value: 'active', context: { suspendedBecause: null, arrearsSince: null } });
    expect(latest(stopped, 'productionCall').context.activity).toBe('unfreezeInstance');
  });
  test('does not bring back what stands still for another reason', () => {
    const { model, account } = short();
    const on = (command: string) =>
      said(model.command({ lifecycle: 'serviceInstance', instance: serviceOf(model).id, command, actor: cast.operationsManager, reason: '违规' }));
    on('freezeInstance');
    account.balance = 100;
    expect(settle(model)).toBe('ok');
    expect(serviceOf(model)).toMatchObject({ value: 'suspended', context: { suspendedBecause: 'operator', arrearsSince: null } });
  });
  test.each([
    ['no account', null, 'BUYER_ACCOUNT_NEEDED'],
    ['an account in arrears', -1, 'IN_ARREARS'],
  ])('with %s nothing more is bought by use', (_what, balance, code) => {
    const { model } = withAccount({ balance });
    const place = (input: Record<string, unknown>) =>
      said(model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product, ...input } }));
    expect([place({ kind: 'onDemand' }), place({ kind: 'onDemandPackage', package: 'small' }), place({})]).toEqual([code, code, 'ok']);
  });
});

describe('a buyer’s account (MET-2)', () => {
  const anAccount = (money: Parameters<typeof withAccount>[0] = { balance: 0 }) => {
    const { model, account } = withAccount(money);
    model.command({ lifecycle: 'buyerAccount', command: 'openBuyerAccount', actor: cast.buyer, input: {} });
    const { id } = latest(model, 'buyerAccount');
    const send = (command: string, input: Record<string, unknown> = {}, actor = cast.operationsManager) =>
      said(model.command({ lifecycle: 'buyerAccount', instance: id, command, actor, input, reason: '说明' }));
    return { model, account, send };
  };
  test('takes a top-up from outside, and brings services back when it covers them', () => {
    const { model, account, send } = anAccount({ balance: -10, waiting: 1 });
    expect(send('topUpAccount', { amount: 9, reference: 'A' }, cast.system)).toBe('ok');
    expect([moved(model), latest(model, 'buyerAccount').value]).toEqual([['buyer → balance 9'], 'open']);
    expect([send('topUpAccount', { amount: 10, reference: 'B' }), latest(model, 'buyerAccount').value]).toEqual(['ok', 'restoring']);
    const [effect] = latest(model, 'buyerAccount').effects;
    account.waiting = 0;
    expect(send('topUpAccount', { amount: 1, reference: 'C' })).toBe('ok');
    account.waiting = 1;
    account.balance = 5;
    expect(send('topUpAccount', { amount: 1, reference: 'D' })).toBe('ok');
    model.effectResult({ instance: latest(model, 'buyerAccount').id, key: effect?.key ?? '', result: { restored: 1 } });
    expect(latest(model, 'buyerAccount')).toMatchObject({ value: 'open', context: { toppedUp: 21 } });
  });
  test('is corrected with a reason, above a limit by two persons, and never into arrears (ACT-3)', () => {
    const { model, send } = anAccount({ balance: 60_000_00 });
    expect([send('correctAccount', { amount: 5_00 }), send('correctAccount', { amount: -60_000_01 }), send('confirmCorrection')]).toEqual([
      'ok',
      'BALANCE_TOO_LOW',
      'NO_DECISION_PENDING',
    ]);
    expect(moved(model)).toEqual(['bank → balance 500']);
    expect([send('correctAccount', { amount: -55_000_00 }), send('correctAccount', { amount: 1 }), send('confirmCorrection')]).toEqual([
      'ok',
      'DECISION_PENDING',
      'SECOND_PERSON',
    ]);
    const dropped = model.fork();
    models.push(dropped);
    expect(moved(model)).toHaveLength(1);
    const other = { ...cast.operationsManager, id: 'sun' };
    expect(send('confirmCorrection', {}, other)).toBe('ok');
    expect(moved(model)).toEqual(['bank → balance 500', 'balance → bank 5500000']);
    const { id } = latest(dropped, 'buyerAccount');
    dropped.command({ lifecycle: 'buyerAccount', instance: id, command: 'dropCorrection', actor: cast.operationsManager, input: {} });
    expect(latest(dropped, 'buyerAccount').context).toMatchObject({ pendingCorrection: null, corrected: 5_00 });
  });
  test('a top-up that an operator records takes two persons above the limit, one that the provider reports takes none (ACT-3)', () => {
    const { model, account, send } = anAccount({ balance: -10, waiting: 1 });
    const large = (reference: string) => ({ amount: 50_000_01, reference });
    const second = { ...cast.operationsManager, id: 'sun' };
    expect([send('topUpAccount', large('A')), send('topUpAccount', { amount: 1, reference: 'B' }), send('confirmCorrection')]).toEqual([
      'ok',
      'DECISION_PENDING',
      'SECOND_PERSON',
    ]);
    expect([moved(model), latest(model, 'buyerAccount').value]).toEqual([[], 'open']);
    const heard = () => model.messages.slice(-1).map(({ to, event }) => `${event}: ${to}`);
    expect(heard()).toEqual(['topUpAccount: operationsManager']);
    account.waiting = 0;
    expect(send('topUpAccount', large('C'), cast.system)).toBe('ok');
    expect([moved(model), heard()]).toEqual([['buyer → balance 5000001'], ['topUpAccount: buyer']]);
    account.waiting = 1;
    expect(send('confirmCorrection', {}, second)).toBe('ok');
    expect(moved(model)).toHaveLength(2);
    expect(latest(model, 'buyerAccount')).toMatchObject({
      value: 'restoring',
      context: { toppedUp: 100_000_02, corrected: 0, pendingCorrection: null, lastTopUp: { reference: 'A' } },
    });
    expect([send('topUpAccount', large('D')), send('dropCorrection', {}, second)]).toEqual(['ok', 'ok']);
    expect(latest(model, 'buyerAccount').context).toMatchObject({ toppedUp: 100_000_02, pendingCorrection: null });
  });
  test('a correction or its confirmation that covers what was used brings services back as a top-up does', () => {
    for (const amount of [100, 60_000_00]) {
      const { model, account, send } = anAccount({ balance: -10, waiting: 1 });
      send('correctAccount', { amount });
      send('confirmCorrection', {}, { ...cast.operationsManager, id: 'sun' });
      expect(latest(model, 'buyerAccount').value).toBe('restoring');
      const second = { ...cast.operationsManager, id: 'sun' };
      // while it restores, each counts as well
      for (const [waiting, command] of [
        [1, 'confirmCorrection'],
        [0, 'confirmCorrection'],
        [1, 'dropCorrection'],
      ] as const) {
        account.waiting = waiting;
        expect([send('correctAccount', { amount: 100 }), send('correctAccount', { amount: 60_000_00 }), send(command, {}, second)]).toEqual(['ok', 'ok', 'ok']);
      }
    }
  });
});

afterAll(() => {
  const met = new Set(models.flatMap((model) => [...branchesIn(model, 'serviceInstance'), ...branchesIn(model, 'buyerAccount')]));
  const arrears = branchesOf(serviceInstance).filter((branch) => / · (settleArrears|arrearsGraceOver) /.test(branch));
  expect([...arrears, ...branchesOf(buyerAccount)].filter((branch) => !met.has(branch))).toEqual([]);
});
