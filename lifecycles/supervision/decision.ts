import { z } from 'zod';
import { commandOf, type Given, type Told } from '../declaration.ts';
import { excerpt } from '../evidence.ts';
import { expectedField, unwantedField } from '../problem.ts';
import { invoiceDetails, isNotInvoiced, notInvoiced } from '../refund/invoiced.ts';
import type { Bilingual } from '../roles.ts';
import { decided, isAbove, limit } from '../secondPerson.ts';
import type { Policies } from '../spans.ts';
import { instant, minorUnits } from '../values.ts';
import { closed, isNotOwnCase, second, stands } from './appeal.ts';
import type { Context, Kept } from './context.ts';
import { returned } from './delivery.ts';
import { overruled } from './refund.ts';

export const fields = {
  lastDecision: z.object({ decision: z.string(), opinion: z.string(), at: instant }).nullable(),
  /** ACT-3: a termination that one operations manager decided and another has to confirm; its opinion whole in the operation log. */
  pendingDecision: z.object({ ...decided, refundAmount: minorUnits, opinion: z.string() }).nullable(),
};
export const blank = { lastDecision: null, pendingDecision: null };

type Decision = { decision: string; refundAmount?: number | undefined };

/** ACT-3: two persons for money above a limit. */
export const needsSecondPerson = ({ decision, refundAmount = 0 }: Decision, policies: Policies): boolean =>
  decision === 'terminate' && isAbove(refundAmount, policies);

const command = commandOf<Context>();

export const commands = {
  decideAppeal: command({
    label: { zh: '裁决申诉', en: 'Decide the appeal' },
    description: {
      zh: '一次裁决了结双方申诉：驳回申诉（从冻结处继续）、重新交付、代买家验收，或终止并退款；退款超过限额须第二人确认。',
      en: 'One decision closes both appeals: dismiss (go on where it froze), redeliver, complete (accept on the buyer’s behalf), or terminate with a refund; above a limit a second person confirms it.',
    },
    by: ['operationsManager'],
    input: z.object({ decision: z.enum(['dismiss', 'redeliver', 'complete', 'terminate']), refundAmount: minorUnits.min(0).optional() }),
    reason: 'required',
    whenFrozen: 'allowed',
    requires: [stands, isNotOwnCase, second.isNotPending],
    check: ({ input }) => {
      if (input.decision === 'terminate' && input.refundAmount === undefined)
        return [expectedField('refundAmount', { zh: '终止时的退款金额（分）', en: 'the amount to refund (minor units), which a termination needs' })];
      if (input.decision !== 'terminate' && input.refundAmount !== undefined)
        return [unwantedField('refundAmount', { zh: '只有终止才退款', en: 'only a termination refunds' }, input.refundAmount)];
      return [];
    },
    facts: ['invoices'],
    refuse: decisionRefused,
    secondPerson: ({ context, policies: set }) => needsSecondPerson({ decision: 'terminate', refundAmount: context.paidAmount }, set),
    destructive: true,
    rules: ['SUP-6', 'ACT-3', 'REF-5'],
  }),
  confirmDecision: command({
    label: { zh: '确认裁决', en: 'Confirm the decision' },
    description: {
      zh: '由另一位运营经理确认超过限额的终止退款，随即生效。',
      en: 'Another operations manager confirms a termination above the limit; it then takes effect.',
    },
    ...second.confirmed,
    whenFrozen: 'allowed',
    facts: ['invoices'],
    requires: [second.pends, isNotOwnCase, second.isAnother, notInvoiced],
    destructive: true,
    rules: ['ACT-3', 'SUP-6'],
  }),
  rejectDecision: command({
    ...second.rejected,
    label: { zh: '驳回裁决', en: 'Reject the decision' },
    description: {
      zh: '不同意待确认的终止退款（本人也可撤回），写明原因；申诉继续等待裁决。',
      en: 'Do not agree to the termination that awaits a second person (its own maker may take it back); the appeal still awaits a decision.',
    },
    whenFrozen: 'allowed',
    requires: [second.pends, isNotOwnCase],
    rules: ['ACT-3', 'SUP-6'],
  }),
};

function decisionRefused({ input, context, facts }: Given<Context> & { input: Decision }) {
  if (context.refund && input.decision !== 'dismiss') return { code: 'REFUND_ORDERED' as const };
  if (input.decision === 'redeliver' && context.rounds.length === 0) return { code: 'NOTHING_DELIVERED' as const };
  const amount = input.refundAmount ?? 0;
  // SUP-6: a termination overrides a claimed code, not an invoice: that is returned first
  if (input.decision === 'terminate' && amount > 0 && !isNotInvoiced({ facts })) return { code: 'INVOICE_ISSUED' as const, details: invoiceDetails({ facts }) };
  if (amount > context.paidAmount)
    return { code: 'REFUND_OVER_PAID' as const, details: { expected: context.paidAmount, got: amount, currency: context.currency } };
  return null;
}

export const keeps = {
  decideAppeal: (kept: Kept<Decision>): Partial<Context> => {
    const { context, event } = kept;
    const opinion = excerpt(event.reason ?? '');
    if (needsSecondPerson(event.input, event.policies))
      return { evidence: closed.evidence, pendingDecision: { at: event.at, by: event.actor.id, refundAmount: event.input.refundAmount ?? 0, opinion } };
    return {
      ...closed,
      lastDecision: { decision: event.input.decision, opinion, at: event.at },
      ...outcomes[event.input.decision]?.(kept),
      ...(event.input.decision === 'dismiss' ? {} : overruled(context)),
      ...(context.refund ? { refund: context.refund } : {}),
    };
  },
  confirmDecision: ({ context, event }: Kept): Partial<Context> => {
    const { refundAmount = 0, opinion = '' } = context.pendingDecision ?? {};
    return {
      ...closed,
      lastDecision: { decision: 'terminate', opinion, at: event.at },
      refund: { amount: refundAmount, decidedAt: event.at, receipt: null },
      ...overruled(context),
    };
  },
  rejectDecision: (): Partial<Context> => ({ pendingDecision: null }),
};

/** What a decision means for the record, by its name. */
const outcomes: Record<string, (kept: Kept<Decision>) => Partial<Context>> = {
  complete: ({ context, event }) => (context.acceptedAt === null ? { acceptedAt: event.at, acceptedBy: 'operationsManager' } : {}),
  redeliver: (kept) => ({ ...returned(kept, 'operationsManager'), acceptedAt: null, acceptedBy: null }),
  terminate: ({ event }) => ({ refund: { amount: event.input.refundAmount ?? 0, decidedAt: event.at, receipt: null } }),
};

export const policies = {
  secondPersonAbove: limit({ zh: '退款超过此金额（分）须第二人确认', en: 'A refund above this amount (minor units) takes a second person' }),
};

const toldOf: Bilingual = { zh: '申诉已裁决。', en: 'The appeal was decided.' };

export const notices = {
  decideAppeal: [
    { topic: 'disputes', to: ['buyer', 'merchant'], when: (told: Told<Context>) => !second.isPending(told), text: toldOf },
    second.awaits(
      { zh: '终止退款超过限额，须另一位运营经理确认。', en: 'A termination above the limit awaits another operations manager.' },
      { topic: 'disputes' },
    ),
  ],
  confirmDecision: [{ topic: 'disputes', to: ['buyer', 'merchant'], text: toldOf }],
  rejectDecision: [
    {
      topic: 'disputes',
      to: ['operationsManager'],
      text: { zh: '待确认的裁决被驳回，请重新裁决。', en: 'The decision that awaited confirmation was rejected; decide anew.' },
    },
  ],
} as const;
