import { z } from 'zod';
import { commandOf, type Given, type Notice, type Told } from '../declaration.ts';
import { comment, evidenceIds, evidenceProblems, excerpt } from '../evidence.ts';
import { openingProblems } from '../opening.ts';
import type { FieldProblem } from '../problem.ts';
import type { Bilingual } from '../roles.ts';
import { workingDays } from '../spans.ts';
import { instant } from '../values.ts';
import type { Context, Kept, KeptOf } from './context.ts';
import { ofDecision, remindable } from './transitions.ts';
import { wait, waited } from './waits.ts';
import { onlyBy } from './ways.ts';

/** SUP-3: what the merchant handed in at once, and why it came back. */
const round = z.object({
  no: z.number().int(),
  /** The command that handed it in. */
  step: z.string(),
  at: instant,
  by: z.string(),
  files: z.array(z.string()),
  returned: z.object({ at: instant, by: z.string(), from: z.enum(['reviewer', 'buyer', 'operationsManager']), because: z.string() }).nullable(),
});

export const fields = {
  /** Hand-ins so far. */
  round: z.number().int(),
  /** The last ten of them; every one is kept in the operation log, with its whole texts. */
  rounds: z.array(round),
  /** ORD-5: the actual opening time that the merchant filled in. */
  openedAt: instant.nullable(),
  acceptanceFiles: z.array(z.string()),
  /** Why the last delivery came back, shortened. */
  returnedBecause: z.string().nullable(),
};
export const blank = { round: 0, rounds: [], openedAt: null, acceptanceFiles: [], returnedBecause: null };

/** What a merchant hands in with every kind of delivery. */
export const documents = { files: evidenceIds.min(1), openedAt: z.iso.datetime().optional(), comment: comment.optional() };

type HandedIn = { files: string[]; sow?: string[] | undefined; openedAt?: string | undefined };

export const handInProblems = ({ input, ...given }: Given<Context> & { input: HandedIn }): FieldProblem[] => [
  ...evidenceProblems('sow', input.sow ?? [], given),
  ...evidenceProblems('files', input.files, given, input.sow?.length),
  ...openingProblems({ openedAt: input.openedAt, paidAt: given.context.paidAt, now: given.now }),
];

const most = 10;

/** One round more. */
export function handedIn({ context, event }: Kept<HandedIn>, step: string): Partial<Context> {
  const { files, sow = [], openedAt } = event.input;
  const no = context.round + 1;
  const now = { no, step, at: event.at, by: event.actor.id, files: [...sow, ...files], returned: null };
  return {
    round: no,
    rounds: [...context.rounds, now].slice(-most),
    acceptanceFiles: now.files,
    openedAt: openedAt ? Date.parse(openedAt) : context.openedAt,
    returnedBecause: null,
  };
}

/** The last round came back. One that had come back before keeps who returned it and why (SUP-3). */
export function returned({ context, event }: Kept, from: 'reviewer' | 'buyer' | 'operationsManager'): Partial<Context> {
  const because = excerpt(event.reason ?? '');
  const rounds = context.rounds.map((one, index) =>
    index === context.rounds.length - 1 && one.returned === null ? { ...one, returned: { at: event.at, by: event.actor.id, from, because } } : one,
  );
  return { rounds, returnedBecause: because };
}

export const commands = {
  uploadAcceptance: commandOf<Context>()({
    label: { zh: '上传交付验收件', en: 'Upload acceptance document' },
    description: {
      zh: '已为买家开通服务，提交验收材料与服务实际开通时间。',
      en: 'The service is opened for the buyer; hand in the acceptance document and the actual opening time.',
    },
    by: ['merchant'],
    input: z.object(documents),
    reason: 'optional',
    fits: [onlyBy('saas')],
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
};

export const keeps = {
  uploadAcceptance: (kept: KeptOf<typeof commands.uploadAcceptance>) => handedIn(kept, 'uploadAcceptance'),
};

/** From the merchant's hand-in: the review stands between it and the buyer where the scenario has one. */
export const onwards = [
  { guard: 'isReviewed', target: 'awaitingReview', actions: 'keep' },
  { target: 'awaitingAcceptance', actions: 'keep' },
] as const;

/** The merchant's turn to deliver, in every way; each way hands in by its own command. */
export const states = {
  awaitingDelivery: {
    on: {
      uploadAcceptance: onwards,
      uploadImplementation: onwards,
      deliverLicence: onwards,
      confirmOfflineDelivery: onwards,
      deliverCode: { target: 'awaitingClaim', actions: 'keep' },
      recordActivation: { target: 'awaitingProof', actions: 'keep' },
      reportDeployment: { target: 'awaitingCompletion', actions: 'keep' },
      confirmCompletion: { target: 'accepted', actions: 'keep' },
      ...remindable,
      ...waited('delivery'),
      ...ofDecision,
    },
  },
} as const;

export const labels = {
  awaitingDelivery: {
    zh: '待交付',
    en: 'Awaiting delivery',
    waitsFor: ['merchant'],
    description: { zh: '款项已托管，等待商家交付并上传材料。', en: 'The money is held; the merchant delivers and hands in what belongs to it.' },
  },
} as const;

export const waits = {
  delivery: wait({ in: ['awaitingDelivery'], who: 'merchant', within: workingDays(15), what: { zh: '交付', en: 'deliver' }, rule: 'SUP-7' }),
};

const isReviewed = ({ context }: Told<Context>) => context.scenario !== 'none';

/** A hand-in tells the reviewer where a review comes first, and the buyer whose turn it is (SUP-2, NOT-1). */
export const handInNotices = (text: Bilingual, whenUnreviewed: Bilingual = { zh: '请验收。', en: 'Accept the delivery.' }) =>
  [
    {
      to: ['buyer'],
      text,
      adds: ({ scenario }: Context): Bilingual =>
        scenario === 'none' ? whenUnreviewed : { zh: '待华为云复核后请您验收。', en: 'It is reviewed before it comes to you.' },
    },
    { to: ['reviewer'], when: isReviewed, text, adds: (): Bilingual => ({ zh: '请复核。', en: 'Review the delivery.' }) },
  ] satisfies Notice[];

export const notices = {
  uploadAcceptance: handInNotices({ zh: '商家已提交交付验收件。', en: 'The merchant has handed in the acceptance document.' }),
} as const;
