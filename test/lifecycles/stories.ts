import type { Answer } from '../../db/requests.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { commandNamed } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { cast, file, startOfTime } from './cast.ts';
import { createModel, type Model, type ModelOptions } from './drive.ts';

type Said = { role?: Role; input?: Record<string, unknown>; reason?: string | null };

/** A command to the model's one instance of a lifecycle, valid unless it is told otherwise, by the first role that may. */
export function send(model: Model, name: string, { role, input, reason = 'because' }: Said = {}): Answer {
  const lifecycle = model.registry.current.find((one) => one.opening?.name === name || one.commands[name]);
  if (!lifecycle) throw new Error(`expected a declared command, got "${name}"`);
  const opens = lifecycle.opening?.name === name;
  const instance = opens ? undefined : model.only(lifecycle.name);
  const by = role ?? commandNamed(lifecycle, name)?.by[0] ?? 'system';
  const request = { lifecycle: lifecycle.name, command: name, actor: cast[by], input: input ?? validInput(name, instance), reason };
  return model.command({ ...request, instance: opens ? null : (instance?.id ?? null) });
}

/** The same, and it must be accepted. */
export function accepted(model: Model, name: string, said: Said = {}): Instance {
  const answer = send(model, name, said);
  if (!answer.ok) throw new Error(`expected ${name} to be accepted, got ${JSON.stringify(answer.problem)}`);
  return model.instances.get(answer.instance) as Instance;
}

/** `ok`, or the code of the problem. */
export const said = (answer: Answer): string => (answer.ok ? 'ok' : answer.problem.code);

const inputs: Record<string, (instance: Instance | undefined) => Record<string, unknown>> = {
  placeOrder: () => ({ product: 'saas-activated', period: { unit: 'month', count: 1 } }),
  recordPayment: (order) => ({ amount: order?.context.amount, means: 'balance', reference: 'PAY-1' }),
  uploadAcceptance: () => ({ files: [file] }),
  fileAppeal: () => ({ files: [file] }),
  decideAppeal: () => ({ decision: 'dismiss' }),
  renewInstance: () => ({ months: 1 }),
  retryEffect: (instance) => ({ effect: instance?.effects[0]?.key ?? 'none' }),
};
export const validInput = (name: string, instance: Instance | undefined) => inputs[name]?.(instance) ?? {};

type Ordered = ModelOptions & { product?: string; scenario?: string; period?: { unit: string; count: number } | null };

/** A model with one placed order; a period of `null` is a one-time purchase. */
export function anOrder({ product = 'saas-activated', scenario = 'none', period = { unit: 'month', count: 1 }, ...options }: Ordered = {}): Model {
  const model = createModel(options);
  accepted(model, 'placeOrder', { input: { product, scenario, ...(period ? { period } : {}) } });
  return model;
}

export function aPaidOrder(ordered: Ordered = {}): Model {
  const model = anOrder(ordered);
  accepted(model, 'recordPayment');
  return model;
}

export const supervisionStates = ['awaitingDelivery', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished'] as const;
export type SupervisionState = (typeof supervisionStates)[number];

/** A supervised order whose supervision has come to `state` by the straight way, frozen there by the appeals named. */
export function aSupervision({
  state = 'awaitingDelivery',
  appeals = [],
  ...ordered
}: Ordered & { state?: SupervisionState; appeals?: readonly Role[] } = {}): Model {
  const model = aPaidOrder(ordered);
  const at = () => progressOf(model);
  if (state !== 'awaitingDelivery') accepted(model, 'uploadAcceptance');
  if (at() === 'awaitingReview' && state !== 'awaitingReview') accepted(model, 'passReview');
  if (['accepted', 'synchronising', 'finished'].includes(state)) accepted(model, 'acceptDelivery');
  if (['synchronising', 'finished'].includes(state)) model.advance(1_800_000);
  if (state === 'finished') synchronised(model);
  if (at() !== state) throw new Error(`expected a supervision in ${state}, got ${at()}`);
  for (const role of appeals) accepted(model, 'fileAppeal', { role });
  return model;
}

/** The order centre has taken the completion. */
export function synchronised(model: Model): boolean {
  const supervision = supervisionOf(model);
  const key = supervision.effects[0]?.key;
  return key !== undefined && model.effectResult({ instance: supervision.id, key, result: { receipt: 'R-1' } });
}

export function supervisionOf(model: Model): Instance {
  const supervision = model.only('supervision');
  if (!supervision) throw new Error('expected a supervision, got none');
  return supervision;
}

export const progressOf = (model: Model): string => (supervisionOf(model).value as Record<string, string>).progress ?? '';
export const freezeOf = (model: Model): string => (supervisionOf(model).value as Record<string, string>).freeze ?? '';

/** A service of one month from the start of time, as an unsupervised order's opening leaves it. */
export function aService(ordered: Ordered = {}): Model {
  const model = aPaidOrder({ product: 'saas-automatic', ...ordered });
  accepted(model, 'recordOpening');
  return model;
}

/** Days since the start of time, for readable expectations. */
export const daysIn = (instant: number | null | undefined) => (instant == null ? null : (instant - startOfTime) / 86_400_000);
