import { z } from 'zod';
import type { Bilingual } from '../roles.ts';

/** BIL-1: who receives bills, by kind. */
export const partyKinds = {
  merchant: { zh: '商家', en: 'Merchant' },
  provider: { zh: '服务商', en: 'Service provider' },
} as const satisfies Record<string, Bilingual>;

export type PartyKind = keyof typeof partyKinds;
export const partyKindNames = Object.keys(partyKinds) as PartyKind[];
export const partyKind = z.enum(['merchant', 'provider']);

/** The policy that says on which day of the month the bills of a kind are made. */
export const billingDayOf = { merchant: 'merchantBillingDay', provider: 'providerBillingDay' } as const satisfies Record<PartyKind, string>;
