import { z } from 'zod';
import { admin } from '../organisation/admins.ts';
import { instant } from '../values.ts';

/** The parts of the synchronisation, in their order (ORG-1). */
export const steps = ['tenant', 'application', 'organisation', 'departments', 'users'] as const;

export const context = z.object({
  enterpriseName: z.string(),
  domainName: z.string().nullable(),
  tenantId: z.string(),
  tenantCode: z.string(),
  product: z.string(),
  productName: z.string(),
  orderNumber: z.string(),
  /** The merchant's own id of the purchased instance. */
  serviceInstance: z.string(),
  /** Who may edit the enterprise; the enterprise tells of every change (ORG-3). */
  admins: z.array(admin),
  boundAt: instant,
  /** ORG-4: switched by an administrator; nobody logs in to an app that is not. */
  enabled: z.boolean(),
  /** The first synchronisation is finished. */
  connected: z.boolean(),
  /** What changed since the part was last begun, so that it is to be done again. */
  applicationDue: z.boolean(),
  departmentsDue: z.boolean(),
  usersDue: z.boolean(),
  /** Of the enterprise: the revision up to which its departments are synchronised. */
  syncedTo: z.number().int(),
  /** Where the synchronisation stands still, and why (ORG-2). */
  failedStep: z.enum(steps).nullable(),
  failureCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
  lastSyncedAt: instant.nullable(),
});
export type Context = z.output<typeof context>;

const begun = {
  enabled: true,
  connected: false,
  applicationDue: false,
  departmentsDue: false,
  usersDue: false,
  syncedTo: 0,
  failedStep: null,
  failureCode: null,
  failureMessage: null,
  lastSyncedAt: null,
} satisfies Partial<Context>;
export type Input = Omit<Context, keyof typeof begun>;
export const beginning = (input: Input): Context => ({ ...input, ...begun });
