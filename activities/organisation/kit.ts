import type pg from 'pg';
import { endpointOf } from '../../db/endpoints.ts';
import type { SyncedDepartment } from '../../db/organisation/departments.ts';
import type { SyncedUser } from '../../db/schema/organisation.ts';
import type { CallInput } from '../../production/call.ts';
import type { CallMerchant } from '../../production/callMerchant.ts';
import { createMerchantOutside } from '../../production/outside.ts';
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
export type SendKit = (call: KitCall, sending: Sending) => Promise<void>;

/** By the client to merchants' servers: each try looks up where the product's merchant is now, and is recorded (PRD-3). */
export function createKitSender({ pool, callMerchant }: { pool: pg.Pool; callMerchant: CallMerchant }): SendKit {
  return async ({ product, ...call }, sending) => {
    const endpoint = await endpointOf(pool, product);
    const { send } = createMerchantOutside({ callMerchant, callOf: async () => endpoint && { call: call as CallInput, endpoint } });
    const { inProgress } = await send(sending);
    if (inProgress) throw new OutsideUnavailable('IN_PROGRESS', `the merchant is still at work on ${call.activity}`, { unknown: false });
  };
}
