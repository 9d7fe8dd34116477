import { z } from 'zod';
import type { Code, Details } from '../codes.ts';
import { commandOf, type Given } from '../declaration.ts';
import { creditMeans } from '../order/payment.ts';
import type { Context } from './context.ts';
import { takesCredit } from './credit.ts';

type Refusal = { code: Code; details: Details } | null;

const command = commandOf<Context>();
const party = z.string().trim().min(1).max(64);
const productOf = ({ context }: Given<Context>) => ({ product: context.productName });
const has = ({ whitelist }: Context, account: string): boolean => whitelist?.some((listed) => listed.account === account) ?? false;

/** As many as a context bears; who sells to more has a private offer for each. */
const mostListed = 200;

/** To whom a product is sold, and by which means: edits of its sales configuration, at once (ORD-6, ORD-7). */
export const commands = {
  allowAccount: command({
    label: { zh: '加入购买白名单', en: 'Put an account on the whitelist' },
    description: {
      zh: '只有名单中的账户可以购买；以账户 ID 和账户名核对。第一个账户使商品仅限白名单购买。',
      en: 'Only accounts on the list can buy it, each by its id and its name; with the first the product is sold by whitelist alone.',
    },
    by: ['merchant', 'operationsManager'],
    input: z.object({ account: party, accountName: z.string().trim().min(1).max(200) }),
    reason: 'optional',
    facts: ['listedAccount'],
    requires: [
      {
        code: 'WHITELIST_FULL',
        met: ({ context }) => (context.whitelist?.length ?? 0) < mostListed,
        details: (given) => ({ ...productOf(given), most: mostListed }),
      },
    ],
    refuse: ({ context, input: { account, accountName }, facts: { listedAccount } }): Refusal => {
      if (has(context, account)) return null;
      const known = listedAccount === undefined || (listedAccount?.kind === 'buyer' && listedAccount.name === accountName);
      return known ? null : { code: 'WHITELIST_ACCOUNT_UNKNOWN', details: { account, name: accountName } };
    },
    rules: ['ORD-6'],
  }),
  disallowAccount: command({
    label: { zh: '移出购买白名单', en: 'Take an account off the whitelist' },
    description: { zh: '该账户不能再购买；已有订单不受影响。', en: 'It can buy the product no more; its orders go on.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({ account: party }),
    reason: 'optional',
    requires: [
      { code: 'NO_WHITELIST', met: ({ context }) => context.whitelist !== null, details: productOf },
      { code: 'WHITELIST_EMPTY', met: ({ context }) => context.whitelist?.length !== 0, details: productOf },
    ],
    refuse: ({ context, input: { account } }) => (has(context, account) ? null : { code: 'NOT_ON_WHITELIST', details: { account } }),
    rules: ['ORD-6'],
  }),
  openToEveryone: command({
    label: { zh: '取消白名单', en: 'Drop the whitelist' },
    description: { zh: '不再限制购买账户。', en: 'Any account can buy it again.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'optional',
    requires: [{ code: 'NO_WHITELIST', met: ({ context }) => context.whitelist !== null, details: productOf }],
    rules: ['ORD-6'],
  }),
  setCreditControl: command({
    label: { zh: '设置信控', en: 'Set credit control' },
    description: {
      zh: '开启或关闭授信现金券支付、信用额度支付；仅限联营及华为商品。',
      en: 'Switches payment by cash coupon on credit, or by credit line, on or off; for joint and Huawei products.',
    },
    by: ['merchant', 'operationsManager'],
    input: z.object({ means: z.enum(['cashCoupon', 'creditLine']), on: z.boolean() }),
    reason: 'optional',
    refuse: ({ context, input }) =>
      !takesCredit(context.tradeMode)
        ? { code: 'CREDIT_CONTROL_NOT_APPLICABLE', details: { product: context.productName, means: creditMeans[input.means] ?? null } }
        : null,
    rules: ['ORD-7'],
  }),
};

export const terms = {
  /** ORD-7: how its seller deals with the buyer; general products know no credit control. */
  tradeMode: z.string(),
  /** ORD-6: who may buy it; null: everyone. */
  whitelist: z.array(z.object({ account: z.string(), name: z.string() })).nullable(),
  /** ORD-7: means on credit that are switched on. */
  creditMeans: z.array(z.enum(['cashCoupon', 'creditLine'])),
};

type Changed = { type: string; input: unknown };

/** What an edit leaves of the terms. */
export function termsAfter(context: Pick<Context, 'whitelist' | 'creditMeans'>, { type, input }: Changed): Partial<Context> {
  const { account, accountName, means: one, on } = input as { account: string; accountName: string; means: 'cashCoupon' | 'creditLine'; on: boolean };
  if (type === 'allowAccount') {
    const others = (context.whitelist ?? []).filter((listed) => listed.account !== account);
    return { whitelist: [...others, { account, name: accountName }] };
  }
  if (type === 'disallowAccount') return { whitelist: (context.whitelist ?? []).filter((listed) => listed.account !== account) };
  if (type === 'openToEveryone') return { whitelist: null };
  const others = context.creditMeans.filter((known) => known !== one);
  return { creditMeans: on ? [...others, one] : others };
}
