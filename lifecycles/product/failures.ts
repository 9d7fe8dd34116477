import { z } from 'zod';
import { commandOf, type Notice, type Told } from '../declaration.ts';
import { expectedField } from '../problem.ts';
import { offsetMs, periodOf } from '../settlement/periods.ts';
import { countOf, type Policies } from '../spans.ts';
import { instant } from '../values.ts';
import { type Context, type FailedCall, failedCall } from './context.ts';

const day = 86_400_000;

/** The Beijing calendar day of an instant, as 2026-03-02. */
export const beijingDay = (at: number): string => new Date(at + offsetMs).toISOString().slice(0, 10);
const before = (of: string): string => new Date(Date.parse(of) - day).toISOString().slice(0, 10);

const command = commandOf<Context>();
const inThePast = ({ input: { at }, now }: { input: { at: number }; now: number }) =>
  at <= now
    ? []
    : [
        expectedField(
          'at',
          { zh: `现在（${new Date(now).toISOString()}）之前的时间`, en: `an instant before now (${new Date(now).toISOString()})` },
          new Date(at).toISOString(),
        ),
      ];

export const commands = {
  recordExhaustedCall: command({
    label: { zh: '登记接口调用失败', en: 'Record an exhausted call' },
    description: { zh: '开通或升级的接口调用已重试到底仍未成功。', en: 'A call to open or upgrade was tried to its end without success.' },
    by: ['system'],
    input: failedCall,
    reason: 'optional',
    check: inThePast,
    rules: ['PRD-6'],
  }),
  recordDialTest: command({
    label: { zh: '登记拨测结果', en: 'Record a dial test' },
    description: { zh: '定期拨测商家接口的结果。', en: 'What a regular test of the merchant’s interface found.' },
    by: ['system'],
    input: z.object({ passed: z.boolean(), at: instant }),
    reason: 'optional',
    check: inThePast,
    rules: ['PRD-6'],
  }),
  recordDebugging: command({
    label: { zh: '登记接口调试通过', en: 'Record passed debugging' },
    description: { zh: '交付接口的每一种调用都已调试通过。', en: 'Every kind of call has passed interface debugging.' },
    by: ['system'],
    input: z.object({ at: instant }),
    reason: 'optional',
    check: inThePast,
    rules: ['PRD-6', 'PRD-7'],
  }),
};

/** The month's failed calls with one more: the same call counts once, a new month begins with none, a late word of an old month changes nothing. */
export function withCall(known: readonly FailedCall[], call: FailedCall): FailedCall[] {
  const [first] = known;
  if (known.some((one) => one.call === call.call)) return [...known];
  const monthOf = ({ at }: FailedCall) => periodOf(at).from;
  if (!first || monthOf(call) > monthOf(first)) return [call];
  if (monthOf(call) < monthOf(first)) return [...known];
  return [...known, call].slice(-most);
}
/** As many as the record keeps; the limit is far below. */
const most = 50;

/** The days in a row with one more: a gap begins anew, the same day counts once. */
export function withDay(known: readonly string[], at: number): string[] {
  const today = beijingDay(at);
  const last = known.at(-1);
  if (last !== undefined && today <= last) return [...known];
  return [...(last === before(today) ? known : []), today].slice(-most);
}

export const tooManyCalls = (calls: readonly FailedCall[], policies: Policies): boolean => calls.length > countOf(policies, 'failedCallsAMonth');
export const tooManyDays = (days: readonly string[], policies: Policies): boolean => days.length >= countOf(policies, 'failedDialDays');

export const policies = {
  failedCallsAMonth: {
    default: 5,
    most: 40,
    label: { zh: '每月允许的接口调用失败次数', en: 'Exhausted calls that a month may have' },
    rule: 'PRD-6',
  },
  failedDialDays: {
    default: 5,
    most: 40,
    label: { zh: '连续拨测失败多少天后冻结', en: 'Days of failed dial tests in a row until it is frozen' },
    rule: 'PRD-6',
  },
};

/** The event that took it off sale, not one of those that only were kept. */
const tookItOffSale = ({ context, at }: Told<Context>): boolean => context.offSale?.since === at;

/** PRD-6: the merchant is told of the figures and which calls. */
export const notices = {
  recordExhaustedCall: [
    {
      to: ['merchant', 'operationsManager'],
      topic: 'products',
      when: tookItOffSale,
      text: { zh: '接口失败过多，商品已下架。', en: 'Its interface failed too often: the product is delisted.' },
      adds: ({ offSale }: Context) => {
        const calls = offSale?.calls.map(({ number, activity }) => `${number} ${activity}`) ?? [];
        return {
          zh: `${offSale?.month} 共 ${calls.length} 次：${calls.join('、')}。`,
          en: `${calls.length} in ${offSale?.month}: ${calls.join(', ')}.`,
        };
      },
    },
  ],
  recordDialTest: [
    {
      to: ['merchant', 'operationsManager'],
      topic: 'products',
      when: tookItOffSale,
      text: { zh: '连续拨测失败，商品已冻结并隐藏。', en: 'Its dial tests failed for days in a row: the product is frozen and hidden.' },
      adds: ({ offSale }: Context) => ({ zh: `失败日期：${offSale?.days.join('、')}。`, en: `Days: ${offSale?.days.join(', ')}.` }),
    },
  ],
} satisfies Record<string, readonly Notice[]>;
