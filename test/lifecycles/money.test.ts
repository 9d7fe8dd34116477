import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextDue } from '../../lifecycles/deadlines.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import type { Account } from '../../lifecycles/ledger.ts';
import { merchantPart } from '../../lifecycles/order/money.ts';
import { stateOf } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { actorFor, cast, factsOfTheModel, products } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { validInput } from './stories.ts';
import { results } from './ways.ts';

type Posting = Model['postings'][number];

/** What every account holds by the ledger alone; money comes from the buyer and goes back to it. */
function balances(postings: readonly Posting[]): Record<Account, number> {
  const held: Record<Account, number> = { buyer: 0, bank: 0, held: 0, reserved: 0, merchant: 0, platform: 0, balance: 0 };
  for (const { from, to, amount } of postings) {
    held[from] -= amount;
    held[to] += amount;
  }
  return held;
}

const demand = (got: unknown, expected: unknown, what: string) => {
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`expected ${what} to be ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
};

/** REF-5 by the ledger's own arithmetic, after each posting: nothing is there that nobody paid, nothing leaves twice. */
function audit({ postings: all, instances }: Model, { id, value, context }: Instance): void {
  const postings = all.filter(({ order }) => order === id);
  for (let upTo = 1; upTo <= postings.length; upTo++) {
    const { buyer, held, reserved, merchant, platform } = balances(postings.slice(0, upTo));
    for (const [account, amount] of Object.entries({ held, reserved, merchant, platform, paid: -buyer }))
      if (amount < 0) throw new Error(`expected no account below zero, got ${account} ${amount}: ${JSON.stringify(postings.slice(0, upTo))}`);
  }
  const sum = balances(postings);
  const paid = postings.filter(({ from }) => from === 'buyer').reduce((all, { amount }) => all + amount, 0);
  const refunded = postings.filter(({ to }) => to === 'buyer').reduce((all, { amount }) => all + amount, 0);
  const total = Object.values(sum).reduce((all, amount) => all + amount, 0);
  demand(total, 0, 'all accounts together');
  demand(sum.merchant + sum.platform + sum.reserved + refunded <= paid, true, 'released + reserved + refunded at most paid');

  const { amount, merchantShareBp, refundAmount } = context as { amount: number; merchantShareBp: number | null; refundAmount: number | null };
  const refunds = [...instances.values()].filter(({ lifecycle, refs, context: of }) => lifecycle === 'refund' && refs.order === id && of.receipt !== null);
  demand(refunds.length <= 1, true, 'at most one refund paid');
  demand(postings.filter(({ to }) => to === 'buyer').length, refunds.filter(({ context: of }) => Number(of.amount) > 0).length, 'payments back');

  const state = stateOf(value);
  if (paid > 0) demand(paid, amount, 'the payment');
  if (state === 'completed' || state === 'refunded') {
    const net = amount - (refundAmount ?? 0);
    demand([sum.held, sum.reserved, refunded], [0, 0, refundAmount ?? 0], `held, reserved and refunded of an order that is ${state}`);
    demand([sum.merchant, sum.merchant + sum.platform], [merchantPart(net, merchantShareBp ?? 0), net], 'the shares of what is left');
  }
  if (state === 'processing') demand([sum.held, sum.reserved, refunded], [amount, 0, 0], 'held, reserved and refunded of an order that is processing');
}

const roles: readonly Role[] = ['buyer', 'merchant', 'operationsManager', 'reviewer', 'system'];
const ofMoney = products.filter(({ whitelist, id }) => whitelist === null && id !== 'licence-of-no-way');

/** One thing that happens to a family, chosen by three numbers; doubled ones are sent twice. */
function happen(model: Model, [what, which, how]: readonly [number, number, number]): void {
  const instances = [...model.instances.values()];
  if (what < 55) {
    const { id, lifecycle } = instances[which % instances.length] as Instance;
    // whoever can do something, beginning with one of them
    for (let turn = 0; turn < roles.length; turn++) {
      const role = roles[(which + turn) % roles.length] as Role;
      const possible = model.allowed({ instance: id, actor: actorFor(undefined, role) });
      const name = possible[how % Math.max(1, possible.length)];
      if (!name) continue;
      command(model, { id, lifecycle, name, role }, how);
      return;
    }
  } else if (what < 64) ask(model, which, how);
  else if (what < 70) renew(model);
  else if (what < 90) {
    const refused = instances.find(({ effects }) => effects.some(({ name, status }) => name === 'payRefund' && status === 'failed'));
    if (refused && how % 2) {
      command(model, { ...refused, name: how % 4 === 1 ? 'abandonRefund' : 'recordPayout', role: 'operationsManager' }, how);
      return;
    }
    const open = instances.flatMap(({ id, effects }) => effects.filter(({ status }) => status !== 'failed').map(({ key, name }) => ({ id, key, name })));
    const effect = open[which % Math.max(1, open.length)];
    if (!effect) return;
    if (how % 3 === 0) model.effectGaveUp({ instance: effect.id, key: effect.key, exit: 'failed' });
    else for (let times = 0; times < 1 + (how % 2); times++) model.effectResult({ instance: effect.id, key: effect.key, result: results[effect.name] ?? {} });
  } else {
    const due = nextDue(instances.flatMap(({ deadlines }) => deadlines));
    model.advance(due ? Math.max(0, due.dueAt - model.now) : 3_600_000);
  }
}

function command(model: Model, { id, lifecycle, name, role }: { id: string; lifecycle: string; name: string; role: Role }, how: number): void {
  const instance = model.instances.get(id) as Instance;
  const paidAmount = Number(instance.context.paidAmount ?? 0);
  const decisions = [
    { decision: 'dismiss' },
    { decision: 'complete' },
    { decision: 'redeliver' },
    { decision: 'terminate', refundAmount: how % (paidAmount + 2) },
  ];
  const input =
    name === 'decideAppeal' ? decisions[how % 4] : name === 'decideRefund' ? { decision: how % 2 ? 'approve' : 'refuse' } : validInput(name, instance);
  const actor = name === 'confirmDecision' ? { ...cast.operationsManager, id: 'another' } : actorFor(undefined, role);
  for (let times = 0; times < 1 + (how % 2); times++) model.command({ lifecycle, instance: id, command: name, actor, input: input ?? {}, reason: 'because' });
}

const ordersOf = ({ instances }: Model) => [...instances.values()].filter(({ lifecycle }) => lifecycle === 'order');

/** A renewal of the service that was bought, to be paid by a later step. */
function renew(model: Model): void {
  const service = model.only('serviceInstance');
  if (!service) return;
  const input = { product: service.context.product, kind: 'renewal', instance: service.id, period: { unit: 'month', count: 1 } };
  model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input });
}

function ask(model: Model, which: number, how: number): void {
  const orders = ordersOf(model);
  const order = orders[which % orders.length] as Instance;
  const amount = how % 3 === 0 ? {} : { amount: how % (Number(order.context.amount) + 2) };
  for (let times = 0; times < 1 + (how % 2); times++)
    model.command({ lifecycle: 'refund', command: 'requestRefund', actor: cast.buyer, input: { order: order.id, because: '不再需要', ...amount } });
}

test('10,000 random histories of orders, renewals, appeals and refunds: every ledger balances, and money goes back once (REF-5)', { timeout: 300_000 }, () => {
  const ended: Record<string, number> = {};
  const step = fc.tuple(fc.nat(99), fc.nat(10_000), fc.nat(20_000));
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 10_000 }), fc.array(step, { minLength: 4, maxLength: 24 }), (which, shareBp, steps) => {
      const product = ofMoney[which % ofMoney.length];
      const price = 1 + (which % 9_999);
      const sold = { ...(product as (typeof products)[number]), merchantShareBp: shareBp, prices: { once: price, month: price } };
      const model = createModel({ factsFor: (names, of) => ({ ...factsOfTheModel(names, of), ...(names.includes('product') ? { product: sold } : {}) }) });
      model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product: product?.id, period: { unit: 'month', count: 1 } } });
      const order = model.only('order') as Instance;
      model.command({
        lifecycle: 'order',
        instance: order.id,
        command: 'recordPayment',
        actor: cast.system,
        input: { amount: price, means: 'card', reference: 'P' },
      });
      for (const one of steps) {
        const before = new Map(model.instances);
        const posted = model.postings.length;
        happen(model, one);
        for (const of of ordersOf(model)) if (of !== before.get(of.id) || posted !== model.postings.length) audit(model, of);
      }
      for (const { value, context } of ordersOf(model)) {
        const state = `${context.kind === 'renewal' ? 'renewal ' : ''}${stateOf(value)}`;
        ended[state] = (ended[state] ?? 0) + 1;
      }
      for (const one of model.instances.values())
        if (one.lifecycle === 'refund') {
          const name = `refund ${stateOf(one.value)}`;
          ended[name] = (ended[name] ?? 0) + 1;
        }
    }),
    { numRuns: 10_000 },
  );
  console.log(JSON.stringify(ended));
  expect(Object.keys(ended)).toEqual(expect.arrayContaining(['completed', 'refunded', 'refunding', 'processing', 'renewal completed']));
  const refunds = ['negotiating', 'escalated', 'paying', 'synchronising', 'refunded', 'refused', 'withdrawn', 'superseded'];
  expect(Object.keys(ended)).toEqual(expect.arrayContaining(refunds.map((name) => `refund ${name}`)));
});
