import type { Activity, Call, CallOf } from '../call.ts';
import { compact, yuan } from '../forms.ts';
import { encrypt } from '../signatures/encryption.ts';

export type Fields = Record<string, string | number | null | undefined>;

type Builders = { [Name in Activity]: ((call: CallOf<Name>, key: string) => Fields) | null };

/** [I] How V1 counts what is neither a period (1) nor paid once (3). */
const chargingMode = { period: 1, oneTime: 3, onDemand: 0, onDemandPackage: 2 } as const satisfies Record<CallOf<'newInstance'>['charging'], number>;

const amountOf = (amount: number | undefined) => (amount === undefined ? undefined : yuan(amount));
const expiry = (expiresAt: number | null | undefined) => (expiresAt == null ? undefined : compact(expiresAt));
const base64 = (value: unknown) => (value === undefined ? undefined : Buffer.from(JSON.stringify(value)).toString('base64'));
const periodOf = (period: CallOf<'newInstance'>['period']) => ({ periodType: period?.unit, periodNumber: period?.count });

/** The fields of each activity in V1; null: this generation does not have it. */
export const v1Fields: Builders = {
  newInstance: ({ buyer, charging, trial, ...call }, key) => ({
    activity: 'newInstance',
    customerId: buyer.id,
    customerName: buyer.name,
    userId: buyer.userId,
    userName: buyer.userName,
    mobilePhone: buyer.mobile && encrypt(buyer.mobile, { key }),
    email: buyer.email && encrypt(buyer.email, { key }),
    orderId: call.orderNumber,
    skuCode: call.sku,
    productId: call.product,
    trialFlag: trial ? 1 : 0,
    expireTime: expiry(call.expiresAt),
    chargingMode: chargingMode[charging],
    ...(charging === 'period' ? periodOf(call.period) : {}),
    orderAmount: amountOf(call.amount),
    amount: call.quantity,
    saasExtendParams: base64(call.extend),
  }),
  refreshInstance: ({ scene, ...call }) => ({
    activity: 'refreshInstance',
    orderId: call.orderNumber,
    instanceId: call.instanceId,
    productId: call.product,
    expireTime: expiry(call.expiresAt),
    trialToFormal: scene === 'TRIAL_TO_FORMAL' ? 1 : undefined,
    ...periodOf(call.period),
    orderAmount: amountOf(call.amount),
  }),
  upgradeInstance: (call) => ({
    activity: 'upgrade',
    orderId: call.orderNumber,
    instanceId: call.instanceId,
    skuCode: call.sku,
    productId: call.product,
    amount: call.quantity,
    saasExtendParams: base64(call.extend),
  }),
  expireInstance: (call) => ({ activity: 'expireInstance', instanceId: call.instanceId, orderId: call.purchaseOrder }),
  freezeInstance: (call) => ({ activity: 'instanceStatus', instanceId: call.instanceId, instanceStatus: 'FREEZE' }),
  unfreezeInstance: (call) => ({ activity: 'instanceStatus', instanceId: call.instanceId, instanceStatus: 'NORMAL' }),
  releaseInstance: (call) => ({
    activity: 'releaseInstance',
    instanceId: call.instanceId,
    orderId: call.purchaseOrder,
    orderAmount: amountOf(call.amount),
  }),
  queryInstance: (call) => ({ activity: 'queryInstance', instanceId: call.instanceIds.join(',') }),
  refreshLicenceCode: null,
  freezeLicenceCode: null,
  unfreezeLicenceCode: null,
  releaseLicenceCode: null,
  getLicence: null,
  tenantSync: null,
  applicationSync: null,
  authSync: null,
  singleOrgSync: null,
  allOrgSync: null,
};

/** The fields of a call with everything that V1 sends along, apart from what signs it; null: V1 does not have it. */
export function fieldsOfV1(call: Call, key: string): Record<string, string> | null {
  const build = v1Fields[call.activity] as ((call: Call, key: string) => Fields) | null;
  if (!build) return null;
  const fields = Object.entries({ ...build(call, key), testFlag: call.test ? 1 : 0 });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [name, String(value)]));
}
