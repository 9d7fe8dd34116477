import { z } from 'zod';
import type { Details } from '../codes.ts';
import type { Given } from '../declaration.ts';
import { isAbove, secondPerson } from '../secondPerson.ts';
import { countOf, type Policies } from '../spans.ts';
import { minorUnits } from '../values.ts';
import { type Context, command } from './context.ts';

/** ACT-3: two persons for money above a limit, in whichever direction it goes. */
export const needsSecondPerson = (amount: number, policies: Policies): boolean => isAbove(amount, policies, 'correctionAlone');
export const second = secondPerson<Context>(({ pendingCorrection }) => pendingCorrection);

/** A correction takes what is there, and never into arrears: those come of use alone (MET-2). */
function overdrawn(amount: number, { accountMoney }: Given['facts']): { code: 'BALANCE_TOO_LOW'; details: Details } | null {
  const balance = accountMoney?.balance ?? 0;
  return amount < 0 && balance + amount < 0 ? { code: 'BALANCE_TOO_LOW', details: { got: -amount, expected: Math.max(0, balance) } } : null;
}

export const commands = {
  topUpAccount: command({
    label: { zh: '账户充值', en: 'Top up the account' },
    description: {
      zh: '支付渠道或运营登记到账的充值；同一流水号只入账一次。余额足够后，因欠费停用的服务恢复。',
      en: 'Money that was paid in, by its reference once. When it covers what was used, services in arrears work again.',
    },
    by: ['system', 'operationsManager'],
    input: z.object({ amount: minorUnits.min(1).max(100_000_000_000), reference: z.string().trim().min(1).max(100) }),
    reason: 'optional',
    facts: ['accountMoney', 'topUpKnown'],
    refuse: ({ input: { reference }, facts: { topUpKnown } }) =>
      topUpKnown ? { code: 'TOP_UP_KNOWN', details: { reference, at: new Date(topUpKnown.at).toISOString() } } : null,
    rules: ['MET-2'],
  }),
  correctAccount: command({
    label: { zh: '更正余额', en: 'Correct the balance' },
    description: {
      zh: '增加（正）或扣减（负）余额，须说明原因；超过限额须第二人确认。',
      en: 'Adds (above 0) or takes (below 0), with the reason; above a limit a second person confirms it.',
    },
    by: ['operationsManager'],
    input: z.object({
      amount: minorUnits
        .min(-100_000_000_000)
        .max(100_000_000_000)
        .refine((amount) => amount !== 0, 'expected an amount other than 0'),
    }),
    reason: 'required',
    facts: ['accountMoney'],
    requires: [second.isNotPending],
    refuse: ({ input: { amount }, facts }) => overdrawn(amount, facts),
    secondPerson: ({ policies }) => countOf(policies, 'correctionAlone') < 100_000_000_000,
    rules: ['MET-2', 'ACT-3'],
  }),
  confirmCorrection: command({
    label: { zh: '确认更正', en: 'Confirm the correction' },
    description: {
      zh: '由另一位运营经理确认超过限额的更正，随即生效。',
      en: 'Another operations manager confirms a correction above the limit; it then takes effect.',
    },
    ...second.confirmed,
    facts: ['accountMoney'],
    requires: [second.pends, second.isAnother],
    refuse: ({ context, facts }) => overdrawn(context.pendingCorrection?.amount ?? 0, facts),
    rules: ['MET-2', 'ACT-3'],
  }),
  dropCorrection: command({
    ...second.rejected,
    label: { zh: '驳回更正', en: 'Drop the correction' },
    description: { zh: '撤销待第二人确认的更正，余额不变。', en: 'Gives up a correction that waits for a second person; the balance stays.' },
    reason: 'optional',
  }),
};

export const openBuyerAccount = command({
  label: { zh: '开通账户', en: 'Open an account' },
  description: {
    zh: '开通一个余额为 0 的预付账户；按需使用从中扣费。',
    en: 'Opens a prepaid account with a balance of 0; what is used on demand is taken from it.',
  },
  by: ['buyer'],
  input: z.object({ currency: z.enum(['CNY']).default('CNY') }),
  reason: 'optional',
  facts: ['buyerAccount'],
  requires: [
    {
      code: 'ACCOUNT_OPEN_ALREADY',
      met: ({ facts }) => facts.buyerAccount == null,
      details: ({ facts, opening }) => ({ number: facts.buyerAccount?.number ?? null, currency: String(opening?.currency) }),
    },
  ],
  rules: ['MET-2'],
});

export type Opened = z.output<(typeof openBuyerAccount)['input']>;
