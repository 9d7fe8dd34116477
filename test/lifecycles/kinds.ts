import { expect } from 'vitest';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { cast } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { branchesIn, branchesOf } from './replay.ts';

/** A product whose merchant is called; sold in every kind of order. */
const product = 'saas-by-interface';
/** Every model that a test file has made, for coverage. */
export const models: Model[] = [];
export const aModel = (): Model => {
  const model = createModel();
  models.push(model);
  return model;
};

export const latest = (model: Model, lifecycle: string) => [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle) as Instance;
export const serviceOf = (model: Model) => latest(model, 'serviceInstance');
/** What the merchant answers once the instance is there. */
export const made = { instanceId: 'm-1', frontEndUrl: 'https://shop.example/m-1', adminUrl: null, inProgress: false };

export function place(model: Model, input: Record<string, unknown>) {
  return model.command({ lifecycle: 'order', command: 'placeOrder', actor: cast.buyer, input: { product, ...input } });
}
export function pay(model: Model) {
  const order = latest(model, 'order');
  const input = { amount: order.context.amount, means: 'balance', reference: 'PAY' };
  return model.command({ lifecycle: 'order', instance: order.id, command: 'recordPayment', actor: cast.system, input });
}
/** The merchant answers the newest call that is open. */
export function answers(model: Model, result: Record<string, unknown> = made) {
  const call = latest(model, 'productionCall');
  model.effectResult({ instance: call.id, key: call.effects[0]?.key ?? '', result });
}
/** `ok`, the fields that are wrong, or the code of the problem. */
export const said = (answer: ReturnType<Model['command']>) =>
  answer.ok ? 'ok' : answer.problem.kind === 'Invalid' ? `INVALID ${answer.problem.fields.map(({ path }) => path)}` : answer.problem.code;

/** The buyer asks for its money back. */
export const refund = (model: Model, order: Instance) =>
  said(model.command({ lifecycle: 'refund', command: 'requestRefund', actor: cast.buyer, input: { order: order.id, because: '不再需要' } }));

/** Bought, paid and made. */
export function bought(input: Record<string, unknown> = { period: { unit: 'month', count: 1 }, sku: 'basic' }): Model {
  const model = aModel();
  expect(said(place(model, input))).toBe('ok');
  if (latest(model, 'order').value === 'pendingPayment') expect(said(pay(model))).toBe('ok');
  answers(model);
  return model;
}

/** The branches of a lifecycle that are asked for and that no model of the file has met. */
export function unmet(lifecycle: Lifecycle, asked: (branch: string) => boolean): string[] {
  const met = new Set(models.flatMap((model) => [...branchesIn(model, lifecycle.name)]));
  return branchesOf(lifecycle).filter((branch) => asked(branch) && !met.has(branch));
}
