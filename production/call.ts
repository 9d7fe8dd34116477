import { z } from 'zod';

/** A call to a merchant's server, told apart from the interface's generation: instants in epoch milliseconds, money in 分. */

const text = (most: number) => z.string().min(1).max(most);
const instant = z.number().int();
const id = text(200);
const period = z.object({ unit: z.enum(['month', 'year']), count: z.number().int().positive() });

const order = {
  /** By which the merchant knows the call: one order, one effect (PRD-2). */
  orderNumber: id,
  orderLine: id.optional(),
};
const instance = { instanceId: id };
const test = {
  /** A debugging call (PRD-7): no order stands behind it. */
  test: z.boolean().default(false),
};
/** The order by which the instance was bought; V1 names it where it ends. */
const purchase = { purchaseOrder: id.nullish() };

const buyer = z.object({
  id: text(100),
  name: text(64),
  userId: id.optional(),
  userName: id.optional(),
  /** Sent encrypted. */
  mobile: text(32).optional(),
  email: text(200).optional(),
});

export const chargingModes = ['period', 'oneTime', 'onDemand', 'onDemandPackage'] as const;
export const scenes = ['RENEWAL', 'TRIAL_TO_FORMAL', 'UNSUBSCRIBE_RENEWAL_PERIOD', 'RENEWAL_CHANGE'] as const;

const common = {
  product: id,
  sku: id.nullish(),
  quantity: z.number().int().nonnegative().optional(),
  /** What was paid; negative where a renewal is refunded. */
  amount: z.number().int().optional(),
  /** What the product's own order form asked for; sent as base64 JSON. */
  extend: z.unknown().optional(),
};

const newInstance = z.object({
  activity: z.literal('newInstance'),
  ...order,
  ...common,
  buyer,
  trial: z.boolean().default(false),
  charging: z.enum(chargingModes).default('period'),
  period: period.nullish(),
  expiresAt: instant.nullish(),
  /** Known when the merchant has been asked before: a repeated answer is compared with it. */
  instanceId: id.nullish(),
  ...test,
});

const refreshInstance = z.object({
  activity: z.literal('refreshInstance'),
  ...order,
  ...instance,
  scene: z.enum(scenes),
  product: id.nullish(),
  expiresAt: instant,
  period: period.nullish(),
  amount: z.number().int().optional(),
  ...test,
});

const upgradeInstance = z.object({ activity: z.literal('upgradeInstance'), ...order, ...instance, ...common, ...test });

const statusActivities = ['expireInstance', 'freezeInstance', 'unfreezeInstance'] as const;
const changeStatus = z.object({ activity: z.enum(statusActivities), ...instance, ...purchase, ...test });

/** `orderNumber`: the refund that releases it, where one does. */
const releaseInstance = z.object({
  activity: z.literal('releaseInstance'),
  ...instance,
  ...purchase,
  orderNumber: id.nullish(),
  orderLine: id.optional(),
  amount: z.number().int().optional(),
  ...test,
});

const queryInstance = z.object({ activity: z.literal('queryInstance'), instanceIds: z.array(id).min(1).max(100), ...test });

const licence = { licenceCode: id };
const licenceCalls = [
  z.object({
    activity: z.literal('refreshLicenceCode'),
    ...licence,
    ...order,
    scene: z.enum(['RENEWAL', 'UNSUBSCRIBE_RENEWAL_PERIOD']),
    expiresAt: instant,
    ...test,
  }),
  z.object({ activity: z.literal(['freezeLicenceCode', 'unfreezeLicenceCode', 'releaseLicenceCode']), ...licence, orderNumber: id.nullish(), ...test }),
  z.object({ activity: z.literal('getLicence'), ...instance, ...test }),
] as const;

/** 0 delete, 1 add, 2 modify, 3 revoke (authSync only). */
const flag = z.literal([0, 1, 2]);
const tenant = { ...instance, tenantId: id, ...test };
/** `name` is wanted unless it is deleted; `parent` is null for the root. */
const department = z.object({ code: id, name: z.string().max(200).nullish(), parent: z.string().nullish() });
const user = z.looseObject({ userName: id });
const kitCalls = [
  z.object({ activity: z.literal('tenantSync'), ...tenant, orderId: id, tenantCode: id, name: id, domainName: z.string().nullable(), flag }),
  z.object({
    activity: z.literal('applicationSync'),
    ...tenant,
    appId: id,
    clientId: id.optional(),
    /** RSA-OAEP by the merchant's key, base64. */
    clientSecret: text(4_096).optional(),
    flag,
  }),
  z.object({ activity: z.literal('authSync'), ...tenant, appId: id, users: z.array(user).min(1).max(500), at: instant, flag: z.literal([0, 1, 2, 3]) }),
  z.object({ activity: z.literal('singleOrgSync'), ...tenant, department, flag }),
  z.object({ activity: z.literal('allOrgSync'), ...tenant, departments: z.array(department) }),
] as const;

export const callSchema = z.discriminatedUnion('activity', [
  newInstance,
  refreshInstance,
  upgradeInstance,
  changeStatus,
  releaseInstance,
  queryInstance,
  ...licenceCalls,
  ...kitCalls,
]);

export type Call = z.output<typeof callSchema>;
/** What a caller writes: what has a default may be left out. */
export type CallInput = z.input<typeof callSchema>;
export type Activity = Call['activity'];
export type CallOf<Name extends Activity, Each = Call> = Each extends { activity: infer Names } ? (Name extends Names ? Each : never) : never;

/** Where and how a product's merchant is called (PRD-1). */
export type Endpoint = {
  generation: 'V1' | 'V2';
  url: string;
  /** V1: the Key; V2: the access key. */
  key: string;
  /** PRD-9: the key before, by which an answer may still be signed; calls are signed by `key` alone. */
  formerKey?: string | null;
  /** [I] The documents disagree on the form of V2's timestamp; 13 digits of milliseconds unless set. */
  v2Timestamp?: 'milliseconds' | 'seconds' | 'compact';
  /** Refuse a V1 answer without Body-Sign; many real merchants leave it out. */
  requireBodySign?: boolean;
};
