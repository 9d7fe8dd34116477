import type { Activity, Call, CallOf } from '../call.ts';
import { compact } from '../forms.ts';

type Body = Record<string, unknown>;
type Builders = { [Name in Activity]: ((call: CallOf<Name>) => Body) | null };

/** [I] An order of one line has the line "<order>-1" where nobody named another. */
const orderOf = ({ orderNumber, orderLine }: { orderNumber: string; orderLine?: string }) => ({
  orderId: orderNumber,
  orderLineId: orderLine ?? `${orderNumber}-1`,
});

const status = (value: 'FREEZE' | 'UNFREEZE') => (call: { instanceId: string }) => ({
  activity: 'updateInstanceStatus',
  instanceId: call.instanceId,
  status: value,
});

const licenceStatus = (value: 'FREEZE' | 'UNFREEZE') => (call: { licenceCode: string; orderNumber?: string | null }) => ({
  activity: 'updateLicenseCodeStatus',
  licenseCode: call.licenceCode,
  orderId: call.orderNumber ?? undefined,
  status: value,
});

/** The body of each activity in V2, License 2.0 and the online License; null: Kit has it. What it does not say, the merchant reads by order/query. */
export const v2Bodies: Builders = {
  newInstance: (call) => ({ activity: 'newInstance', ...orderOf(call) }),
  refreshInstance: (call) => ({
    activity: 'refreshInstance',
    scene: call.scene,
    ...orderOf(call),
    instanceId: call.instanceId,
    productId: call.product ?? undefined,
    expireTime: compact(call.expiresAt),
  }),
  upgradeInstance: (call) => ({ activity: 'upgradeInstance', ...orderOf(call), instanceId: call.instanceId }),
  expireInstance: status('FREEZE'),
  freezeInstance: status('FREEZE'),
  unfreezeInstance: status('UNFREEZE'),
  releaseInstance: ({ instanceId, orderNumber, orderLine }) => ({
    activity: 'releaseInstance',
    instanceId,
    ...(orderNumber ? orderOf({ orderNumber, orderLine }) : {}),
  }),
  queryInstance: (call) => ({ activity: 'queryInstance', instanceId: call.instanceIds.join(',') }),
  refreshLicenceCode: (call) => ({
    activity: 'refreshLicenseCode',
    scene: call.scene,
    licenseCode: call.licenceCode,
    ...orderOf(call),
    expireTime: compact(call.expiresAt),
  }),
  freezeLicenceCode: licenceStatus('FREEZE'),
  unfreezeLicenceCode: licenceStatus('UNFREEZE'),
  releaseLicenceCode: (call) => ({ activity: 'releaseLicenseCode', licenseCode: call.licenceCode, orderId: call.orderNumber ?? undefined }),
  getLicence: (call) => ({ activity: 'getLicenseAsync', instanceId: call.instanceId }),
  tenantSync: null,
  applicationSync: null,
  authSync: null,
  singleOrgSync: null,
  allOrgSync: null,
};

/** The body of a call; testFlag is there only in debugging. Null: it is a call of Kit. */
export function bodyOfV2(call: Call): Body | null {
  const build = v2Bodies[call.activity] as ((call: Call) => Body) | null;
  return build && { ...build(call), ...(call.test ? { testFlag: '1' } : {}) };
}
