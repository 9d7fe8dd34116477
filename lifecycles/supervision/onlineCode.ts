import { z } from 'zod';
import { commandOf, type Effect, type Given } from '../declaration.ts';
import { comment } from '../evidence.ts';
import { hours, isShorter, minutes, type Policies, spanOf, workingDays } from '../spans.ts';
import { instant } from '../values.ts';
import type { Context, Kept, KeptOf } from './context.ts';
import { documents, handedIn, handInNotices, handInProblems } from './delivery.ts';
import { ofDecision, ofDecisionActive, ofDecisionUndelivered, remindable } from './transitions.ts';
import { wait, waited } from './waits.ts';
import { onlyBy } from './ways.ts';

const code = z.object({ reference: z.string().min(1).max(100), hint: z.string().min(1).max(20) });

export const fields = {
  /** The issued code by reference and last characters: a secret has no place in a log that is kept and exported. */
  licenceCode: z.object({ ...code.shape, issuedAt: instant }).nullable(),
  /** SUP-2: the first claim; from then on a negotiated refund is no longer possible. */
  claimedAt: instant.nullable(),
  activatedAt: instant.nullable(),
};
export const blank = { licenceCode: null, claimedAt: null, activatedAt: null };

const command = commandOf<Context>();
const fits = [onlyBy('licenseOnlineCode')];

