import { z } from 'zod';
import type { Acts } from './acts.ts';
import { type Answer, CallRefused, codes, success } from './answer.ts';
import { decrypt, type EncryptType, encrypt } from './encryption.ts';
import { fieldsOf, flag, money, text, utcTime, wholeNumber } from './fields.ts';
import { isSame, v1Token } from './signatures.ts';
import type { Instance } from './store.ts';
import type { Struck } from './switches.ts';

const base64Json = z.string().refine((value) => {
  try {
    JSON.parse(Buffer.from(value, 'base64').toString('utf8'));
    return true;
  } catch {
    return false;
  }
}, 'expected JSON in base64');

const newInstance = z
  .object({
    customerId: text(100),
    customerName: text(64),
    userId: text().optional(),
    userName: text().optional(),
    mobilePhone: text().optional(),
    email: text().optional(),
    businessId: text(),
    orderId: text(),
    skuCode: text(),
    productId: text(),
    trialFlag: flag.optional(),
    expireTime: utcTime.optional(),
    chargingMode: wholeNumber.optional(),
    periodType: z.enum(['year', 'month']).optional(),
    periodNumber: wholeNumber.optional(),
    orderAmount: money.optional(),
    provisionType: wholeNumber.optional(),
    amount: wholeNumber.optional(),
    saasExtendParams: base64Json.optional(),
    testFlag: flag.optional(),
  })
  .refine(({ chargingMode, periodType, periodNumber, expireTime }) => chargingMode !== '1' || (periodType && periodNumber && expireTime), {
    path: ['chargingMode'],
    message: 'expected periodType, periodNumber and expireTime with chargingMode 1 (period)',
  });

const ofInstance = { instanceId: text(), testFlag: flag.optional() };
const refreshInstance = z.object({
  ...ofInstance,
  orderId: text(),
  productId: text().optional(),
  expireTime: utcTime,
  trialToFormal: z.literal('1').optional(),
  periodType: z.enum(['year', 'month']).optional(),
  periodNumber: wholeNumber.optional(),
  orderAmount: money.optional(),
});
const upgrade = z.object({ ...ofInstance, orderId: text(), skuCode: text(), productId: text(), amount: wholeNumber.optional() });
const ofPurchase = z.object({ ...ofInstance, orderId: text(), orderAmount: money.optional() });

/** The first generation: GET with everything in the query, `authToken` over it. */
export function createV1({ key, acts, encryptType = '1' }: { key: string; acts: Acts; encryptType?: EncryptType }) {
  const activities: Record<string, (fields: Record<string, string>, struck: Struck) => Answer> = {
    newInstance: (given, struck) => {
      const fields = fieldsOf(newInstance, given);
      for (const name of ['mobilePhone', 'email'] as const) requireReadable(name, fields[name]);
      const isOnDemand = fields.chargingMode !== undefined && !['1', '3'].includes(fields.chargingMode);
      const made = acts.newInstance({
        key: isOnDemand ? `${fields.orderId} ${fields.productId}` : fields.orderId,
        businessId: fields.businessId,
        orderId: fields.orderId,
        orderLineId: null,
        productId: fields.productId,
        skuCode: fields.skuCode,
        expireTime: fields.expireTime ?? null,
        isTrial: fields.trialFlag === '1',
        isTest: fields.testFlag === '1',
        struck,
      });
      if (!made.isReady) return { resultCode: codes.inProgress, resultMsg: 'the instance is being created', instanceId: made.shownId };
      return success({ instanceId: made.shownId, encryptType, appInfo: appInfo(made.instance) });
    },
    refreshInstance: (given) => {
      const { orderId, instanceId, expireTime, productId = null, trialToFormal } = fieldsOf(refreshInstance, given);
      acts.refresh({ key: orderId, activity: 'refreshInstance', orderId, instanceId, expireTime, productId, isTrialOver: trialToFormal === '1' });
      return success();
    },
    expireInstance: (given, struck) => {
      const { instanceId, orderId } = fieldsOf(ofPurchase, given);
      acts.setStatus({ activity: 'expireInstance', instanceId, status: 'FREEZE', struck, purchaseOrder: orderId });
      return success();
    },
    instanceStatus: (given, struck) => {
      const { instanceId, instanceStatus } = fieldsOf(z.object({ ...ofInstance, instanceStatus: z.enum(['FREEZE', 'NORMAL']) }), given);
      acts.setStatus({ activity: 'instanceStatus', instanceId, status: instanceStatus, struck });
      return success();
    },
    releaseInstance: (given, struck) => {
      const { instanceId, orderId } = fieldsOf(ofPurchase, given);
      acts.release({ instanceId, orderId, purchaseOrder: orderId, struck });
      return success();
    },
    upgrade: (given) => {
      const { instanceId, orderId, skuCode, productId } = fieldsOf(upgrade, given);
      acts.upgrade({ key: orderId, activity: 'upgrade', orderId, instanceId, skuCode, productId });
      return success();
    },
    queryInstance: (given) => {
      const { instanceId } = fieldsOf(z.object({ instanceId: text(10_000) }), given);
      const info = acts.query(instanceId.split(',')).map((instance) => ({ instanceId: instance.instanceId, appInfo: appInfo(instance), usageInfo: [] }));
      return success({ encryptType, info });
    },
  };

  return { names: Object.keys(activities), check, answer };

  /** @throws CallRefused 000001 unless `authToken` is this merchant's own computation */
  function check(fields: Record<string, string>): void {
    const { authToken = '', timeStamp = '' } = fields;
    if (!/^\d{17}$/.test(timeStamp)) throw new CallRefused(codes.parameter, `timeStamp: expected UTC yyyyMMddHHmmssSSS, got ${timeStamp || 'none'}`);
    if (!isSame(authToken, v1Token(key, fields))) throw new CallRefused(codes.authentication, 'authToken is not the one over these parameters');
  }

  function answer(fields: Record<string, string>, struck: Struck): Answer {
    const act = activities[fields.activity ?? ''];
    if (!act) throw new CallRefused(codes.parameter, `activity: expected one of ${Object.keys(activities).join(', ')}, got ${fields.activity ?? 'none'}`);
    return act(fields, struck);
  }

  function appInfo({ instanceId, adminUrl, userName, password }: Instance) {
    const secret = (plain: string) => encrypt(plain, key, encryptType);
    return {
      frontEndUrl: `https://app.merchant.example/${instanceId}`,
      adminUrl,
      userName: secret(userName),
      password: secret(password),
      memo: '首次登录请修改密码',
    };
  }

  function requireReadable(name: string, encrypted: string | undefined): void {
    if (encrypted === undefined) return;
    const isReadable = (['1', '2'] as const).some((type) => /^[\x20-\x7e]+$/.test(decrypt(encrypted, key, type) ?? ''));
    if (!isReadable) throw new CallRefused(codes.parameter, `${name}: expected 16 characters of IV and base64 of AES-CBC by the key derived from Key`);
  }
}
