import { randomBytes } from 'node:crypto';
import { CallRefused, codes } from './answer.ts';
import type { Instance, Status, Store } from './store.ts';
import type { Struck } from './switches.ts';

export type Acts = ReturnType<typeof createActs>;
type Purchase = Pick<Instance, 'orderId' | 'orderLineId' | 'productId' | 'skuCode' | 'expireTime' | 'isTrial' | 'isTest'>;

/** What this merchant does for an order, whichever generation asked: once per key of the document's idempotency. */
export function createActs(store: Store) {
  return { newInstance, refresh, setStatus, release, upgrade, query, find };

  /** @param key orderId + orderLineId, on demand orderId + productId; never businessId, unless the switch makes that mistake */
  function newInstance({ key, businessId, struck, ...purchase }: Purchase & { key: string; businessId: string; struck: Struck }) {
    const repeatKey = struck.is('keyByBusinessId') ? `newInstance businessId ${businessId}` : `newInstance ${key}`;
    const { instanceId, repeated } = store.once(repeatKey, () => {
      const made = store.create({ ...purchase, readyAfter: struck.first('inProgress')?.queries ?? 0 });
      store.effect({ activity: 'newInstance', what: 'created', orderId: purchase.orderId, instanceId: made.instanceId });
      return made;
    });
    const instance = find(instanceId, { released: true });
    if (repeated && struck.is('changedAdminUrl')) instance.adminUrl = `https://moved-${randomBytes(3).toString('hex')}.merchant.example/${instanceId}`;
    return { instance, repeated, isReady: instance.readyAfter === 0, shownId: struck.is('anotherFormOfId') ? formOf(instanceId) : instanceId };
  }

  /** A renewal, a trial that is paid now, or the refund of a renewal: only the new end counts. */
  function refresh({ key, activity, orderId, instanceId, expireTime, productId, isTrialOver }: RefreshCall) {
    const instance = find(instanceId);
    store.once(`refresh ${key}`, () => {
      instance.expireTime = expireTime;
      instance.productId = productId ?? instance.productId;
      instance.status = 'NORMAL';
      if (isTrialOver) instance.isTrial = false;
      store.effect({ activity, what: 'extended', orderId, instanceId: instance.instanceId });
      return instance;
    });
  }

  function setStatus({ activity, instanceId, status, struck, purchaseOrder }: StatusCall): void {
    const instance = find(instanceId);
    requirePurchase(instance, purchaseOrder);
    if (instance.status === status) {
      refuseRepeat(struck, `${activity}: the instance is ${status} already`);
      return;
    }
    instance.status = status;
    store.effect({ activity, what: status === 'FREEZE' ? 'frozen' : 'unfrozen', orderId: purchaseOrder ?? null, instanceId: instance.instanceId });
  }

  /** @param purchaseOrder V1: the purchase's own order; V2 may name the refund's, which says nothing of the instance */
  function release({
    instanceId,
    orderId,
    purchaseOrder,
    struck,
  }: {
    instanceId: string;
    orderId: string | null;
    purchaseOrder?: string;
    struck: Struck;
  }): void {
    const instance = find(instanceId, { released: true });
    requirePurchase(instance, purchaseOrder);
    if (instance.status === 'RELEASED') {
      refuseRepeat(struck, 'releaseInstance: the instance was released before');
      return;
    }
    instance.status = 'RELEASED';
    store.effect({ activity: 'releaseInstance', what: 'released', orderId, instanceId: instance.instanceId });
  }

  function upgrade({ key, activity, orderId, instanceId, skuCode, productId }: UpgradeCall): void {
    const instance = find(instanceId);
    store.once(`upgrade ${key}`, () => {
      instance.skuCode = skuCode ?? instance.skuCode;
      instance.productId = productId ?? instance.productId;
      store.effect({ activity, what: 'upgraded', orderId, instanceId: instance.instanceId });
      return instance;
    });
  }

  /** The instances of `ids` that are ready. @throws CallRefused 000004 when none is yet, 000003 when none is known */
  function query(ids: readonly string[]): Instance[] {
    if (ids.length === 0 || ids.length > 100) throw new CallRefused(codes.parameter, `expected 1 to 100 instance ids, got ${ids.length}`);
    const known = ids.map((id) => store.of(bare(id))).filter((one): one is Instance => one !== null && one.status !== 'RELEASED');
    const ready = known.filter((instance) => instance.readyAfter === 0);
    for (const instance of known) instance.readyAfter = Math.max(0, instance.readyAfter - 1);
    if (ready.length > 0) return ready;
    if (known.length > 0) throw new CallRefused(codes.inProgress, 'the instance is being created');
    throw new CallRefused(codes.unknownInstance, `expected an instance id that newInstance answered, got ${ids.join(',')}`);
  }

  /** @throws CallRefused 000003 for an id that this merchant never gave, or that is gone */
  function find(instanceId: string, { released = false } = {}): Instance {
    const instance = store.of(bare(instanceId));
    if (instance && (released || instance.status !== 'RELEASED')) return instance;
    throw new CallRefused(codes.unknownInstance, `expected an instance id that newInstance answered, got ${instanceId}`);
  }
}

type RefreshCall = {
  key: string;
  activity: string;
  orderId: string;
  instanceId: string;
  expireTime: string | null;
  productId: string | null;
  isTrialOver: boolean;
};
type StatusCall = { activity: string; instanceId: string; status: Exclude<Status, 'RELEASED'>; struck: Struck; purchaseOrder?: string };
type UpgradeCall = { key: string; activity: string; orderId: string; instanceId: string; skuCode: string | null; productId: string | null };

/** Some merchants encrypt the id anew in every answer: another text, the same instance. */
const formOf = (instanceId: string) => `${instanceId}.${randomBytes(6).toString('hex')}`;
const bare = (shown: string) => shown.split('.')[0] ?? shown;

function refuseRepeat(struck: Struck, message: string): void {
  if (struck.is('refuseRepeat')) throw new CallRefused(codes.internal, message);
}

function requirePurchase(instance: Instance, purchaseOrder: string | undefined): void {
  if (purchaseOrder !== undefined && purchaseOrder !== instance.orderId)
    throw new CallRefused(codes.parameter, `orderId: expected the purchase's ${instance.orderId}, got ${purchaseOrder}`);
}
