import type { SyncedDepartment } from '../../db/organisation/departments.ts';
import type { SyncedUser } from '../../db/schema/organisation.ts';
import { OutsideUnavailable, type Sending } from '../outside.ts';

/** What every call to a merchant about an organisation names. */
type About = { product: string; instanceId: string; orderId: string; tenantId: string };
type Flag = 0 | 1 | 2 | 3;

/** One call of the Kit protocol, apart from the interface's generation. 0 delete, 1 add, 2 modify, 3 revoke. Instants are epoch milliseconds. */
export type KitCall = About &
  (
    | { activity: 'tenantSync'; tenantCode: string; name: string; domainName: string | null; flag: Flag }
    | {
        activity: 'applicationSync';
        appId: string;
        clientId: string;
        /** RSA-OAEP by the merchant's key, base64. */
        clientSecret: string;
        flag: Flag;
      }
    | { activity: 'allOrgSync'; departments: SyncedDepartment[] }
    | { activity: 'singleOrgSync'; department: SyncedDepartment; flag: Flag }
    | { activity: 'authSync'; appId: string; users: ({ userName: string; enable: boolean } & SyncedUser)[]; at: number; flag: Flag }
  );

/**
 * Sends one call; resolves when the merchant has taken it. @throws OutsideRefused, OutsideUnavailable when it has not
 */
export type SendKit = (call: KitCall, sending: Pick<Sending, 'idempotencyKey' | 'signal' | 'record'>) => Promise<void>;

/** Where no client to merchants is connected: nothing is sent, and the enterprise's administrator is told why. */
export const noMerchants: SendKit = async ({ activity }) => {
  throw new OutsideUnavailable('NO_MERCHANT_CLIENT', `expected a client to merchants for ${activity}, got none in this worker`, { unknown: false });
};
