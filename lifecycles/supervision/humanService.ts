import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { evidenceIds, evidenceProblems, excerpt, prose } from '../evidence.ts';
import { workingDays } from '../spans.ts';
import { instant } from '../values.ts';
import type { Context, Kept, KeptOf } from './context.ts';
import { documents, handedIn, handInNotices, handInProblems } from './delivery.ts';
import { ofDecisionUndelivered, remindable } from './transitions.ts';
import { wait, waited } from './waits.ts';
import { onlyBy } from './ways.ts';

export const fields = {
  /** What the buyer wants done (SUP-2); the whole text is in the operation log. */
  requirement: z
    .object({
      at: instant,
      by: z.string(),
      summary: z.string(),
      files: z.array(z.string()),
      confirmedAt: instant.nullable(),
      rejectedBecause: z.string().nullable(),
    })
    .nullable(),
};
export const blank = { requirement: null };

const command = commandOf<Context>();
const fits = [onlyBy('humanService')];

export const commands = {
  fileRequirement: command({
    label: { zh: '提交需求', en: 'File the requirement' },
    description: { zh: '写明要商家做什么，可附文件，由商家确认。', en: 'Say what is to be done, with files if need be; the merchant confirms it.' },
    by: ['buyer'],
    input: z.object({ text: prose.min(1), files: evidenceIds.default([]) }),
    reason: 'optional',
    fits,
    facts: ['evidence'],
    check: ({ input, ...given }) => evidenceProblems('files', input.files, given),
    rules: ['SUP-2', 'SUP-9'],
  }),
  confirmRequirement: command({
    label: { zh: '确认需求', en: 'Confirm the requirement' },
    description: { zh: '接受买家的需求并开始实施。', en: 'Take on the buyer’s requirement and begin the work.' },
    by: ['merchant'],
    input: z.object({}),
    reason: 'optional',
    fits,
    rules: ['SUP-2'],
  }),
  rejectRequirement: command({
    label: { zh: '驳回需求', en: 'Reject the requirement' },
    description: { zh: '需求不清楚或超出商品范围，写明原因，买家重新提交。', en: 'The requirement is unclear or not what was sold; the buyer files it again.' },
    by: ['merchant'],
    input: z.object({}),
    reason: 'required',
    fits,
    rules: ['SUP-2'],
  }),
  uploadImplementation: command({
    label: { zh: '上传SOW与验收件', en: 'Upload SOW and acceptance document' },
    description: { zh: '实施完成，提交工作说明书（SOW）与交付验收件。', en: 'The work is done; hand in the statement of work and the acceptance document.' },
    by: ['merchant'],
    input: z.object({ sow: evidenceIds.min(1), ...documents }),
    reason: 'optional',
    fits,
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
};

const decided = ({ context }: Kept, change: Partial<NonNullable<Context['requirement']>>): Partial<Context> =>
  context.requirement ? { requirement: { ...context.requirement, ...change } } : {};

export const keeps = {
  fileRequirement: ({ event }: KeptOf<typeof commands.fileRequirement>): Partial<Context> => ({
    requirement: {
      at: event.at,
      by: event.actor.id,
      summary: excerpt(event.input.text),
      files: event.input.files,
      confirmedAt: null,
      rejectedBecause: null,
    },
  }),
  confirmRequirement: (kept: Kept) => decided(kept, { confirmedAt: kept.event.at }),
  rejectRequirement: (kept: Kept) => decided(kept, { rejectedBecause: excerpt(kept.event.reason ?? '') }),
  uploadImplementation: (kept: KeptOf<typeof commands.uploadImplementation>) => handedIn(kept, 'uploadImplementation'),
};

export const states = {
  awaitingRequirement: { on: { fileRequirement: { target: 'awaitingConfirmation', actions: 'keep' }, ...waited('requirement'), ...ofDecisionUndelivered } },
  awaitingConfirmation: {
    on: {
      confirmRequirement: { target: 'awaitingDelivery', actions: 'keep' },
      rejectRequirement: { target: 'awaitingRequirement', actions: 'keep' },
      ...remindable,
      ...waited('confirmation'),
      ...ofDecisionUndelivered,
    },
  },
} as const;

export const labels = {
  awaitingRequirement: {
    fits,
    zh: '待提交需求',
    en: 'Awaiting the requirement',
    waitsFor: ['buyer'],
    description: { zh: '等待买家提交需求。', en: 'The buyer says what is to be done.' },
  },
  awaitingConfirmation: {
    fits,
    zh: '待确认需求',
    en: 'Awaiting confirmation',
    waitsFor: ['merchant'],
    description: { zh: '等待商家确认或驳回需求。', en: 'The merchant confirms the requirement or rejects it with a reason.' },
  },
} as const;

export const waits = {
  requirement: wait({
    in: ['awaitingRequirement'],
    who: 'buyer',
    within: workingDays(10),
    what: { zh: '提交需求', en: 'file the requirement' },
    rule: 'SUP-7',
  }),
  confirmation: wait({
    in: ['awaitingConfirmation'],
    who: 'merchant',
    within: workingDays(3),
    what: { zh: '确认需求', en: 'confirm the requirement' },
    rule: 'SUP-7',
  }),
};

export const notices = {
  fileRequirement: [{ to: ['merchant'], text: { zh: '买家已提交需求，请确认。', en: 'The buyer has filed the requirement; confirm it.' } }],
  confirmRequirement: [{ to: ['buyer'], text: { zh: '商家已确认需求。', en: 'The merchant has confirmed the requirement.' } }],
  rejectRequirement: [{ to: ['buyer'], text: { zh: '商家驳回需求，请修改后重新提交。', en: 'The merchant rejected the requirement; file it again.' } }],
  uploadImplementation: handInNotices({ zh: '商家已提交 SOW 与验收件。', en: 'The merchant has handed in SOW and acceptance document.' }),
} as const;
