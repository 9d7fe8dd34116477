import { z } from 'zod';
import { commandOf, type Requirement } from '../declaration.ts';
import { comment, evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { textOf } from '../policies.ts';
import { secondPerson } from '../secondPerson.ts';
import { spanOf } from '../spans.ts';
import { instant } from '../values.ts';
import type { Context, Kept, KeptOf } from './context.ts';

const parties = ['buyer', 'merchant'] as const;
type Party = (typeof parties)[number];
const perParty = <Schema extends z.ZodType>(schema: Schema) => z.object({ buyer: schema.nullable(), merchant: schema.nullable() });

export const fields = {
  /** SUP-5: one open appeal per party; reasons are shortened, whole in the operation log. */
  appeals: perParty(z.object({ at: instant, by: z.string(), reason: z.string(), files: z.array(z.string()) })),
  /** SUP-6: what the operations manager waits for from whom. */
  evidence: perParty(z.object({ at: instant, by: z.string(), question: z.string() })),
  /** SUP-6: when the time for evidence of this case was used up; null, or not there in older rows, while there is some. */
  evidenceOverAt: instant.nullable(),
  /** ACT-3: who has acted in it, by id; not there in older rows. */
  people: z.array(z.string()).nullable(),
};
export const none = { buyer: null, merchant: null };
const noCase = { appeals: none, evidence: none, evidenceOverAt: null };
export const blank = { ...noCase, people: [] };
/** What a case leaves behind when no appeal stands any more. */
export const closed = { ...noCase, pendingDecision: null };

export const partyOf = (role: string): Party => (role === 'merchant' ? 'merchant' : 'buyer');

/** ACT-3: the people of the parties and the reviewers who have done anything in it; none of them decides its case. */
export const withPerson = ({ context, event: { actor } }: Kept): Partial<Context> => {
  const people = context.people ?? [];
  return actor.role === 'system' || actor.role === 'operationsManager' || people.includes(actor.id) ? {} : { people: [...people, actor.id].slice(-mostPeople) };
};
/** More than ever act in one order: the context stays small. */
const mostPeople = 50;

/** Rows from before `people` was kept name them in their appeals and rounds. */
const peopleIn = ({ people, appeals, requirement, rounds }: Context): (string | undefined)[] => [
  ...(people ?? []),
  ...parties.map((party) => appeals[party]?.by),
  requirement?.by,
  ...rounds.flatMap(({ by, returned: back }) => (back?.from === 'operationsManager' ? [by] : [by, back?.by])),
];

export const stands: Requirement<Context> = { code: 'NO_APPEAL_STANDS', met: ({ context }) => parties.some((party) => context.appeals[party] !== null) };
export const isNotOwnCase: Requirement<Context> = { code: 'OWN_CASE', met: ({ context, actor }) => !peopleIn(context).includes(actor.id) };

/** ACT-3: a termination awaits a second person; until that one has spoken nothing else is asked or decided. */
export const second = secondPerson<Context>(({ pendingDecision: pending }) => (pending ? { by: pending.by, amount: pending.refundAmount } : null));

const isNotAskedOfBoth: Requirement<Context> = {
  code: 'EVIDENCE_REQUESTED',
  met: ({ context }) => parties.some((party) => context.evidence[party] === null),
  details: () => ({ party: { zh: '双方', en: 'both parties' } }),
};

const hasTimeForEvidence: Requirement<Context> = {
  code: 'EVIDENCE_TIME_OVER',
  met: ({ context }) => context.evidenceOverAt == null,
  details: ({ context, policies }) => ({ since: new Date(context.evidenceOverAt ?? 0).toISOString(), within: textOf(spanOf(policies, 'evidenceWithin')) }),
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
    whenMerchantFrozen: 'allowed',
    facts: ['evidence'],
    requires: [{ code: 'APPEAL_STANDS', met: ({ context, actor }) => context.appeals[partyOf(actor.role)] === null }],
    check: ({ input, ...given }) => evidenceProblems('files', input.files, given),
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
    whenMerchantFrozen: 'allowed',
    requires: [{ code: 'NO_APPEAL_OF_YOURS', met: ({ context, actor }) => context.appeals[partyOf(actor.role)] !== null }],
    rules: ['SUP-5'],
  }),
  requestEvidence: command({
    label: { zh: '要求举证', en: 'Request evidence' },
    description: {
      zh: '请一方补充证据，写明要什么；其间裁决期限暂停，每案合计不超过举证期。',
      en: 'Ask a party for evidence and say what for; the time to decide stops meanwhile, in one case at most for the time for evidence.',
    },
    by: ['operationsManager'],
    input: z.object({ from: z.enum(parties) }),
    reason: 'required',
    whenFrozen: 'allowed',
    requires: [stands, isNotOwnCase, second.isNotPending, isNotAskedOfBoth, hasTimeForEvidence],
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
    whenMerchantFrozen: 'allowed',
    facts: ['evidence'],
    requires: [{ code: 'NO_EVIDENCE_ASKED_OF_YOU', met: ({ context, actor }) => context.evidence[partyOf(actor.role)] !== null }],
    check: ({ input, ...given }) => evidenceProblems('files', input.files, given),
    rules: ['SUP-6', 'SUP-9'],
  }),
};

const labels = { buyer: { zh: '买家', en: 'the buyer' }, merchant: { zh: '商家', en: 'the merchant' } };

export const keeps = {
  fileAppeal: ({ context, event }: KeptOf<typeof commands.fileAppeal>): Partial<Context> => ({
    appeals: {
      ...context.appeals,
      [partyOf(event.actor.role)]: { at: event.at, by: event.actor.id, reason: excerpt(event.reason ?? ''), files: event.input.files },
    },
  }),
  withdrawAppeal: ({ context, event }: Kept): Partial<Context> => {
    const appeals = { ...context.appeals, [partyOf(event.actor.role)]: null };
    return parties.every((party) => appeals[party] === null) ? closed : { appeals };
  },
  requestEvidence: ({ context, event }: KeptOf<typeof commands.requestEvidence>): Partial<Context> => ({
    evidence: { ...context.evidence, [event.input.from]: { at: event.at, by: event.actor.id, question: excerpt(event.reason ?? '') } },
  }),
  submitEvidence: ({ context, event }: Kept): Partial<Context> => ({ evidence: { ...context.evidence, [partyOf(event.actor.role)]: null } }),
  evidenceDue: ({ event }: Kept): Partial<Context> => ({ evidence: none, evidenceOverAt: event.at }),
};

/** Whether this withdrawal is of the last appeal, this submission of the last evidence that is awaited. */
export const isOnlyOne = (of: 'appeals' | 'evidence', { context, event }: { context: Context; event: { actor: { role: string } } }) =>
  context[of][partyOf(event.actor.role) === 'buyer' ? 'merchant' : 'buyer'] === null;
