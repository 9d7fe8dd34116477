import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type Lifecycle } from './declaration.ts';
import { evidenceIds, evidencePolicy, evidenceProblems } from './evidence.ts';
import { instant } from './values.ts';

const context = z.object({
  order: z.string(),
  orderNumber: z.string(),
  filedAt: instant,
  /** SUP-9: the proof that the customer needs no invoice. */
  proof: z.array(z.uuid()),
  rejectedAt: instant.nullable(),
});
type Context = z.output<typeof context>;

const commands = {
  rejectWaiver: commandOf<Context>()({
    label: { zh: '驳回免开票证明', en: 'Reject the proof' },
    description: { zh: '证明不成立，写明原因；该订单仍须开票。', en: 'The proof does not hold; the order needs an invoice after all.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    rules: ['EXT-1'],
  }),
};

const proofGiven = z.object({ order: z.uuid(), files: evidenceIds.min(1) });

export const invoiceWaiverMachine = setup({
  types: { context: {} as Context, events: {} as EventsOf<typeof commands>, input: {} as Omit<Context, 'rejectedAt'> },
  actions: { reject: assign({ rejectedAt: ({ event }) => event.at }) },
}).createMachine({
  id: 'invoiceWaiver',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, rejectedAt: null }),
  initial: 'standing',
  states: {
    standing: { on: { rejectWaiver: { target: 'rejected', actions: 'reject' } } },
    rejected: { type: 'final' },
  },
});

/** EXT-1: proof, uploaded by the merchant, that the customer of an order needs no invoice. */
export const invoiceWaiver = {
  name: 'invoiceWaiver',
  version: 1,
  prefix: 'IW',
  label: { zh: '免开票证明', en: 'Invoice waiver' },
  machine: invoiceWaiverMachine,
  context,
  states: {
    standing: {
      zh: '有效',
      en: 'Stands',
      waitsFor: ['operationsManager'],
      description: { zh: '客户无需发票的证明已上传。', en: 'The proof that the customer needs no invoice is here.' },
    },
    rejected: {
      zh: '已驳回',
      en: 'Rejected',
      waitsFor: [],
      description: { zh: '证明不成立，订单仍须开票。', en: 'The proof does not hold; the order needs an invoice.' },
    },
  },
  opening: {
    name: 'proveNoInvoiceNeeded',
    command: commandOf()({
      label: { zh: '上传免开票证明', en: 'Prove that no invoice is needed' },
      description: { zh: '上传客户无需发票的证明。', en: 'Upload the proof that the customer needs no invoice.' },
      by: ['merchant'],
      input: proofGiven,
      reason: 'optional',
      facts: ['evidence', 'usageCharged'],
      check: ({ input, ...given }) => evidenceProblems('files', input.files as string[], given),
      requires: [
        {
          code: 'ORDER_NOT_PAID',
          met: ({ joined, facts }) => joined?.order?.lifecycle === 'order' && (joined.order.context.paidAt !== null || (facts.usageCharged ?? 0) > 0),
          details: ({ joined }) => ({ number: joined?.order?.number ?? null }),
        },
      ],
      whenMerchantFrozen: 'allowed',
      rules: ['EXT-1', 'SUP-9'],
    }),
    joins: ({ order }: { order: string }) => ({ order }),
    start: ({ input, joined, now }) => {
      const { files } = input as z.output<typeof proofGiven>;
      const order = joined?.order;
      if (!order) throw new Error('expected the order that needs no invoice');
      return { input: { order: order.id, orderNumber: order.number, filedAt: now, proof: files }, parties: order.parties };
    },
  },
  commands,
  events: {},
  deadlines: {},
  effects: {},
  onEnter: {},
  rests: ['standing'],
  notices: {
    rejectWaiver: [
      { to: ['merchant'], topic: 'products', text: { zh: '免开票证明被驳回，请为该订单开票。', en: 'Your proof was rejected; the order needs an invoice.' } },
    ],
  },
  policies: { ...evidencePolicy },
  rules: ['EXT-1'],
} satisfies Lifecycle;
