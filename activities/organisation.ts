import { constants, publicEncrypt } from 'node:crypto';
import type pg from 'pg';
import { clientOf } from '../db/organisation/clients.ts';
import { changesAfter, wholeOrganisation } from '../db/organisation/departments.ts';
import { appKeyOf } from '../db/organisation/keys.ts';
import { acknowledgeUsers, nextUsers, type UserBatch } from '../db/organisation/users.ts';
import { notThere } from '../production/resultCodes.ts';
import type { KitCall, SendKit } from './organisation/kit.ts';
import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/** The protocol's limit of one authSync. */
const usersPerCall = 500;
const changesPerTry = 20;

type Params = {
  product: string;
  instanceId: string;
  orderNumber: string;
  tenantId: string;
  tenantCode: string;
  name: string;
  domainName: string | null;
  enabled: boolean;
  syncedTo: number;
};

/**
 * The synchronisation of an organisation with a bound app (ORG-1), by the Kit protocol. What is sent is read when it is sent; all of it may be
 * sent again, because a merchant takes the same again as done.
 */
export function createOrganisation({ pool, send }: { pool: pg.Pool; send: SendKit }) {
  return {
    syncTenant: outside(async (sending) => {
      await call(sending, tenant(sending, 1));
      return {};
    }),
    deleteTenant: outside(async (sending) => {
      await call(sending, tenant(sending, 0)).catch(unlessGone);
      return {};
    }),
    syncApplication: outside(syncApplication),
    syncOrganisation: outside(async (sending) => {
      const { departments, syncedTo } = await wholeOrganisation(pool, sending.instance);
      await call(sending, { activity: 'allOrgSync', departments });
      return { syncedTo };
    }),
    syncDepartments: outside(syncDepartments),
    syncUsers: outside(syncUsers),
  };

  async function syncApplication(sending: Sending) {
    const { product, enabled } = sending.params as Params;
    const publicKey = await appKeyOf(pool, product);
    if (!publicKey)
      throw new OutsideRefused('NO_APP_KEY', `expected an RSA key of the merchant for ${product}, got none: the merchant sets it (setAppKey), then go on`);
    const { clientId, clientSecret } = await clientOf(pool, sending.instance);
    const padding = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const encrypted = publicEncrypt(padding, Buffer.from(clientSecret)).toString('base64');
    await call(sending, { activity: 'applicationSync', appId: sending.instance, clientId, clientSecret: encrypted, flag: enabled ? 1 : 0 });
    return {};
  }

  /** In their order, one call each. Those before one that fails are done: the next try begins with the one that failed. */
  async function syncDepartments(sending: Sending) {
    let { syncedTo } = sending.params as Params;
    const changes = await changesAfter(pool, { binding: sending.instance, after: syncedTo, limit: changesPerTry });
    for (const [index, { revision, code, name, parent, flag }] of changes.slice(0, changesPerTry).entries()) {
      try {
        await call(sending, { activity: 'singleOrgSync', department: { code, name, parent }, flag });
      } catch (error) {
        if (index === 0) throw error;
        return { syncedTo, more: true };
      }
      syncedTo = revision;
    }
    return { syncedTo, more: changes.length > changesPerTry };
  }

  async function syncUsers(sending: Sending) {
    const batch = await nextUsers(pool, sending.instance, usersPerCall);
    if (!batch) return { more: false };
    await call(sending, { activity: 'authSync', appId: sending.instance, users: usersOf(batch), at: Date.now(), flag: batch.flag });
    await acknowledgeUsers(
      pool,
      sending.instance,
      batch.users.map((user) => user.userName),
    );
    return { more: batch.more };
  }

  function call(sending: Sending, what: OmitAbout<KitCall>): Promise<void> {
    const { product, instanceId, orderNumber, tenantId } = sending.params as Params;
    return send({ product, instanceId, orderId: orderNumber, tenantId, ...what } as KitCall, sending);
  }
}

type OmitAbout<Call> = Call extends unknown ? Omit<Call, 'product' | 'instanceId' | 'orderId' | 'tenantId'> : never;

const outside = (send: Outside['send']): Outside => ({ send });

/** A merchant that no longer knows the instance, which was released, has no tenant in it either. */
function unlessGone(error: unknown): void {
  if (!(error instanceof OutsideRefused || error instanceof OutsideUnavailable) || error.code !== notThere) throw error;
}

function tenant({ params }: Sending, flag: 0 | 1) {
  const { tenantCode, name, domainName } = params as Params;
  return { activity: 'tenantSync' as const, tenantCode, name, domainName, flag };
}

/** A revoked user is told as the app knows it; one that it was never sure to know, by the name alone. */
const usersOf = ({ users }: UserBatch) =>
  users.map(({ userName, told, known }) => ({
    userName,
    enable: told !== null,
    ...(told ?? known ?? { name: userName, orgCode: '', role: 'user' as const, position: null }),
  }));
