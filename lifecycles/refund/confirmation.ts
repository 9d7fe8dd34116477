import type { Requirement } from '../declaration.ts';
import { excerpt } from '../evidence.ts';
import { isAbove, limit, secondPerson } from '../secondPerson.ts';
import type { Policies } from '../spans.ts';
import { type Context, command, type Kept, type Pending } from './context.ts';
import { notInvoiced } from './invoiced.ts';

/** ACT-3: an operations manager's word on a refund above the limit awaits another one; the merchant's own approval does not. */
export const second = secondPerson<Context>(({ pendingDecision, amount }) => (pendingDecision ? { by: pendingDecision.by, amount } : null));

/** ACT-3: whether the refund takes two persons when an operations manager decides on its money. */
export const needsSecondPerson = ({ context, policies: set }: { context: Context; policies: Policies }): boolean => isAbove(context.amount, set);

/** What was decided waits in the context; what it means comes with its confirmation. */
export const kept = ({ event: { at, actor, reason } }: Kept, what: Pick<Pending, 'command' | 'reference'>): Partial<Context> => ({
  pendingDecision: { at, by: actor.id, opinion: excerpt(reason ?? ''), ...what },
});

/** REF-5: while a try may still pay, nothing else may: else the money could move twice. */
export const isPayoutRefused: Requirement<Context> = {
  code: 'PAYOUT_NOT_REFUSED',
  met: ({ effects }) => effects.some(({ name, status }) => name === 'payRefund' && status === 'failed'),
};

/** What stood in the way of the decision still does when it is confirmed. */
const of = (name: Pending['command'], requirement: Requirement<Context>): Requirement<Context> => ({
  ...requirement,
  met: (given) => given.context.pendingDecision?.command !== name || requirement.met(given),
});

export const commands = {
  confirmRefundDecision: command({
    ...second.confirmed,
    label: { zh: '确认退款决定', en: 'Confirm the decision on the refund' },
    description: {
      zh: '由另一位运营经理确认超过限额的同意退订或其他方式退款，随即生效。',
      en: 'Another operations manager confirms an approval, or a payment made another way, above the limit; it then takes effect.',
    },
    facts: ['invoices'],
    requires: [second.pends, second.isAnother, of('decideRefund', notInvoiced), of('recordPayout', isPayoutRefused)],
    destructive: true,
    rules: ['ACT-3', 'REF-4', 'REF-5'],
  }),
  rejectRefundDecision: command({
    ...second.rejected,
    label: { zh: '驳回退款决定', en: 'Reject the decision on the refund' },
    description: {
      zh: '不同意待确认的决定（本人也可撤回），写明原因；退订停留在原处。',
      en: 'Do not agree to the decision that awaits a second person (its own maker may take it back); the refund stays where it is.',
    },
  }),
};

export const keeps = {
  confirmRefundDecision: ({ context: { pendingDecision: pending }, event }: Kept): Partial<Context> => {
    if (!pending) return {};
    const { by, opinion } = pending;
    return pending.command === 'recordPayout'
      ? { receipt: pending.reference }
      : { review: { approved: true, by, role: 'operationsManager', at: event.at, opinion, files: [] } };
  },
};

export const policies = {
  secondPersonAbove: limit({
    zh: '运营经理决定的退款超过此金额（分）须第二人确认',
    en: 'A refund that an operations manager decides above this amount (minor units) takes a second person',
  }),
};

/** Beside what the parties are told of a decision that counts at once. */
export const awaits = second.awaits(
  { zh: '退款决定超过限额，须另一位运营经理确认。', en: 'A decision on a refund above the limit awaits another operations manager.' },
  { topic: 'disputes' },
);

export const notices = {
  confirmRefundDecision: [
    { to: ['buyer', 'merchant'], text: { zh: '运营经理对退订的决定已确认生效。', en: 'The operations manager’s decision on the refund is in effect.' } },
  ],
  rejectRefundDecision: [
    {
      topic: 'disputes',
      to: ['operationsManager'],
      text: { zh: '待确认的退款决定被驳回，请重新处理。', en: 'The decision on a refund that awaited confirmation was rejected; decide anew.' },
    },
  ],
} as const;
