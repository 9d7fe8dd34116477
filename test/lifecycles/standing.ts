import { shanghai } from '../../calendar/calendar.ts';
import type { Command, Lifecycle } from '../../lifecycles/declaration.ts';
import { explore, type Place, parties } from '../../lifecycles/explore.ts';
import type { Product } from '../../lifecycles/facts.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { type Organisation, subjectsIn } from '../../lifecycles/organisation/subjects.ts';
import { lifecycles } from '../../lifecycles/registry.ts';
import { type Actor, partyFor, type Role } from '../../lifecycles/roles.ts';
import { cast, factsOfTheModel, products } from './cast.ts';
import { createModel, type Model } from './drive.ts';
import { remembering } from './remembering.ts';

const calendar = remembering(shanghai);
const product: Product = { ...(products[0] as Product), merchant: parties.merchant };

/** Who walks: one person of each role, of the parties of what is walked; a second one where the first did what it is about (ACT-3). */
export const walker = (command: Pick<Command, 'anotherPerson'> | undefined, role: Role): Actor => ({
  id: command?.anotherPerson ? `another ${role}` : role,
  role,
  party: role === 'serviceProvider' ? 'provider' : partyFor(role, parties),
});

const walked = new Map<string, Place[]>();
/** Every place of a lifecycle, explored once. */
export function placesOf(lifecycle: Lifecycle): Place[] {
  const known = walked.get(lifecycle.name) ?? explore({ lifecycle, calendar }).places;
  walked.set(lifecycle.name, known);
  return known;
}

/** The first place of a lifecycle in this state, as what a reference names. */
function standIn(of: string, state: string, id: string): Instance {
  const lifecycle = lifecycles.find(({ name }) => name === of) as Lifecycle;
  const place = placesOf(lifecycle).find(({ instance }) => instance.value === state) as Place;
  return { ...place.instance, id };
}

const paid = new Map<string, Instance>();
/** A paid order, made once a buyer. */
function paidOrder(of: Instance['parties']): Instance {
  const known = paid.get(of.buyer);
  if (known) return known;
  const model = createModel({ factsFor: (names, ask) => ({ ...factsOfTheModel(names, ask), ...(names.includes('product') ? { product } : {}) }) });
  model.command({ lifecycle: 'order', command: 'placeOrder', actor: { ...cast.buyer, party: of.buyer }, input: { product: product.id } });
  const input = { amount: product.prices.once, means: 'balance', reference: 'P' };
  model.command({ lifecycle: 'order', instance: model.only('order')?.id ?? '', command: 'recordPayment', actor: cast.system, input });
  const order = model.only('order') as Instance;
  paid.set(of.buyer, order);
  return order;
}

/** What an instance belongs to. */
function orderOf({ context, parties: of }: Instance, id: string): Instance {
  const order = paidOrder(of);
  const refund = context.refund ?? ('kind' in context ? { amount: context.amount } : null);
  const asked = { number: 'RF-1', amount: 1, askedAt: order.at, approvedAt: order.at, from: 'processing' };
  return { ...order, id, ...(refund ? { value: 'refunding', context: { ...order.context, refund: { ...asked, ...refund } } } : {}) };
}

type Ids = Record<'order' | 'product' | 'merchant' | 'enterprise' | 'settlementBill', string>;
const anyIds: Ids = { order: 'the order', product: 'the product', merchant: 'the merchant', enterprise: 'the enterprise', settlementBill: 'the bill' };

const department = { parent: 'root', ancestors: ['root'], levels: 1, children: 0, members: 0 };
const departments = [
  { ...department, code: 'sales', name: '销售', members: 1 },
  { ...department, code: 'finance', name: '财务' },
];
const members = [{ userName: 'zhang', name: '张', department: 'sales' }];
const groups = [{ code: 'everyone', name: '全员' }];
/** Of what an input names, that which there is in the organisation of the model. */
function organisationOf(input: Record<string, unknown>): Organisation {
  const named = subjectsIn(input);
  return {
    departments: departments.filter(({ code }) => named.departments.includes(code)),
    members: members.filter(({ userName }) => named.members.includes(userName)),
    groups: groups.filter(({ code }) => named.groups.includes(code)),
  };
}

/** What an instance of a lifecycle tells by its references. */
const companions: Record<string, (here: Instance, ids: Ids) => Instance[]> = {
  adminInvitation: (_, ids) => [standIn('enterprise', 'active', ids.enterprise)],
  invoice: ({ value }, ids) => [standIn('settlementBill', value === 'received' ? 'invoiceReceived' : 'invoiceSubmitted', ids.settlementBill)],
  productRetirement: (_, ids) => [standIn('product', 'listed', ids.product)],
  merchantExit: ({ value }, ids) => [standIn('merchant', value === 'clearing' ? 'suspended' : 'active', ids.merchant)],
};

/** An instance that a walk met, in a model beside what it refers to, at the instant of its last event. */
export function standing(instance: Instance, { id = instance.id, ids = anyIds }: { id?: string; ids?: Ids } = {}): { here: Instance; model: Model } {
  const here: Instance = { ...instance, id, refs: { ...ids, order: String(instance.context.order ?? ids.order) } };
  const model = createModel({
    now: here.at,
    calendar,
    factsFor: (names, ask) => ({
      ...factsOfTheModel(names, ask),
      ...(names.includes('product') ? { product } : {}),
      ...(names.includes('billedOrder') ? { billedOrder: { order: ids.order, merchant: 1_000_000, platform: 1_000_000 } } : {}),
      ...(names.includes('organisation') ? { organisation: organisationOf(ask.input) } : {}),
    }),
  });
  if ('order' in here.context && here.lifecycle !== 'serviceInstance') model.put(orderOf(here, String(here.refs.order)));
  for (const other of companions[here.lifecycle]?.(here, ids) ?? []) model.put(other);
  model.put(here);
  return { here, model };
}
