/** A sentence or label as people read it: zh-CN and en, never one without the other. */
export type Bilingual = { zh: string; en: string };

/** ACT-1: everyone who acts. `system` stands for timers, machines and payment callbacks. */
export const roles = {
  buyer: { zh: '买家', en: 'Buyer' },
  merchant: { zh: '商家', en: 'Merchant' },
  operationsManager: { zh: '运营经理', en: 'Operations manager' },
  reviewer: { zh: '华为云复核', en: 'Reviewer' },
  serviceProvider: { zh: '客户服务商', en: 'Service provider' },
  enterpriseAdmin: { zh: '企业管理员', en: 'Enterprise administrator' },
  system: { zh: '系统', en: 'System' },
} as const satisfies Record<string, Bilingual>;

export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as Role[];

/** Who does it: one person (or machine) acting for one party. `party` is null for the marketplace's own people. */
export type Actor = { id: string; role: Role; party: string | null };

export const system: Actor = { id: 'system', role: 'system', party: null };

/** The parties of an instance; each is a party id. Rights to see a row derive from these alone. */
export type Parties = { buyer: string; merchant: string };

/** An enterprise's administrators act for the buyer whose enterprise it is (ORG-3); a service provider is the selling party of its own bills. */
export const partyOfRole = { buyer: 'buyer', merchant: 'merchant', serviceProvider: 'merchant', enterpriseAdmin: 'buyer' } as const satisfies Partial<
  Record<Role, keyof Parties>
>;
const marketplaceRoles: readonly Role[] = ['operationsManager', 'reviewer', 'system'];

/** The party of an instance that someone of a role acts for; null for the marketplace's own people, who act for none. */
export function partyFor(role: Role, parties: Parties | undefined): string | null {
  const name = (partyOfRole as Partial<Record<Role, keyof Parties>>)[role];
  return name === undefined ? null : (parties?.[name] ?? null);
}

/** What an enterprise's administrators see of the buyer for whom they act: the enterprise, what belongs to it, what can be bound to it; no order, no money (ORG-3). */
const enterpriseRecords = ['enterprise', 'appBinding', 'adminInvitation', 'serviceInstance'];

/** What a service provider's people see: what it is settled by, and what they make of that (BIL-1, CSP-5). */
const providerRecords = ['settlementBill', 'invoice', 'statementLetter', 'billExport'];
/** Roles that see only these lifecycles of their party; left out: all. */
export const recordsOf: Partial<Record<Role, readonly string[]>> = { enterpriseAdmin: enterpriseRecords, serviceProvider: providerRecords };

/** ACT-1, SUP-11: a buyer, a merchant and a service provider see their own records, the marketplace's people see all, others nothing. */
export function maySee(actor: Actor, parties: Parties, lifecycle?: string): boolean {
  if (marketplaceRoles.includes(actor.role)) return true;
  const only = recordsOf[actor.role];
  if (only && !only.includes(lifecycle ?? '')) return false;
  return Boolean(actor.party) && partyFor(actor.role, parties) === actor.party;
}
