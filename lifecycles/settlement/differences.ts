import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { excerpt, prose } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import type { Posting } from '../ledger.ts';
import { expectedField, type FieldProblem } from '../problem.ts';
import type { Bilingual } from '../roles.ts';
import { isAbove, limit, secondPerson } from '../secondPerson.ts';
import type { Policies } from '../spans.ts';
import { minorUnits } from '../values.ts';
import type { Context, Kept } from './context.ts';

/** ACT-3: a difference above the limit awaits another operations manager. */
export const second = secondPerson<Context>(({ pendingDifference: pending }) => pending ?? null);

const needsSecondPerson = ({ input, policies: set }: { input: { amount: number }; policies: Policies }): boolean => isAbove(input.amount, set);

const receiver = { zh: '收单方', en: 'the receiver' };
const marketplace = { zh: '平台', en: 'the marketplace' };

/** A difference moves what the other side has of the order, and never makes money. @returns how much that is and whose, when the amount is more */
function overShare(amount: number, shares: NonNullable<Facts['billedOrder']>): { most: number; whose: Bilingual } | null {
  const [most, whose] = amount > 0 ? [shares.platform, marketplace] : [shares.merchant, receiver];
  return Math.abs(amount) <= most ? null : { most, whose };
}

const input = z.object({ orderNumber: z.string().min(1).max(40), amount: minorUnits, ticket: prose.min(1).max(100) });
type Input = z.output<typeof input>;

function problemsOf({ amount, orderNumber }: Input, { billedOrder }: Facts): FieldProblem[] {
  if (amount === 0)
    return [
      expectedField('amount', { zh: '非 0 金额（分）：正数归收单方，负数归平台', en: 'minor units above 0 for the receiver, below 0 for the marketplace' }, 0),
    ];
  if (!billedOrder) return [expectedField('orderNumber', { zh: '本账单上订单的编号', en: 'the number of an order on this bill' }, orderNumber)];
  const over = overShare(amount, billedOrder);
  return over
    ? [
        expectedField(
          'amount',
          {
            zh: `不超过${over.whose.zh}在该订单中所得的 ${over.most}（分）`,
            en: `at most ${over.most}, which ${over.whose.en} has of this order (minor units)`,
          },
          Math.abs(amount),
        ),
      ]
    : [];
}

const command = commandOf<Context>();

export const commands = {
  recordDifference: command({
    label: { zh: '登记账单差异', en: 'Record a difference' },
    description: {
      zh: '按工单登记一笔差异，作为更正行进入下期账单；本账单不变；超过限额须第二人确认。',
      en: 'A difference found by a ticket becomes a correction line of the next bill; this bill stays as it is. Above a limit a second person confirms it.',
    },
    by: ['operationsManager'],
    input,
    reason: 'required',
    facts: ['billedOrder'],
    requires: [second.isNotPending],
    check: ({ input: asked, facts }) => problemsOf(asked, facts),
    secondPerson: () => true,
    rules: ['BIL-3', 'BIL-8', 'ACT-3'],
  }),
  confirmDifference: command({
    ...second.confirmed,
    label: { zh: '确认账单差异', en: 'Confirm the difference' },
    description: {
      zh: '由另一位运营经理确认超过限额的差异，随即计入下期账单。',
      en: 'Another operations manager confirms a difference above the limit; it then comes with the next bill.',
    },
    facts: ['billedOrder'],
    requires: [second.pends, second.isAnother],
    // the shares may have moved since
    refuse: ({ context: { pendingDifference: pending }, facts: { billedOrder } }) => {
      const over = pending && billedOrder !== undefined ? overShare(pending.amount, billedOrder ?? { order: '', merchant: 0, platform: 0 }) : null;
      return pending && over
        ? { code: 'DIFFERENCE_OVER_SHARE', details: { order: pending.orderNumber, expected: over.most, whose: over.whose, got: Math.abs(pending.amount) } }
        : null;
    },
    rules: ['BIL-3', 'BIL-8', 'ACT-3'],
  }),
  rejectDifference: command({
    ...second.rejected,
    label: { zh: '驳回账单差异', en: 'Reject the difference' },
    description: {
      zh: '不同意待确认的差异（本人也可撤回），写明原因；份额不变。',
      en: 'Do not agree to the difference that awaits a second person (its own maker may take it back); no share moves.',
    },
  }),
};

/** In every state from review on. */
export const on = { recordDifference: { actions: 'keep' }, confirmDifference: { actions: 'keep' }, rejectDifference: { actions: 'keep' } } as const;

export const keeps = {
  recordDifference: ({ event: { at, actor, reason, input: asked, policies: set } }: Kept<Input>): Partial<Context> =>
    needsSecondPerson({ input: asked, policies: set }) ? { pendingDifference: { at, by: actor.id, ...asked, because: excerpt(reason ?? '') } } : {},
  confirmDifference: (): Partial<Context> => ({ pendingDifference: null }),
  rejectDifference: (): Partial<Context> => ({ pendingDifference: null }),
};

type Posted = { context: Context; before: Context | null; facts: Facts; input: { amount: number } };

/** BIL-3: what comes out by ticket moves between the shares of that order; the next bill shows it as a line. */
function moved(amount: number, { context: of, facts }: Posted): Posting[] {
  const order = facts.billedOrder?.order ?? '';
  const [from, to] = amount > 0 ? (['platform', 'merchant'] as const) : (['merchant', 'platform'] as const);
  return [{ order, from, to, amount: Math.abs(amount), currency: of.currency }];
}

export const postings = {
  recordDifference: (posted: Posted) => (posted.context.pendingDifference ? [] : moved(posted.input.amount, posted)),
  confirmDifference: (posted: Posted) => (posted.before?.pendingDifference ? moved(posted.before.pendingDifference.amount, posted) : []),
};

export const policies = {
  secondPersonAbove: limit({ zh: '账单差异超过此金额（分）须第二人确认', en: 'A difference above this amount (minor units) takes a second person' }),
};

const told = {
  to: ['merchant'],
  topic: 'settlement',
  text: { zh: '账单差异已登记，将计入下期账单。', en: 'A difference was recorded; it comes with your next bill.' },
} as const;

export const notices = {
  recordDifference: [
    { ...told, when: (given: Parameters<typeof second.isPending>[0]) => !second.isPending(given) },
    second.awaits(
      { zh: '账单差异超过限额，须另一位运营经理确认。', en: 'A difference above the limit awaits another operations manager.' },
      { topic: 'settlement' },
    ),
  ],
  confirmDifference: [told],
  rejectDifference: [
    {
      to: ['operationsManager'],
      topic: 'settlement',
      text: { zh: '待确认的账单差异被驳回。', en: 'The difference that awaited confirmation was rejected.' },
    },
  ],
} as const;
