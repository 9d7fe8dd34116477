import type { Consequence, Entered, Lifecycle } from './declaration.ts';
import type { Instance } from './instance.ts';
import type { ActivityName } from './production/context.ts';
import { asked } from './production/context.ts';
import * as arrears from './service/arrears.ts';
import { postings } from './service/charging.ts';
import { type Context, context } from './service/context.ts';
import * as ending from './service/ending.ts';
import * as expiry from './service/expiry.ts';
import { commands, serviceInstanceMachine } from './service/machine.ts';
import * as usage from './service/usage.ts';
import { endOf, spanOf } from './spans.ts';

/** What is asked of the merchant's server on entering a state (PRD-1). */
const call = (activity: ActivityName, also: (context: Context) => boolean = () => true): Consequence => ({
  create: 'productionCall',
  ref: 'serviceInstance',
  refs: ['order'],
  when: ({ context }) => context.merchantInstance !== null && also(context),
  input: ({ context }: Entered<Context>) =>
    asked({
      activity,
      caller: 'serviceInstance',
      product: context.product,
      productName: context.productName,
      orderNumber: context.orderNumber,
      instanceId: context.merchantInstance,
      quantity: context.quantity,
      sku: context.sku,
      expiresAt: context.validUntil,
    }),
});
const isExpired = (context: Context) => context.suspendedBecause === 'expired';
/** ORD-5, MET-2: what stands still for these is released in the end. */
const endsInRelease = (context: Context) => isExpired(context) || context.suspendedBecause === 'arrears';
const isOfThis = (member: Instance, { id }: Entered) => member.refs.serviceInstance === id;

const packageAtItsEnd = {
  zh: '套餐包用量已达到提醒线或已用完；用完即停，请及时追加。',
  en: 'The package is nearly or wholly used up; the service stops when nothing is left. Order another package in time.',
};

/** A bought service from opening to release: its period, its usage, its changes (ORD-3, ORD-5, MET-1). */
export const serviceInstance = {
  name: 'serviceInstance',
  version: 1,
  prefix: 'SI',
  label: { zh: '服务实例', en: 'Service instance' },
  machine: serviceInstanceMachine,
  context,
  // BIL-8: as of its order
  notFor: { buyer: ['merchantShareBp'], enterpriseAdmin: ['merchantShareBp'] },
  states: {
    active: {
      zh: '使用中',
      en: 'Active',
      waitsFor: ['system'],
      description: { zh: '在有效期内，到期自动冻结。', en: 'Within its period; suspended when the period ends.' },
    },
    suspended: {
      zh: '已停用',
      en: 'Suspended',
      waitsFor: ['system'],
      description: {
        zh: '已到期、用量用完、欠费、已终止或被冻结而停用；续费、追加套餐包、充值或解冻后恢复（已终止的除外），到期与欠费的逾期释放，已终止的在用量上报时限过后释放。',
        en: 'Stopped because it expired, was used up, is in arrears, was ended or was frozen; a renewal, another package, a top-up or unfreezing brings it back, unless it was ended. What expired or is in arrears is released in the end, what was ended once its last use may have been reported.',
      },
    },
    released: {
      zh: '已释放',
      en: 'Released',
      waitsFor: [],
      description: { zh: '实例与数据已释放。', en: 'The instance and its data are gone.' },
    },
  },
  commands,
  events: {
    changeOrdered: { zh: '变更订单已提交', en: 'A change was ordered' },
    changeDone: { zh: '变更已生效', en: 'The change is in effect' },
    changeDropped: { zh: '变更订单已取消', en: 'The change was dropped' },
    renewalRefunded: { zh: '续费已退订，有效期恢复', en: 'The renewal was refunded and the period is as before' },
    purchaseRefunded: { zh: '订单已退订，实例释放', en: 'The purchase was refunded, so the instance is released' },
    callSucceeded: { zh: '生产接口调用成功', en: 'The merchant’s server has done it' },
  },
  deadlines: {
    ...expiry.deadlines,
    releaseDue: {
      in: ['suspended'],
      // what is used up or frozen keeps its data until its period ends and it is frozen for that
      due: (given) => {
        const { context, policies, calendar } = given;
        if (ending.hasEnded(context)) return ending.releaseOf(given);
        return endsInRelease(context) ? { at: endOf(spanOf(policies, 'releaseAfter'), context.frozenAt ?? 0, calendar) } : null;
      },
      rearmOn: ['endUse', 'useEnds'],
      label: { zh: '到期、欠费或终止停用后释放', en: 'Release after expiry, arrears or its end' },
      rules: ['ORD-5', 'MET-2'],
    },
    ...arrears.deadlines,
    ...ending.deadlines,
  },
  effects: {},
  onEnter: {
    active: [call('unfreezeInstance', ({ resumedAt }) => resumedAt !== null)],
    suspended: [call('expireInstance', isExpired), call('freezeInstance', (context) => !isExpired(context))],
    released: [
      { tellMembers: 'productionCall', event: 'callWithdrawn', where: isOfThis, input: () => ({}) },
      { tellMembers: 'order', event: 'instanceReleased', where: isOfThis, input: ({ number }) => ({ instance: number }) },
      call('releaseInstance'),
    ],
  },
  notices: {
    ...expiry.notices,
    recordUsage: [
      {
        to: ['buyer'],
        topic: 'services',
        when: ({ context, at }) => context.warnedAt !== null || context.suspendedBecause === 'usedUp' || context.arrearsSince === at,
        text: { zh: '服务用量提醒。', en: 'About what your service used.' },
        adds: (context: Context) => (context.arrearsSince === null ? packageAtItsEnd : ending.hasEnded(context) ? arrears.afterEnd : arrears.began),
      },
    ],
    arrearsGraceOver: arrears.notices.arrearsGraceOver,
    settleArrears: arrears.notices.settleArrears,
    ...ending.notices,
  },
  postings,
  policies: { ...expiry.policies, ...usage.policies, ...arrears.policies, ...ending.policies },
  policyRules: [...expiry.policyRules, ...usage.policyRules],
  rules: ['ORD-3', 'ORD-5', 'MET-1', 'MET-2', 'MET-3', 'BUY-1', 'EXT-1'],
} satisfies Lifecycle;
