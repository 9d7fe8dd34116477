import { z } from 'zod';
import type { Acts } from './acts.ts';
import { type Answer, CallRefused, codes, success } from './answer.ts';
import { fieldsOf, text, utcTime } from './fields.ts';
import type { Licences } from './licences.ts';
import { isSame, v2Signature } from './signatures.ts';
import type { Struck } from './switches.ts';

/** How far a call's timestamp may be from this merchant's clock. */
const toleranceMs = 60_000;

const order = { orderId: text(), orderLineId: text() };
const newInstance = z.object({ ...order, businessId: text(), testFlag: z.literal(['1', 1]).optional() });
const scenes = ['TRIAL_TO_FORMAL', 'RENEWAL', 'UNSUBSCRIBE_RENEWAL_PERIOD', 'RENEWAL_CHANGE'] as const;
const refreshInstance = z.object({ ...order, scene: z.enum(scenes), instanceId: text(), productId: text().optional(), expireTime: utcTime });
const updateInstanceStatus = z.object({ instanceId: text(), status: z.enum(['FREEZE', 'UNFREEZE']) });
const releaseInstance = z.object({ instanceId: text(), orderId: text().optional(), orderLineId: text().optional() });
const upgradeInstance = z.object({ ...order, instanceId: text() });
const queryInstance = z.object({ instanceId: text(10_000) });
const getLicenseAsync = z.object({ instanceId: text() });

type Parameters = { signature: string; timestamp: string; nonce: string; body: string };

/** The second generation: POST with a JSON body, `signature`, `timestamp` and `nonce` in the query. */
export function createV2({ accessKey, acts, licences, now = Date.now }: { accessKey: string; acts: Acts; licences: Licences; now?: () => number }) {
  const seen = new Map<string, number>();
  const activities: Record<string, (body: unknown, struck: Struck) => Answer> = {
    newInstance: (body, struck) => {
      const { orderId, orderLineId, businessId, testFlag } = fieldsOf(newInstance, body);
      const purchase = { orderId, orderLineId, productId: null, skuCode: null, expireTime: null, isTrial: false, isTest: testFlag !== undefined };
      const made = acts.newInstance({ ...purchase, key: `${orderId} ${orderLineId}`, businessId, struck });
      if (!made.isReady) return { resultCode: codes.inProgress, resultMsg: 'the instance is being created', instanceId: made.shownId };
      return success({ instanceId: made.shownId });
    },
    refreshInstance: (body) => {
      const { scene, orderId, orderLineId, instanceId, expireTime, productId = null } = fieldsOf(refreshInstance, body);
      const key = `${scene} ${orderId} ${orderLineId}`;
      acts.refresh({ key, activity: 'refreshInstance', orderId, instanceId, expireTime, productId, isTrialOver: scene === 'TRIAL_TO_FORMAL' });
      return success();
    },
    updateInstanceStatus: (body, struck) => {
      const { instanceId, status } = fieldsOf(updateInstanceStatus, body);
      acts.setStatus({ activity: 'updateInstanceStatus', instanceId, status: status === 'FREEZE' ? 'FREEZE' : 'NORMAL', struck });
      return success();
    },
    releaseInstance: (body, struck) => {
      const { instanceId, orderId = null } = fieldsOf(releaseInstance, body);
      acts.release({ instanceId, orderId, struck });
      return success();
    },
    upgradeInstance: (body) => {
      const { orderId, orderLineId, instanceId } = fieldsOf(upgradeInstance, body);
      acts.upgrade({ key: `${orderId} ${orderLineId}`, activity: 'upgradeInstance', orderId, instanceId, skuCode: null, productId: null });
      return success();
    },
    queryInstance: (body) => {
      const { instanceId } = fieldsOf(queryInstance, body);
      const info = acts.query(instanceId.split(',')).map(({ instanceId: id, adminUrl }) => ({
        instanceId: id,
        appInfo: { frontEndUrl: `https://app.merchant.example/${id}`, adminUrl, memo: '' },
        usageInfo: [],
      }));
      return success({ info });
    },
    // online License: the licence itself is the merchant's; what its fields are the document leaves open [I]
    getLicenseAsync: (body) => {
      const { instanceId } = fieldsOf(getLicenseAsync, body);
      return success({ license: Buffer.from(acts.find(instanceId).instanceId).toString('base64') });
    },
    ...licences.activities,
  };

  return { names: Object.keys(activities), check, answer };

  /** @throws CallRefused 000002 for parameters that are missing, 000001 for a signature or a time that is not right */
  function check({ signature, timestamp, nonce, body }: Parameters): void {
    if (!signature || !nonce) throw new CallRefused(codes.parameter, 'expected signature, timestamp and nonce in the query');
    if (!/^\d{13}$/.test(timestamp)) throw new CallRefused(codes.parameter, `timestamp: expected 13 digits of milliseconds, got ${timestamp || 'none'}`);
    if (!isSame(signature.toLowerCase(), v2Signature(accessKey, { nonce, timestamp, body })))
      throw new CallRefused(codes.authentication, 'signature is not the one over this body');
    const apart = Number(timestamp) - now();
    if (Math.abs(apart) > toleranceMs)
      throw new CallRefused(codes.authentication, `timestamp: expected at most 60 s from now, got ${Math.round(apart / 1_000)} s`);
    for (const [used, at] of seen) if (at < now() - 2 * toleranceMs) seen.delete(used);
    if (seen.has(nonce)) throw new CallRefused(codes.authentication, `nonce: expected one that was not used, got ${nonce} again`);
    seen.set(nonce, now());
  }

  function answer(body: unknown, struck: Struck): Answer {
    const name = String((body as { activity?: unknown } | null)?.activity ?? '');
    const act = activities[name];
    if (!act) throw new CallRefused(codes.parameter, `activity: expected one of ${Object.keys(activities).join(', ')}, got ${name || 'none'}`);
    return act(body, struck);
  }
}
