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

const partyOfRole = { buyer: 'buyer', merchant: 'merchant' } as const satisfies Partial<Record<Role, keyof Parties>>;
const marketplaceRoles: readonly Role[] = ['operationsManager', 'reviewer', 'system'];

/** ACT-1, SUP-11: a buyer and a merchant see their own records, the marketplace's people see all, others nothing. */
export function maySee(actor: Actor, parties: Parties): boolean {
  if (marketplaceRoles.includes(actor.role)) return true;
  if (actor.role === 'buyer' || actor.role === 'merchant') return parties[partyOfRole[actor.role]] === actor.party;
  return false;
}
