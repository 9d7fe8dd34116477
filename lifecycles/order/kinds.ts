import type { ActivityName, charges, scenes } from '../production/context.ts';
import type { Bilingual } from '../roles.ts';

/** What an order is for (ORD-3), and what follows from that everywhere. */
type Kind = {
  label: Bilingual;
  /** Of an instance that the buyer has: its states in which it may be ordered; null for what makes a new one. */
  of: readonly ('active' | 'suspended')[] | null;
  /** What the merchant's server is asked when it is paid, and why its period changes (PRD-1); null: nothing. */
  call: { activity: ActivityName; scene: (typeof scenes)[number] | null; charging?: (typeof charges)[number] } | null;
  /** It is sold for a period of the product's prices. */
  byPeriod: boolean;
  /** What it uses, or uses beyond its package, is taken from the buyer's account where the product has a price by the unit (MET-2). */
  byUse?: true;
};

export const kinds = {
  newPurchase: { label: { zh: '新购', en: 'New purchase' }, of: null, call: { activity: 'newInstance', scene: null }, byPeriod: true },
  trial: { label: { zh: '试用', en: 'Trial' }, of: null, call: { activity: 'newInstance', scene: null }, byPeriod: false },
  trialToPaid: {
    label: { zh: '试用转正', en: 'Trial to paid' },
    of: ['active', 'suspended'],
    call: { activity: 'refreshInstance', scene: 'TRIAL_TO_FORMAL' },
    byPeriod: true,
  },
  renewal: { label: { zh: '续费', en: 'Renewal' }, of: ['active', 'suspended'], call: { activity: 'refreshInstance', scene: 'RENEWAL' }, byPeriod: true },
  upgrade: { label: { zh: '升级', en: 'Upgrade' }, of: ['active'], call: { activity: 'upgradeInstance', scene: null }, byPeriod: false },
  expansion: { label: { zh: '扩容', en: 'Expansion' }, of: ['active'], call: { activity: 'upgradeInstance', scene: null }, byPeriod: false },
  onDemand: {
    label: { zh: '按需', en: 'On demand' },
    of: null,
    call: { activity: 'newInstance', scene: null, charging: 'onDemand' },
    byPeriod: false,
    byUse: true,
  },
  onDemandPackage: {
    label: { zh: '按需套餐包', en: 'On-demand package' },
    of: null,
    call: { activity: 'newInstance', scene: null, charging: 'onDemandPackage' },
    byPeriod: false,
    byUse: true,
  },
  stopWhenUsedUp: {
    label: { zh: '用完即停', en: 'Stop when used up' },
    of: null,
    call: { activity: 'newInstance', scene: null, charging: 'onDemandPackage' },
    byPeriod: false,
  },
  /** More units for an instance that goes by a package. */
  refill: { label: { zh: '追加套餐包', en: 'Another package' }, of: ['active', 'suspended'], call: null, byPeriod: false },
} as const satisfies Record<string, Kind>;

export type OrderKind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as [OrderKind, ...OrderKind[]];
export const kindOf = (kind: OrderKind): Kind => kinds[kind];

/** It changes an instance that is there already. */
export const isChange = ({ kind }: { kind: OrderKind }): boolean => kinds[kind].of !== null;
