import type { Command } from '../../lifecycles/declaration.ts';
import { evidenceIn } from '../../lifecycles/evidence.ts';
import type { EvidenceFile, FactName, Facts, Product } from '../../lifecycles/facts.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { isFrozen, stateOf } from '../../lifecycles/registry.ts';
import type { Actor, Role } from '../../lifecycles/roles.ts';

/** 2026-03-02, a Monday, 10:00 in Shanghai. */
export const startOfTime = Date.parse('2026-03-02T10:00:00+08:00');
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** One person (or machine) of every role, each of the parties of the model's orders. */
export const cast: Record<Role, Actor> = {
  buyer: { id: 'li', role: 'buyer', party: 'buyer-a' },
  merchant: { id: 'zhao', role: 'merchant', party: 'merchant-a' },
  operationsManager: { id: 'qian', role: 'operationsManager', party: null },
  reviewer: { id: 'zhou', role: 'reviewer', party: null },
  serviceProvider: { id: 'feng', role: 'serviceProvider', party: 'provider-a' },
  enterpriseAdmin: { id: 'wei', role: 'enterpriseAdmin', party: 'enterprise-a' },
  system: { id: 'payments', role: 'system', party: null },
};

/** Who does a command in that role: a second person where the one of the cast has done what it is about (ACT-3). */
export const actorFor = (command: Pick<Command, 'anotherPerson'> | undefined, role: Role): Actor =>
  command?.anotherPerson ? { ...cast[role], id: 'sun' } : cast[role];

/** A file that exists; whoever names it has uploaded it. */
export const file = '11111111-1111-4111-8111-111111111111';
/** A file that nobody uploaded. */
export const missingFile = '22222222-2222-4222-8222-222222222222';

const aProduct = (product: Partial<Product> & Pick<Product, 'id'>): Product => ({
  name: `Product ${product.id}`,
  merchant: 'merchant-a',
  accessType: 'SaaS',
  licenceDelivery: null,
  tradeMode: 'general',
  supervised: false,
  prices: { once: 100_00, month: 100_00, year: 100_00 },
  currency: 'CNY',
  whitelist: null,
  creditMeans: [],
  offers: {},
  hasInterface: false,
  merchantShareBp: 8_000,
  ...product,
});

export const products: readonly Product[] = [
  aProduct({ id: 'saas-activated', supervised: true }),
  aProduct({ id: 'saas-automatic' }),
  aProduct({ id: 'saas-with-credit', tradeMode: 'joint', creditMeans: ['creditLine'] }),
  aProduct({ id: 'image', accessType: 'image' }),
  aProduct({ id: 'data-asset', accessType: 'dataAsset' }),
  aProduct({ id: 'human-service', accessType: 'humanService', supervised: true }),
  aProduct({ id: 'licence-code', accessType: 'License', licenceDelivery: 'onlineCode', supervised: true }),
  aProduct({ id: 'licence-online', accessType: 'License', licenceDelivery: 'online', supervised: true }),
  aProduct({ id: 'licence-offline', accessType: 'License', licenceDelivery: 'offline', supervised: true }),
  aProduct({ id: 'software-package', accessType: 'License', licenceDelivery: 'softwarePackage', supervised: true }),
  aProduct({ id: 'orchestration', accessType: 'appOrchestration', supervised: true }),
  aProduct({ id: 'licence-of-no-way', accessType: 'License', supervised: true }),
  aProduct({
    id: 'saas-by-interface',
    hasInterface: true,
    offers: {
      trialDays: 14,
      skus: { basic: { name: 'Basic', prices: { month: 100_00, year: 1_000_00 } }, pro: { name: 'Pro', prices: { month: 160_00, year: 1_600_00 } } },
      packages: { small: { units: 100, price: 50_00 } },
    },
  }),
  aProduct({ id: 'saas-activated-by-interface', supervised: true, hasInterface: true }),
  aProduct({ id: 'saas-by-the-unit', hasInterface: true, offers: { unitPrice: 5, packages: { small: { units: 100, price: 50_00 } } } }),
  aProduct({ id: 'whitelisted', whitelist: ['buyer-b'] }),
];

/** Stands for db/facts.ts: files that exist are the caller's own. */
export function factsOfTheModel(
  names: readonly FactName[],
  { actor, input, instance, others = [] }: { actor: Actor; input: Record<string, unknown>; instance: Instance | null; others?: Iterable<Instance> },
): Facts {
  const facts: Facts = {};
  if (names.includes('evidence')) facts.evidence = filesOf(actor, evidenceIn(input));
  if (names.includes('product')) facts.product = products.find((product) => product.id === (instance?.context.product ?? input.product)) ?? null;
  if (names.includes('trials')) facts.trials = [];
  if (names.includes('prepaid')) facts.prepaid = { account: 'account', number: 'BA-1', covers: true };
  if (names.includes('accountMoney')) facts.accountMoney = { balance: 0, waiting: 0 };
  if (names.includes('supervisionOfOrder')) facts.supervisionOfOrder = supervisionIn(others, String(input.order));
  if (names.includes('instanceOfOrder')) facts.instanceOfOrder = instanceIn(others, String(input.order));
  if (names.includes('refundsThisYear')) facts.refundsThisYear = { used: freeRefundsIn(others), until: endOfYear };
  return facts;
}

/** The year of the start of time ends, in Shanghai. */
export const endOfYear = Date.parse('2027-01-01T00:00:00+08:00');

const freeRefundsIn = (instances: Iterable<Instance>) =>
  [...instances].filter(({ lifecycle, value, context }) => lifecycle === 'refund' && context.kind === 'withoutReason' && stateOf(value) !== 'abandoned').length;

function supervisionIn(instances: Iterable<Instance>, order: string): Facts['supervisionOfOrder'] {
  const supervision = [...instances].find(({ lifecycle, refs }) => lifecycle === 'supervision' && refs.order === order);
  if (!supervision) return null;
  const { acceptedAt, claimedAt, appeals } = supervision.context as { acceptedAt: number | null; claimedAt: number | null; appeals: Appeals };
  const since = [appeals.buyer?.at, appeals.merchant?.at].filter((at) => at !== undefined);
  return { number: supervision.number, acceptedAt, claimedAt, frozenSince: isFrozen(supervision.value) ? Math.min(...since) : null };
}
function instanceIn(instances: Iterable<Instance>, order: string): Facts['instanceOfOrder'] {
  const all = [...instances];
  const changed = all.find(({ id }) => id === order)?.refs.serviceInstance;
  const service = all.find(({ id, lifecycle, refs }) => lifecycle === 'serviceInstance' && (id === changed || refs.order === order));
  return service ? { number: service.number, validUntil: service.context.validUntil as number | null } : null;
}

type Appeals = Record<'buyer' | 'merchant', { at: number } | null>;

function filesOf(actor: Actor, ids: readonly string[]): EvidenceFile[] {
  return ids
    .filter((id) => id === file)
    .map((id) => ({ id, name: '验收报告.pdf', sha256: '0'.repeat(64), bytes: 100, uploadedBy: actor.id, party: actor.party }));
}
