import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import type { Details } from '../codes.ts';
import type { Given } from '../declaration.ts';
import { isAbove, secondPerson } from '../secondPerson.ts';
import type { Policies } from '../spans.ts';
import { minorUnits } from '../values.ts';
import { type Context, command } from './context.ts';

type Booking = { actor: Given['actor']; policies: Policies };
/** What the payment provider reports has come: it is no decision of anybody's. */
const isReported = ({ actor }: Pick<Booking, 'actor'>): boolean => actor.role === 'system';
const largest = 100_000_000_000;

/** ACT-3: two persons for money above a limit that an operator books, in whichever direction it goes. */
export const needsSecondPerson = (amount: number, given: Booking): boolean => !isReported(given) && isAbove(amount, given.policies, 'correctionAlone');
const mayNeedSecondPerson = (given: Booking): boolean => needsSecondPerson(largest, given);
export const second = secondPerson<Context>(({ pendingCorrection }) => pendingCorrection);

/** A correction takes what is there, and never into arrears: those come of use alone (MET-2). */
function overdrawn(amount: number, { accountMoney }: Given['facts']): { code: 'BALANCE_TOO_LOW'; details: Details } | null {
  const balance = accountMoney?.balance ?? 0;
  return amount < 0 && balance + amount < 0 ? { code: 'BALANCE_TOO_LOW', details: { got: -amount, expected: Math.max(0, balance) } } : null;
}

/** A top-up counts once by its reference: one that awaits a second person, or was dropped, does not yet. */
const booked = (reference: string | null | undefined, { topUpKnown }: Given['facts']): { code: 'TOP_UP_KNOWN'; details: Details } | null =>
  reference && topUpKnown ? { code: 'TOP_UP_KNOWN', details: { reference, at: new Date(topUpKnown.at).toISOString() } } : null;

export const commands = {
  topUpAccount: command({
    label: { zh: '账户充值', en: 'Top up the account' },
    description: {
      zh: '支付渠道或运营登记到账的充值；同一流水号只入账一次。运营登记的超过限额须第二人确认。余额足够后，因欠费停用的服务恢复。',
      en: 'Money that was paid in, by its reference once; above a limit a second person confirms what an operator records. When it covers what was used, services in arrears work again.',
    },
    by: ['system', 'operationsManager'],
    input: z.object({ amount: minorUnits.min(1).max(largest), reference: z.string().trim().min(1).max(100) }),
    reason: 'optional',
    facts: ['accountMoney', 'topUpKnown'],
    requires: [{ ...second.isNotPending, met: (given) => isReported(given) || second.isNotPending.met(given) }],
    refuse: ({ input: { reference }, facts }) => booked(reference, facts),
    secondPerson: mayNeedSecondPerson,
    rules: ['MET-2', 'ACT-3'],
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
        .min(-largest)
        .max(largest)
        .refine((amount) => amount !== 0, forms.notZero.en),
    }),
    reason: 'required',
    facts: ['accountMoney'],
    requires: [second.isNotPending],
    refuse: ({ input: { amount }, facts }) => overdrawn(amount, facts),
    secondPerson: mayNeedSecondPerson,
    rules: ['MET-2', 'ACT-3'],
  }),
  confirmCorrection: command({
    label: { zh: '确认更正或充值', en: 'Confirm the correction or top-up' },
    description: {
      zh: '由另一位运营经理确认超过限额的更正或运营登记的充值，随即入账。',
      en: 'Another operations manager confirms a correction, or a top-up that an operator recorded, above the limit; it is then booked.',
    },
    ...second.confirmed,
    facts: ['accountMoney', 'topUpKnown'],
    requires: [second.pends, second.isAnother],
    // the provider may have reported the same top-up since
    refuse: ({ context: { pendingCorrection: pending }, facts }) => booked(pending?.reference, facts) ?? overdrawn(pending?.amount ?? 0, facts),
    rules: ['MET-2', 'ACT-3'],
  }),
  dropCorrection: command({
    ...second.rejected,
    label: { zh: '驳回更正或充值', en: 'Drop the correction or top-up' },
    description: {
      zh: '撤销待第二人确认的更正或充值，余额不变。',
      en: 'Gives up a correction or a top-up that waits for a second person; the balance stays.',
    },
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
