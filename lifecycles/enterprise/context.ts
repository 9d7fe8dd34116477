import { z } from 'zod';
import { admin } from '../organisation/admins.ts';
import { instant } from '../values.ts';

export const context = z.object({
  name: z.string(),
  domainName: z.string().nullable(),
  /** The person who created it: who alone invites and removes administrators (ORG-3). */
  creator: z.string(),
  admins: z.array(admin),
  createdAt: instant,
  /** What provisioning gave; the apps know the enterprise by them. */
  tenantId: z.string().nullable(),
  tenantCode: z.string().nullable(),
});
export type Context = z.output<typeof context>;
export type Input = Omit<Context, 'tenantId' | 'tenantCode'>;
