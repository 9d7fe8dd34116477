import { z } from 'zod';
import { type Role, recordsOf, roleNames } from '../roles.ts';
import { instant } from '../values.ts';

/** BIL-6: what can be exported, and whose rows those are: who sees none of these records has none to export. Each has a source in exports/sources. */
export const subjects = {
  orders: { zh: '订单', en: 'Orders', of: 'order' },
  ledger: { zh: '资金流水', en: 'Ledger', of: 'order' },
  bills: { zh: '账单', en: 'Bills', of: 'settlementBill' },
  billLines: { zh: '账单明细', en: 'Bill lines', of: 'settlementBill' },
} as const;
export type ExportSubject = keyof typeof subjects;
const subjectNames = Object.keys(subjects) as [ExportSubject, ...ExportSubject[]];

/** ACT-1: what somebody of a role has records of. */
export const subjectsFor = (role: Role): ExportSubject[] => subjectNames.filter((name) => recordsOf[role]?.includes(subjects[name].of) ?? true);

export const formats = ['csv', 'xlsx'] as const;

export const wish = z.object({
  what: z.enum(subjectNames),
  format: z.enum(formats).default('csv'),
  language: z.enum(['zh', 'en']).default('zh'),
  /** Party ids; left out: all that the caller may see. */
  buyer: z.string().min(1).max(64).optional(),
  merchant: z.string().min(1).max(64).optional(),
  /** Half-open: from this instant, before that one. Orders by their placement, movements of money by their instant. */
  from: z.iso.datetime({ offset: true }).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
});

export const context = z.object({
  what: z.enum(subjectNames),
  format: z.enum(formats),
  language: z.enum(['zh', 'en']),
  buyer: z.string().nullable(),
  merchant: z.string().nullable(),
  from: instant.nullable(),
  before: instant.nullable(),
  /** Whose rows it holds: exactly those that this person may see. */
  requestedBy: z.object({ id: z.string(), role: z.enum(roleNames), party: z.string().nullable() }),
  rows: z.number().int().nullable(),
  bytes: z.number().int().nullable(),
  sha256: z.string().nullable(),
  /** The buyer, and the merchant, that all its rows have in common; empty when they have none. Who may see a row follows from these (ACT-1). */
  common: z.object({ buyer: z.string(), merchant: z.string() }).nullable(),
  readyAt: instant.nullable(),
  failure: z.string().nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Omit<Context, 'rows' | 'bytes' | 'sha256' | 'common' | 'readyAt' | 'failure'>;

/** What a written export is answered with. */
export const written = z.object({
  rows: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string(),
  common: z.object({ buyer: z.string(), merchant: z.string() }),
});
