import { z } from 'zod';
import { commandOf, type Given, type Requirement } from '../declaration.ts';
import { comment, evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { instant, minorUnits } from '../values.ts';
import type { Context, Kept, KeptOf } from './context.ts';
import { returned } from './delivery.ts';

const parties = ['buyer', 'merchant'] as const;
type Party = (typeof parties)[number];
const perParty = <Schema extends z.ZodType>(schema: Schema) => z.object({ buyer: schema.nullable(), merchant: schema.nullable() });

export const fields = {
  /** SUP-5: one open appeal per party; reasons are shortened, whole in the operation log. */
  appeals: perParty(z.object({ at: instant, by: z.string(), reason: z.string(), files: z.array(z.string()) })),
  /** SUP-6: what the operations manager waits for from whom. */
  evidence: perParty(z.object({ at: instant, by: z.string(), question: z.string() })),
  lastDecision: z.object({ decision: z.string(), opinion: z.string(), at: instant }).nullable(),
};
export const none = { buyer: null, merchant: null };
export const blank = { appeals: none, evidence: none, lastDecision: null };

export const partyOf = (role: string): Party => (role === 'merchant' ? 'merchant' : 'buyer');

/** The people who acted in a case for one of its parties or reviewed it: none of them decides it (ACT-3). */
const peopleIn = ({ appeals, evidence: _, requirement, rounds }: Context): (string | undefined)[] => [
  ...parties.map((party) => appeals[party]?.by),
  requirement?.by,
  ...rounds.flatMap(({ by, returned: back }) => (back?.from === 'operationsManager' ? [by] : [by, back?.by])),
];

const stands: Requirement<Context> = { code: 'NO_APPEAL_STANDS', met: ({ context }) => parties.some((party) => context.appeals[party] !== null) };
const isNotOwnCase: Requirement<Context> = { code: 'OWN_CASE', met: ({ context, actor }) => !peopleIn(context).includes(actor.id) };

const isNotAskedOfBoth: Requirement<Context> = {
  code: 'EVIDENCE_REQUESTED',
  met: ({ context }) => parties.some((party) => context.evidence[party] === null),
  details: () => ({ party: { zh: '双方', en: 'both parties' } }),
};

const command = commandOf<Context>();

export const commands = {
  fileAppeal: command({
    label: { zh: '发起申诉', en: 'File an appeal' },
    description: { zh: '冻结监管并请运营经理裁决，所有期限暂停。', en: 'Freeze supervision and call in the operations manager; every deadline stops.' },
    by: ['buyer', 'merchant'],
    input: z.object({ files: evidenceIds.default([]) }),
    reason: 'required',
    whenFrozen: 'allowed',
    facts: ['evidence'],
    requires: [{ code: 'APPEAL_STANDS', met: ({ context, actor }) => context.appeals[partyOf(actor.role)] === null }],
    check: ({ input, facts }) => evidenceProblems('files', input.files, facts),
    destructive: true,
    rules: ['SUP-5', 'SUP-9'],
  }),
  withdrawAppeal: command({
    label: { zh: '撤回申诉', en: 'Withdraw the appeal' },
    description: {
      zh: '撤回自己的申诉；若对方申诉仍在，监管继续冻结。',
      en: 'Take your own appeal back; supervision stays frozen while the other party’s stands.',
    },
    by: ['buyer', 'merchant'],
    input: z.object({}),
    reason: 'optional',
    whenFrozen: 'allowed',
    requires: [{ code: 'NO_APPEAL_OF_YOURS', met: ({ context, actor }) => context.appeals[partyOf(actor.role)] !== null }],
    rules: ['SUP-5'],
  }),
  requestEvidence: command({
    label: { zh: '要求举证', en: 'Request evidence' },
    description: { zh: '请一方补充证据，写明要什么；其间裁决期限暂停。', en: 'Ask a party for evidence and say what for; the time to decide stops meanwhile.' },
    by: ['operationsManager'],
    input: z.object({ from: z.enum(parties) }),
    reason: 'required',
    whenFrozen: 'allowed',
    requires: [stands, isNotOwnCase, isNotAskedOfBoth],
    refuse: ({ input, context }) => (context.evidence[input.from] === null ? null : { code: 'EVIDENCE_REQUESTED', details: { party: labels[input.from] } }),
    rules: ['SUP-6'],
  }),
  submitEvidence: command({
    label: { zh: '提交证据', en: 'Submit evidence' },
    description: { zh: '按运营经理的要求提交证据。', en: 'Hand in what the operations manager asked for.' },
    by: ['buyer', 'merchant'],
    input: z.object({ files: evidenceIds.min(1), comment: comment.optional() }),
    reason: 'optional',
    whenFrozen: 'allowed',
    facts: ['evidence'],
    requires: [{ code: 'NO_EVIDENCE_ASKED_OF_YOU', met: ({ context, actor }) => context.evidence[partyOf(actor.role)] !== null }],
    check: ({ input, facts }) => evidenceProblems('files', input.files, facts),
    rules: ['SUP-6', 'SUP-9'],
  }),
  decideAppeal: command({
    label: { zh: '裁决申诉', en: 'Decide the appeal' },
    description: {
      zh: '一次裁决了结双方申诉：驳回申诉（从冻结处继续）、重新交付、代买家验收，或终止并退款。',
      en: 'One decision closes both appeals: dismiss (go on where it froze), redeliver, complete (accept on the buyer’s behalf), or terminate with a refund.',
    },
    by: ['operationsManager'],
    input: z.object({ decision: z.enum(['dismiss', 'redeliver', 'complete', 'terminate']), refundAmount: minorUnits.min(0).optional() }),
    reason: 'required',
    whenFrozen: 'allowed',
    requires: [stands, isNotOwnCase],
    check: ({ input }) => {
      if (input.decision === 'terminate' && input.refundAmount === undefined)
        return [{ path: 'refundAmount', message: 'expected the amount to refund (minor units), which a termination needs, got none' }];
      if (input.decision !== 'terminate' && input.refundAmount !== undefined)
        return [{ path: 'refundAmount', message: `expected none: only a termination refunds, got ${input.refundAmount}` }];
      return [];
    },
    refuse: decisionRefused,
    destructive: true,
    rules: ['SUP-6', 'ACT-3', 'REF-5'],
  }),
};

type Decision = { decision: string; refundAmount?: number | undefined };
const labels = { buyer: { zh: '买家', en: 'the buyer' }, merchant: { zh: '商家', en: 'the merchant' } };

function decisionRefused({ input, context }: Given<Context> & { input: Decision }) {
  if (context.refund && input.decision !== 'dismiss') return { code: 'REFUND_ORDERED' as const };
  if (input.decision === 'redeliver' && context.rounds.length === 0) return { code: 'NOTHING_DELIVERED' as const };
  const amount = input.refundAmount ?? 0;
  if (amount > context.paidAmount)
    return { code: 'REFUND_OVER_PAID' as const, details: { expected: context.paidAmount, got: amount, currency: context.currency } };
  return null;
}

export const keeps = {
  fileAppeal: ({ context, event }: KeptOf<typeof commands.fileAppeal>): Partial<Context> => ({
    appeals: {
      ...context.appeals,
      [partyOf(event.actor.role)]: { at: event.at, by: event.actor.id, reason: excerpt(event.reason ?? ''), files: event.input.files },
    },
  }),
  withdrawAppeal: ({ context, event }: Kept): Partial<Context> => {
    const appeals = { ...context.appeals, [partyOf(event.actor.role)]: null };
    return { appeals, ...(parties.every((party) => appeals[party] === null) ? { evidence: none } : {}) };
  },
  requestEvidence: ({ context, event }: KeptOf<typeof commands.requestEvidence>): Partial<Context> => ({
    evidence: { ...context.evidence, [event.input.from]: { at: event.at, by: event.actor.id, question: excerpt(event.reason ?? '') } },
  }),
  submitEvidence: ({ context, event }: Kept): Partial<Context> => ({ evidence: { ...context.evidence, [partyOf(event.actor.role)]: null } }),
  evidenceDue: (): Partial<Context> => ({ evidence: none }),
  decideAppeal: (kept: Kept<Decision>): Partial<Context> => {
    const { context, event } = kept;
    return {
      appeals: none,
      evidence: none,
      lastDecision: { decision: event.input.decision, opinion: excerpt(event.reason ?? ''), at: event.at },
      ...outcomes[event.input.decision]?.(kept),
      ...(context.refund ? { refund: context.refund } : {}),
    };
  },
};

/** What a decision means for the record, by its name. */
const outcomes: Record<string, (kept: Kept<Decision>) => Partial<Context>> = {
  complete: ({ context, event }) => (context.acceptedAt === null ? { acceptedAt: event.at, acceptedBy: 'operationsManager' } : {}),
  redeliver: (kept) => ({ ...returned(kept, 'operationsManager'), acceptedAt: null, acceptedBy: null }),
  terminate: ({ event }) => ({ refund: { amount: event.input.refundAmount ?? 0, decidedAt: event.at, receipt: null } }),
};

/** Whether this withdrawal is of the last appeal, this submission of the last evidence that is awaited. */
export const isOnlyOne = (of: 'appeals' | 'evidence', { context, event }: { context: Context; event: { actor: { role: string } } }) =>
  context[of][partyOf(event.actor.role) === 'buyer' ? 'merchant' : 'buyer'] === null;
