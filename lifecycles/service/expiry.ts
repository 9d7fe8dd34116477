import type { Deadline, DeclaredPolicy, Notice, PolicyRule } from '../declaration.ts';
import { textOf } from '../policies.ts';
import { days, isUsuallyShorter, spanOf, startOf } from '../spans.ts';
import type { Context } from './context.ts';

/** Events after which the period may end at another instant. */
const periodMoves = ['renewInstance', 'changeDone', 'renewalRefunded'];

const reminder = (policy: keyof typeof policies, label: Deadline['label']): Deadline<Context> => ({
  in: ['active'],
  due: ({ context: { validUntil }, now, policies: set, calendar }) => {
    const at = validUntil === null ? now : startOf(spanOf(set, policy), validUntil, calendar);
    return at > now ? { at } : null;
  },
  rearmOn: periodMoves,
  label,
  rules: ['ORD-5'],
});

/** ORD-5: three reminders, then the end. Logs keep the names of the reminders, which say their defaults. */
export const deadlines = {
  expiresIn30Days: reminder('firstReminder', { zh: '到期提醒（首次）', en: 'First reminder of the expiry' }),
  expiresIn7Days: reminder('secondReminder', { zh: '到期提醒（再次）', en: 'Second reminder of the expiry' }),
  expiresTomorrow: reminder('lastReminder', { zh: '到期提醒（最后）', en: 'Last reminder of the expiry' }),
  expired: {
    in: ['active'],
    due: ({ context }) => (context.validUntil === null ? null : { at: context.validUntil }),
    rearmOn: periodMoves,
    label: { zh: '有效期结束', en: 'End of the period' },
    rules: ['ORD-5'],
  },
} satisfies Record<string, Deadline<Context>>;

const day = 86_400_000;
const toBuyer = (zh: string, en: string) => ({ to: ['buyer'], topic: 'services', text: { zh, en } }) as const;
const reminded: readonly Notice[] = [
  {
    ...toBuyer('服务即将到期，请及时续费。', 'The period of your service is nearly over; renew it in time.'),
    // what is really left, also when the reminder came late
    adds: ({ validUntil }: Context, at) => {
      const left = textOf({ ms: Math.max(1, Math.ceil(((validUntil ?? at) - at) / day)) * day });
      return { zh: `将于 ${left.zh}后到期。`, en: `It expires in ${left.en}.` };
    },
  },
];

export const notices: Record<string, readonly Notice[]> = {
  expiresIn30Days: reminded,
  expiresIn7Days: reminded,
  expiresTomorrow: reminded,
  expired: [toBuyer('服务已到期冻结。', 'The service has expired and is suspended.')],
  releaseDue: [toBuyer('服务已释放。', 'The service is released.')],
};

/** ORD-5: longer nobody keeps what has expired. */
const keptAtMost = days(15);

export const policies = {
  firstReminder: { default: days(30), label: { zh: '到期前首次提醒', en: 'First reminder before the expiry' }, rule: 'ORD-5' },
  secondReminder: { default: days(7), label: { zh: '到期前再次提醒', en: 'Second reminder before the expiry' }, rule: 'ORD-5' },
  lastReminder: { default: days(1), label: { zh: '到期前最后提醒', en: 'Last reminder before the expiry' }, rule: 'ORD-5' },
  releaseAfter: { default: keptAtMost, label: { zh: '到期或欠费停用后保留', en: 'Kept after expiry or arrears' }, rule: 'ORD-5' },
} satisfies Record<string, DeclaredPolicy>;

export const policyRules: PolicyRule[] = [
  {
    policies: ['firstReminder', 'secondReminder', 'lastReminder'],
    label: { zh: '提醒依次临近到期', en: 'each reminder comes nearer to the expiry than the one before' },
    holds: (set) =>
      isUsuallyShorter(spanOf(set, 'secondReminder'), spanOf(set, 'firstReminder')) &&
      isUsuallyShorter(spanOf(set, 'lastReminder'), spanOf(set, 'secondReminder')),
  },
  {
    policies: ['releaseAfter'],
    label: { zh: '停用后最多保留 15 天', en: 'what has stopped is kept for at most 15 days' },
    holds: (set) => !isUsuallyShorter(keptAtMost, spanOf(set, 'releaseAfter')),
  },
];
