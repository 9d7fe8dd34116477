import { z } from 'zod';
import type { Stamp } from '../declaration.ts';
import { invoiced, medium, travel } from '../invoice/document.ts';
import { decided } from '../secondPerson.ts';
import { instant, minorUnits } from '../values.ts';
import { partyKind } from './receivers.ts';

/** What a bill is of; none of it ever changes. */
export const given = {
  partyKind,
  party: z.string(),
  /** The month in Asia/Shanghai, as in 2026-10. */
  period: z.string(),
  /** Half open: [periodStart, periodEnd). */
  periodStart: instant,
  periodEnd: instant,
  currency: z.string(),
};

/** Sums over the bill's lines, in minor units (分); null until it is built. They never change: corrections are lines of later bills. */
export const totals = {
  lines: z.number().int().nullable(),
  paid: minorUnits.nullable(),
  refunded: minorUnits.nullable(),
  /** What the receiver is owed. */
  net: minorUnits.nullable(),
  /** Of that, what the receiver invoices to the marketplace (BIL-4). */
  toInvoice: minorUnits.nullable(),
  /** Whether the receiver is owed anything: a sum above 0; what is not is carried forward. */
  payable: z.boolean().nullable(),
  /** Whether there is anything to invoice to the marketplace. */
  invoiceable: z.boolean().nullable(),
};

/** BIL-5: what the receiver handed in for a bill. */
export const submitted = z.object({ medium, ...invoiced, ...travel });

export const context = z.object({
  ...given,
  ...totals,
  sentAt: instant.nullable(),
  sentBy: z.string().nullable(),
  confirmedAt: instant.nullable(),
  countersignedAt: instant.nullable(),
  countersignedBy: z.string().nullable(),
  /** The receiver's invoice under way or verified. */
  invoice: submitted.nullable(),
  verifiedAt: instant.nullable(),
  /** Why the last invoice was refused. */
  invoiceRefusedBecause: z.string().nullable(),
  paidAt: instant.nullable(),
  receipt: z.string().nullable(),
  /** ACT-3: a difference above the limit, until a second person has confirmed it; null, or not there in older rows, when none waits. */
  pendingDifference: z.object({ ...decided, orderNumber: z.string(), amount: minorUnits, ticket: z.string(), because: z.string() }).nullable(),
});

export type Context = z.output<typeof context>;
export type Input = Pick<Context, keyof typeof given>;
export type Totals = { lines: number; paid: number; refunded: number; net: number; toInvoice: number };

export const begun = (input: Input): Context => ({
  ...input,
  lines: null,
  paid: null,
  refunded: null,
  net: null,
  toInvoice: null,
  payable: null,
  invoiceable: null,
  sentAt: null,
  sentBy: null,
  confirmedAt: null,
  countersignedAt: null,
  countersignedBy: null,
  invoice: null,
  verifiedAt: null,
  invoiceRefusedBecause: null,
  paidAt: null,
  receipt: null,
  pendingDifference: null,
});

export type Kept<Sent = unknown> = { context: Context; event: Stamp & { input: Sent } };
