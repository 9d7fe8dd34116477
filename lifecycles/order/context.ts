import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { wayNames } from '../supervision/ways.ts';
import { instant, minorUnits } from '../values.ts';
import { kindNames } from './kinds.ts';
import * as refund from './refund.ts';

export const period = z.object({ unit: z.enum(['month', 'year']), count: z.number().int().min(1).max(60) });
export const scenario = z.enum(['empowermentCloud', 'baseCloud', 'none']);
export const means = z.enum(['balance', 'card', 'cashCoupon', 'creditLine']);

export const context = z.object({
  kind: z.enum(kindNames),
  product: z.string(),
  productName: z.string(),
  accessType: z.string(),
  tradeMode: z.string(),
  /** SUP-1: as the product was at purchase; never changes. */
  supervised: z.boolean(),
  /** SUP-2: the way of its delivery, from the product at purchase; null when it is not supervised. Never changes. */
  way: z.enum(wayNames).nullable(),
  scenario,
  quantity: z.number().int(),
  /** ORD-3: the product's specification skuCode, and of a package its name and what it holds. */
  sku: z.string().nullable(),
  package: z.string().nullable(),
  units: z.number().int(),
  /** On demand: what a unit costs (MET-2). */
  unitPrice: minorUnits.nullable(),
  trialDays: z.number().int().nullable(),
  /** PRD-1: whether its merchant's server is called for it; as it was at purchase. */
  hasInterface: z.boolean(),
  /** Of the instance that a change is about: the merchant's id of it, and until when it was paid. */
  merchantInstance: z.string().nullable(),
  ownedUntil: instant.nullable(),
  period: period.nullable(),
  /** BIL-8: integer minor units (分). */
  amount: minorUnits,
  currency: z.string(),
  placedAt: instant,
  paidAt: instant.nullable(),
  paymentMeans: z.string().nullable(),
  paymentReference: z.string().nullable(),
  completedAt: instant.nullable(),
  /** A change's new end of the period, fixed at payment. */
  newExpiry: instant.nullable(),
  /** What the merchant's server said of the instance it made. */
  made: z.object({ instanceId: z.string().nullable(), frontEndUrl: z.string().nullable(), adminUrl: z.string().nullable() }).nullable(),
  failedBecause: z.string().nullable(),
  /** ORD-5: the service period; null until it starts. */
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
  /** BIL-2: the merchant's share in basis points, fixed at payment; of what is paid for by use alone, with the order. */
  merchantShareBp: z.number().int().nullable(),
  ...refund.fields,
});
export type Context = z.output<typeof context>;
export const unpaid = {
  paidAt: null,
  paymentMeans: null,
  paymentReference: null,
  completedAt: null,
  newExpiry: null,
  made: null,
  failedBecause: null,
  validFrom: null,
  validUntil: null,
  ...refund.blank,
};
export type Input = Omit<Context, keyof typeof unpaid>;

export const command = commandOf<Context>();