export const commands = {
  deliverCode: command({
    label: { zh: '交付授权码', en: 'Deliver the code' },
    description: { zh: '授权码可供买家领取。', en: 'The authorisation code is ready for the buyer to claim.' },
    by: ['merchant'],
    input: z.object({ comment: comment.optional() }),
    reason: 'optional',
    fits,
    rules: ['SUP-2'],
  }),
  claimCode: command({
    label: { zh: '领取授权码', en: 'Claim the code' },
    description: { zh: '领取后不能再协商退订（SUP-2）。', en: 'Once claimed, a negotiated refund is no longer possible (SUP-2).' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    fits,
    destructive: true,
    rules: ['SUP-2'],
  }),
  recordActivation: command({
    label: { zh: '登记激活', en: 'Record the activation' },
    description: {
      zh: '商家系统报告授权码已激活；重新交付期间，已领取的授权码同样可以激活。',
      en: 'The merchant’s system reports that the code was activated; while it is delivered again, one that was claimed before can be as well.',
    },
    by: ['system'],
    input: z.object({}),
    reason: 'optional',
    // a fact from outside: the merchant's system does not know of an appeal, and will not say it twice
    whenFrozen: 'recorded',
    fits,
    requires: [{ code: 'CODE_NOT_CLAIMED', met: ({ context }) => context.claimedAt !== null }],
    rules: ['SUP-2', 'SUP-5'],
  }),
  uploadProof: command({
    label: { zh: '上传激活凭证', en: 'Upload proof of activation' },
    description: { zh: '提交激活凭证；没有复核的订单随即自动验收。', en: 'Hand in proof of the activation; without a review the order is accepted by itself.' },
    by: ['merchant'],
    input: z.object(documents),
    reason: 'optional',
    fits,
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
};

export const keeps = {
  codeIssued: ({ event }: Kept<z.output<typeof code>>): Partial<Context> => ({ licenceCode: { ...event.input, issuedAt: event.at } }),
  deliverCode: (kept: Kept): Partial<Context> => handedIn({ ...kept, event: { ...kept.event, input: { files: [] } } }, 'deliverCode'),
  claimCode: ({ context, event }: Kept): Partial<Context> => ({ claimedAt: context.claimedAt ?? event.at }),
  recordActivation: ({ event }: Kept): Partial<Context> => ({ activatedAt: event.at }),
  uploadProof: (kept: KeptOf<typeof commands.uploadProof>): Partial<Context> => ({
    ...handedIn(kept, 'uploadProof'),
    ...(kept.context.scenario === 'none' ? { acceptedAt: kept.event.at, acceptedBy: 'proof' as const } : {}),
  }),
};

export const issuing = {
  issuingCode: { on: { codeIssued: { target: 'awaitingDelivery', actions: 'keep' }, codeOverdue: {}, ...ofDecisionUndelivered } },
} as const;

/** A fact from outside, also of a code that was claimed before it is delivered again (SUP-5). */
const activated = { recordActivation: { target: 'awaitingProof', actions: 'keep' } } as const;

export const states = {
  awaitingClaim: { on: { claimCode: { target: 'awaitingActivation', actions: 'keep' }, ...activated, ...waited('claim'), ...ofDecision } },
  awaitingActivation: {
    on: { ...activated, ...remindable, ...waited('activation'), ...ofDecision },
  },
  awaitingProof: {
    on: {
      uploadProof: [
        { guard: 'isReviewed', target: 'awaitingReview', actions: 'keep' },
        { target: 'accepted', actions: 'keep' },
      ],
      ...remindable,
      ...waited('proof'),
      ...ofDecisionActive,
    },
  },
} as const;

export const labels = {
  issuingCode: {
    fits,
    zh: '生成授权码',
    en: 'Issuing the code',
    waitsFor: ['system'],
    description: { zh: '正在生成授权码，失败会按间隔重试。', en: 'The authorisation code is being issued; a failed try is repeated.' },
  },
  awaitingClaim: {
    fits,
    zh: '待领取',
    en: 'Awaiting the claim',
    waitsFor: ['buyer'],
    description: { zh: '等待买家领取授权码。', en: 'The buyer claims the authorisation code.' },
  },
  awaitingActivation: {
    fits,
    zh: '待激活',
    en: 'Awaiting activation',
    waitsFor: ['merchant', 'system'],
    description: { zh: '等待商家系统激活授权码。', en: 'The merchant’s system activates the code.' },
  },
  awaitingProof: {
    fits,
    zh: '待上传凭证',
    en: 'Awaiting proof',
    waitsFor: ['merchant'],
    description: { zh: '授权码已激活，等待商家上传凭证。', en: 'The code is active; the merchant hands in proof of it.' },
  },
} as const;

export const waits = {
  claim: wait({ in: ['awaitingClaim'], who: 'buyer', within: workingDays(10), what: { zh: '领取授权码', en: 'claim the code' }, rule: 'SUP-7' }),
  activation: wait({ in: ['awaitingActivation'], who: 'merchant', within: workingDays(3), what: { zh: '激活授权码', en: 'activate the code' }, rule: 'SUP-7' }),
  proof: wait({
    in: ['awaitingProof'],
    who: 'merchant',
    within: workingDays(5),
    what: { zh: '上传激活凭证', en: 'upload proof of activation' },
    rule: 'SUP-7',
  }),
};

export const deadlines = {
  codeOverdue: {
    in: ['issuingCode'],
    due: ({ policies }: Given) => spanOf(policies, 'codeWithin'),
    label: { zh: '期限：生成授权码', en: 'Time to issue the code' },
    incident: true,
    rules: ['SUP-7'],
  },
} as const;

export const effects = {
  issueCode: {
    in: ['issuingCode'],
    params: ({ context }: Given<Context>) => ({ orderNumber: context.orderNumber, product: context.product }),
    result: code,
    retry: { every: (policies) => spanOf(policies, 'codeEvery'), attempts: () => null, timeoutMs: 10_000 },
    quick: true,
    onLeave: 'cancel',
    whenFrozen: 'park',
    succeeded: 'codeIssued',
    failed: 'incident',
    exhausted: 'incident',
    label: { zh: '生成授权码', en: 'Issue the authorisation code' },
    rules: ['SUP-2'],
  } satisfies Effect<Context, typeof code>,
};

export const events = { codeIssued: { zh: '授权码已生成', en: 'Authorisation code issued' } };

export const policies = {
  codeWithin: { default: hours(1), label: { zh: '生成授权码的时限', en: 'Time to issue a code' }, rule: 'SUP-7' },
  codeEvery: { default: minutes(5), label: { zh: '生成授权码重试间隔', en: 'Issuing a code repeated every' }, rule: 'SUP-2' },
};

export const policyRules = [
  {
    policies: ['codeEvery', 'codeWithin'],
    label: { zh: '生成授权码重试间隔短于其时限', en: 'issuing a code is repeated within its time' },
    holds: (set: Policies) => isShorter(spanOf(set, 'codeEvery'), spanOf(set, 'codeWithin')),
  },
];

export const notices = {
  codeIssued: [{ to: ['merchant'], text: { zh: '授权码已生成，请交付。', en: 'The code is issued; deliver it.' } }],
  deliverCode: [{ to: ['buyer'], text: { zh: '授权码可领取。', en: 'The code is ready to be claimed.' } }],
  claimCode: [{ to: ['merchant'], text: { zh: '买家已领取授权码。', en: 'The buyer has claimed the code.' } }],
  recordActivation: [{ to: ['merchant', 'buyer'], text: { zh: '授权码已激活。', en: 'The code was activated.' } }],
  uploadProof: handInNotices(
    { zh: '商家已上传激活凭证。', en: 'The merchant has handed in proof of the activation.' },
    { zh: '订单已随之验收。', en: 'The order is accepted by it.' },
  ),
  codeOverdue: [{ to: ['operationsManager'], text: { zh: '授权码超时未生成。', en: 'The code was not issued in time.' } }],
} as const;
