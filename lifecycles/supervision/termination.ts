import { z } from 'zod';
import { instant, minorUnits } from '../values.ts';

export const fields = {
  /** What is paid back: by the decision of a case (SUP-6), or as the parties agreed (REF-1). */
  refund: z.object({ amount: minorUnits, decidedAt: instant, receipt: z.string().nullable() }).nullable(),
};
export const blank = { refund: null };

/** Terminated by decision: its refund is under way. An appeal may still freeze that (SUP-5); a decision then can only let it go on. */
export const states = {
  terminating: { on: { refundSettled: { target: 'terminated', actions: 'keep' }, decideAppeal: {} } },
  terminated: { type: 'final' },
} as const;

export const labels = {
  terminating: {
    zh: '终止退款中',
    en: 'Terminating',
    waitsFor: ['system'],
    description: { zh: '运营经理裁决终止，正在退款。', en: 'Terminated by decision; the refund is being paid.' },
  },
  terminated: {
    zh: '监管终止',
    en: 'Terminated',
    waitsFor: [],
    description: { zh: '已退款，监管终止。', en: 'The refund is paid and supervision is over.' },
  },
} as const;
