import { z } from 'zod';
import { openingProblems } from '../opening.ts';
import { command } from './context.ts';

export const commands = {
  recordOpening: command({
    label: { zh: '登记开通', en: 'Record the opening' },
    description: { zh: '非监管订单的交付调用成功，服务已开通。', en: 'The delivery call of an unsupervised order succeeded; the service is open.' },
    by: ['system'],
    input: z.object({ openedAt: z.iso.datetime().optional() }),
    reason: 'optional',
    requires: [{ code: 'COMPLETED_BY_SUPERVISION', met: ({ context }) => !context.supervised }],
    check: ({ input, context, now }) => openingProblems({ openedAt: input.openedAt, paidAt: context.paidAt, now }),
    rules: ['ORD-4', 'ORD-5'],
  }),
};
