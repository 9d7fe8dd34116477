import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { commandOf } from '../declaration.ts';
import { workingDays } from '../spans.ts';
import type { Context, KeptOf } from './context.ts';
import { documents, handedIn, handInNotices, handInProblems } from './delivery.ts';
import { ofDecisionUndelivered } from './transitions.ts';
import { wait, waited } from './waits.ts';
import { onlyBy } from './ways.ts';

export const fields = {
  /** The buyer's system or hardware code, for which the licence is made. */
  systemCode: z.string().nullable(),
};
export const blank = { systemCode: null };

const command = commandOf<Context>();

export const commands = {
  submitSystemCode: command({
    label: { zh: '提交系统码', en: 'Submit the system code' },
    description: { zh: '提交系统码或硬件码，商家据此制作授权。', en: 'Give the system or hardware code for which the licence is made.' },
    by: ['buyer'],
    input: z.object({
      systemCode: z
        .string()
        .trim()
        .min(4)
        .max(200)
        .regex(/^[\w.:/+=-]+$/, forms.systemCode.en),
    }),
    reason: 'optional',
    fits: [onlyBy('licenseOnline')],
    rules: ['SUP-2'],
  }),
  deliverLicence: command({
    label: { zh: '交付授权', en: 'Deliver the licence' },
    description: { zh: '上传授权文件与交付验收件。', en: 'Upload the licence and the acceptance document.' },
    by: ['merchant'],
    input: z.object(documents),
    reason: 'optional',
    fits: [onlyBy('licenseOnline')],
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
  confirmOfflineDelivery: command({
    label: { zh: '确认线下交付完成', en: 'Confirm the offline delivery' },
    description: { zh: '授权已在线下交付，上传交付验收件。', en: 'The licence was delivered outside; hand in the acceptance document.' },
    by: ['merchant'],
    input: z.object(documents),
    reason: 'optional',
    fits: [onlyBy('licenseOffline')],
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
};

export const keeps = {
  submitSystemCode: ({ event }: KeptOf<typeof commands.submitSystemCode>): Partial<Context> => ({ systemCode: event.input.systemCode }),
  deliverLicence: (kept: KeptOf<typeof commands.deliverLicence>) => handedIn(kept, 'deliverLicence'),
  confirmOfflineDelivery: (kept: KeptOf<typeof commands.confirmOfflineDelivery>) => handedIn(kept, 'confirmOfflineDelivery'),
};

export const states = {
  awaitingSystemCode: { on: { submitSystemCode: { target: 'awaitingDelivery', actions: 'keep' }, ...waited('systemCode'), ...ofDecisionUndelivered } },
} as const;

export const labels = {
  awaitingSystemCode: {
    fits: [onlyBy('licenseOnline')],
    zh: '待提交系统码',
    en: 'Awaiting the system code',
    waitsFor: ['buyer'],
    description: { zh: '等待买家提交系统码或硬件码。', en: 'The buyer gives the system or hardware code.' },
  },
} as const;

export const waits = {
  systemCode: wait({
    in: ['awaitingSystemCode'],
    who: 'buyer',
    within: workingDays(10),
    what: { zh: '提交系统码', en: 'submit the system code' },
    rule: 'SUP-7',
  }),
};

export const notices = {
  submitSystemCode: [{ to: ['merchant'], text: { zh: '买家已提交系统码，请交付授权。', en: 'The buyer has given the system code; deliver the licence.' } }],
  deliverLicence: handInNotices({ zh: '商家已交付授权。', en: 'The merchant has delivered the licence.' }),
  confirmOfflineDelivery: handInNotices({ zh: '商家确认线下交付完成。', en: 'The merchant says that the licence was delivered outside.' }),
} as const;
