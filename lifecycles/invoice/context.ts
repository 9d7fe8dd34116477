import { z } from 'zod';
import type { Stamp } from '../declaration.ts';
import { instant, minorUnits } from '../values.ts';
import { line, medium, postalAddress } from './document.ts';

/** `sale`: to an order's buyer, who applied for it. `settlement`: to the marketplace, by the receiver of a bill (BIL-4). */
export const kinds = ['sale', 'settlement'] as const;

export const context = z.object({
  kind: z.enum(kinds),
  /** The number of the order or the bill that it invoices. */
  about: z.string(),
  /** Who issues it; a bill's receiver is `receiver`. */
  issuer: z.enum(['merchant', 'marketplace', 'receiver']),
  medium,
  /** What its lines add up to, with tax, in minor units (分). */
  amount: minorUnits,
  /** Of it, what the order's use was charged (MET-2), not what was paid for the order; null, or not there in older rows: nothing. */
  forUse: minorUnits.nullable(),
  currency: z.string(),
  /** 发票抬头, and who it is for taxes. */
  title: z.string().nullable(),
  taxNumber: z.string().nullable(),
  /** BIL-5: where it is sent: by mail, or on paper. */
  mail: z.string().nullable(),
  address: postalAddress.nullable(),
  invoiceCode: z.string().nullable(),
  invoiceNumber: z.string().nullable(),
  lines: z.array(line),
  issuedAt: instant.nullable(),
  courier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  sentAt: instant.nullable(),
  receivedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  refusedBecause: z.string().nullable(),
  returnedAt: instant.nullable(),
  returnedBecause: z.string().nullable(),
  /** 红字发票 of one that was returned. */
  redLetterNumber: z.string().nullable(),
  /** REF-2: the refund of its order, by whose approval the application lapsed, or the issued invoice must be reversed. */
  refundNumber: z.string().nullable(),
});

export type Context = z.output<typeof context>;
/** What one begins with: an application says where to send it, an invoice of a bill is there already. */
export type Input = Pick<Context, 'kind' | 'about' | 'medium' | 'amount' | 'currency'> & Partial<Context>;

const blank = {
  issuer: 'receiver',
  forUse: null,
  title: null,
  taxNumber: null,
  mail: null,
  address: null,
  invoiceCode: null,
  invoiceNumber: null,
  lines: [],
  issuedAt: null,
  courier: null,
  trackingNumber: null,
  sentAt: null,
  receivedAt: null,
  verifiedAt: null,
  refusedBecause: null,
  returnedAt: null,
  returnedBecause: null,
  redLetterNumber: null,
  refundNumber: null,
} satisfies Partial<Context>;

export const begun = (input: Input): Context => ({ ...blank, ...input });

export type Kept<Sent = unknown> = { context: Context; event: Stamp & { input: Sent } };
