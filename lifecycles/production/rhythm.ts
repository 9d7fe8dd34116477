import { countOf, hours, minutes, type Policies, spanOf } from '../spans.ts';
import type { ActivityName, Context } from './context.ts';

/** Which rhythm each activity is repeated in (production-interface, Retries). */
const rhythms = {
  newInstance: 'create',
  upgradeInstance: 'create',
  refreshInstance: 'renew',
  expireInstance: 'status',
  freezeInstance: 'status',
  unfreezeInstance: 'status',
  releaseInstance: 'status',
} as const satisfies Record<ActivityName, string>;

/** Exhausted, these mean that what was bought cannot be delivered: the order fails (ORD-4). */
export const isCreating = ({ activity }: Pick<Context, 'activity'>) => rhythms[activity] === 'create';

export const every = (policies: Policies, { activity }: Context) => spanOf(policies, `${rhythms[activity]}Every`);
export const attempts = (policies: Policies, { activity }: Context) => countOf(policies, `${rhythms[activity]}Attempts`);

/** Retry-After of a merchant's 429 or 503 is kept, so far (PRD-4). */
export const putOff = (policies: Policies) => spanOf(policies, 'retryAfterMost');

const count = (value: number, zh: string, en: string) => ({ default: value, label: { zh, en }, rule: 'PRD-4' });

export const policies = {
  createEvery: { default: hours(1), label: { zh: '开通与升级失败后重试间隔', en: 'Creation and upgrade repeated every' }, rule: 'PRD-1' },
  createAttempts: count(4, '开通与升级调用次数', 'Calls of a creation or upgrade'),
  renewEvery: { default: minutes(2), label: { zh: '续费失败后重试间隔', en: 'Renewal repeated every' }, rule: 'PRD-4' },
  renewAttempts: count(60, '续费调用次数', 'Calls of a renewal'),
  statusEvery: { default: minutes(2), label: { zh: '到期、冻结、释放失败后重试间隔', en: 'Expiry, freeze and release repeated every' }, rule: 'PRD-1' },
  statusAttempts: count(30, '到期、冻结、释放调用次数', 'Calls of an expiry, freeze or release'),
  retryAfterMost: { default: hours(1), label: { zh: '商家 Retry-After 最多推迟', en: 'A merchant’s Retry-After puts a call off at most' }, rule: 'PRD-4' },
  queryEvery: { default: { ms: 30_000 }, label: { zh: '创建中查询间隔', en: 'An instance being made is asked about every' }, rule: 'PRD-1' },
  queryAttempts: count(360, '创建中查询次数', 'Questions about an instance being made'),
};
