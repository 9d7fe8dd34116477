import type { Answer } from '../../db/requests.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import type { Medium } from '../../lifecycles/invoice/document.ts';
import { commandNamed, lifecycles } from '../../lifecycles/registry.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import type { Way } from '../../lifecycles/supervision/ways.ts';
import { actorFor, file, startOfTime } from './cast.ts';
import { createModel, type Model, type ModelOptions } from './drive.ts';
import { answered, productOf, results, scenarioFor, stepsOf } from './ways.ts';

type Said = { role?: Role; input?: Record<string, unknown>; reason?: string | null };

/** A command to the model's one instance of a lifecycle, valid unless it is told otherwise, by the first role that may. */
export function send(model: Model, name: string, { role, input, reason = 'because' }: Said = {}): Answer {
  const lifecycle = model.registry.current.find((one) => one.opening?.name === name || one.commands[name]);
  if (!lifecycle) throw new Error(`expected a declared command, got "${name}"`);
  const opens = lifecycle.opening?.name === name;
  // what opens a refund joins the order
  const instance = model.only(opens ? 'order' : lifecycle.name);
  const declared = commandNamed(lifecycle, name);
  const actor = actorFor(declared, role ?? declared?.by[0] ?? 'system');
  const request = { lifecycle: lifecycle.name, command: name, actor, input: input ?? validInput(name, instance), reason };
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

const lineOf = (amount: number) => ({ description: '云服务', net: amount, taxRate: 0, tax: 0, gross: amount });
const onSheets = { invoiceCode: '044001900111', invoiceNumber: '12345678' };
const numbersOf: Record<Medium, object> = { paper: onSheets, electronic: onSheets, fullyDigital: { invoiceNumber: '25442000000123456789' } };

const inputs: Record<string, (instance: Instance | undefined) => Record<string, unknown>> = {
  placeOrder: () => ({ product: 'saas-activated', period: { unit: 'month', count: 1 } }),
  recordPayment: (order) => ({ amount: order?.context.amount, means: 'balance', reference: 'PAY-1' }),
  uploadAcceptance: () => ({ files: [file] }),
  fileRequirement: () => ({ text: '迁移三个数据库' }),
  uploadImplementation: () => ({ sow: [file], files: [file] }),
  submitSystemCode: () => ({ systemCode: 'HW-8F:33:A1' }),
  deliverLicence: () => ({ files: [file] }),
  confirmOfflineDelivery: () => ({ files: [file] }),
  uploadProof: () => ({ files: [file] }),
  requestEvidence: (supervision) => ({ from: (supervision?.context.evidence as Record<string, unknown>)?.buyer ? 'merchant' : 'buyer' }),
  submitEvidence: () => ({ files: [file] }),
  fileAppeal: () => ({ files: [file] }),
  decideAppeal: () => ({ decision: 'dismiss' }),
  renewInstance: () => ({ months: 1 }),
  requestRefund: (order) => ({ order: order?.id, because: '不再需要' }),
  approveRefund: () => ({ files: [file] }),
  decideRefund: () => ({ decision: 'approve' }),
  recordPayout: () => ({ reference: 'BANK-1' }),
  issueInvoice: (invoice) => {
    const { medium, amount } = (invoice as Instance).context as { medium: Medium; amount: number };
    return { ...numbersOf[medium], lines: [lineOf(amount)] };
  },
  sendInvoice: (invoice) => (invoice?.context.medium === 'paper' ? { courier: '顺丰', trackingNumber: 'SF-1' } : {}),
  submitInvoice: (bill) => ({ medium: 'fullyDigital', ...numbersOf.fullyDigital, lines: [lineOf((bill?.context.toInvoice as number | null) ?? 0)] }),
  createDepartment: () => ({ department: 'east', name: '华东', parent: 'sales' }),
  renameDepartment: () => ({ department: 'sales', name: '销售' }),
  moveDepartment: () => ({ department: 'finance', parent: 'sales' }),
  deleteDepartment: () => ({ department: 'finance' }),
  addMembers: () => ({ members: [{ userName: 'wu', name: '吴', department: 'sales' }] }),
  moveMembers: () => ({ userNames: ['zhang'], department: 'finance' }),
  removeMembers: () => ({ userNames: ['zhang'] }),
  authoriseApp: () => ({ departments: ['sales'], userNames: [], groups: [], licenceAgreed: true }),
  removeAdmin: () => ({ person: 'buyer' }),
  createGroup: () => ({ group: 'auditors', name: '审计' }),
  deleteGroup: () => ({ group: 'everyone' }),
  addToGroup: () => ({ group: 'everyone', userNames: ['zhang'] }),
  removeFromGroup: () => ({ group: 'everyone', userNames: ['zhang'] }),
  retryEffect: (instance) => ({ effect: instance?.effects[0]?.key ?? 'none' }),
};
/** A command that is not among them takes the first sample of its own schema. */
export const validInput = (name: string, instance: Instance | undefined) => inputs[name]?.(instance) ?? sampled(name);

function sampled(name: string): Record<string, unknown> {
  const [command] = lifecycles.flatMap((lifecycle) => commandNamed(lifecycle, name) ?? []);
  return command ? (samplesOf(command.input)[0] as Record<string, unknown>) : {};
}

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

type Supervised = Omit<Ordered, 'product'> & { way?: Way };

/**
 * The states that the straight way of an order passes through, each with the model as it is there; the last is final. Its
 * scenario is that of the order where the way has a review.
 */
export function straightWay({ way = 'saas', ...ordered }: Supervised = {}): { state: string; model: Model }[] {
  const scenario = scenarioFor(way, ordered.scenario);
  const model = aPaidOrder({ product: productOf[way], ...ordered, scenario });
  const passed = [{ state: progressOf(model), model: model.fork() }];
  const steps = [...stepsOf(way, scenario), 'completionSyncDue', 'synchroniseOrder'];
  for (const step of steps) {
    if (step === 'completionSyncDue') model.advance(1_800_000);
    else if (step in results) answered(model, supervisionOf(model));
    else accepted(model, step);
    passed.push({ state: progressOf(model), model: model.fork() });
  }
  return passed;
}

/** A supervised order whose supervision has come to `state` by the straight way, frozen there by the appeals named. */
export function aSupervision({
  state = 'awaitingDelivery',
  appeals = [],
  ...supervised
}: Supervised & { state?: string; appeals?: readonly Role[] } = {}): Model {
  const passed = straightWay(supervised);
  const model = passed.find((one) => one.state === state)?.model;
  if (!model) throw new Error(`expected a supervision that comes to ${state}, got ${passed.map((one) => one.state).join(', ')}`);
  for (const role of appeals) accepted(model, 'fileAppeal', { role });
  return model;
}

/** One whose case was decided by a termination: the refund is not paid yet. */
export function aTermination({ refundAmount = 50_00, ...supervised }: Parameters<typeof aSupervision>[0] & { refundAmount?: number } = {}): Model {
  const model = aSupervision({ appeals: ['buyer'], ...supervised });
  accepted(model, 'decideAppeal', { input: { decision: 'terminate', refundAmount } });
  return model;
}

/** One whose termination awaits a second person (ACT-3). */
export function aPendingDecision({ policies, ...supervised }: Parameters<typeof aSupervision>[0] = {}): Model {
  const model = aSupervision({
    appeals: ['buyer'],
    policies: { ...policies, supervision: { ...policies?.supervision, secondPersonAbove: 49_99 } },
    ...supervised,
  });
  accepted(model, 'decideAppeal', { input: { decision: 'terminate', refundAmount: 50_00 }, reason: '未按约交付' });
  return model;
}

/** The order centre has taken the completion. */
export function synchronised(model: Model): boolean {
  return answered(model, supervisionOf(model));
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
