import { assign, setup } from 'xstate';
import type { Consequence, Entered, EventsOf, Lifecycle, PlainEvent, Told } from './declaration.ts';
import { evidencePolicy } from './evidence.ts';
import { opening } from './invoice/application.ts';
import { commands, keeps } from './invoice/commands.ts';
import { begun, type Context, context, type Input, type Kept } from './invoice/context.ts';
import { isOfUseAlone } from './invoice/invoiceable.ts';
import { labels } from './invoice/labels.ts';
import { days, spanOf, workingDays } from './spans.ts';

type Events = EventsOf<typeof commands> | PlainEvent<'refundApproved', { refund: string }> | PlainEvent<'issueDue' | 'sendDue' | 'reverseDue'>;

const unissued = {
  rejectApplication: { target: 'rejected', actions: 'keep' },
  cancelApplication: 'cancelled',
  refundApproved: { target: 'lapsed', actions: 'keep' },
  issueDue: {},
} as const;
const returned = { returnInvoice: { target: 'returned', actions: 'keep' } } as const;
/** REF-2: a refund waits until an issued one is returned. Only an order that could not be opened is refunded all the same (ORD-4); its invoice is then reversed. */
const standing = {
  ...returned,
  refundApproved: [
    { guard: 'isIssuedByMarketplace', target: 'toReverseByMarketplace', actions: 'keep' },
    { target: 'toReverse', actions: 'keep' },
  ],
} as const;
const unsent = { sendInvoice: { target: 'sent', actions: 'keep' }, ...standing, sendDue: {} } as const;

export const invoiceMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isOfBill: ({ context: of }) => of.kind === 'settlement',
    isIssuedByMarketplace: ({ context: of }) => of.issuer === 'marketplace',
  },
  actions: {
    keep: assign(
      ({ context: of, event }) =>
        (keeps as Record<string, (kept: Kept<never>) => Partial<Context>>)[event.type]?.({ context: of, event: event as never }) ?? {},
    ),
  },
}).createMachine({
  id: 'invoice',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  initial: 'asked',
  states: {
    /** Nobody rests here: a buyer's begins with an application, a bill's is issued already. */
    asked: {
      always: [{ guard: 'isOfBill', target: 'submitted' }, { guard: 'isIssuedByMarketplace', target: 'appliedToMarketplace' }, { target: 'applied' }],
    },
    applied: { on: { issueInvoice: { target: 'issued', actions: 'keep' }, ...unissued } },
    appliedToMarketplace: { on: { issueInvoice: { target: 'issuedByMarketplace', actions: 'keep' }, ...unissued } },
    issued: { on: unsent },
    issuedByMarketplace: { on: unsent },
    sent: { on: standing },
    toReverse: { on: { ...returned, reverseDue: {} } },
    toReverseByMarketplace: { on: { ...returned, reverseDue: {} } },
    lapsed: { type: 'final' },
    returned: { type: 'final' },
    rejected: { type: 'final' },
    cancelled: { type: 'final' },
    submitted: { on: { receiveInvoice: { target: 'received', actions: 'keep' }, refuseInvoice: { target: 'refused', actions: 'keep' } } },
    received: { on: { verifyInvoice: { target: 'verified', actions: 'keep' }, refuseInvoice: { target: 'refused', actions: 'keep' } } },
    verified: { type: 'final' },
    refused: { type: 'final' },
  },
});

const isOfWhatWasPaid = ({ context: of }: Entered<Context>) => !isOfUseAlone(of);
const toBill = (event: string, input: Consequence['input'] = () => ({})): Consequence[] => [{ tell: 'settlementBill', event, input }];
/** REF-2: a refund that is being negotiated fails, unless its money is not invoiced; one that an appeal has frozen waits for the decision, which finds the invoice. */
const lapsing: Consequence[] = [
  {
    tellMembers: 'refund',
    event: 'invoiceRequested',
    when: isOfWhatWasPaid,
    where: ({ refs, value }, entered) => refs.order === entered.refs.order && !(typeof value === 'object' && value.freeze === 'frozen'),
    input: () => ({}),
  },
];
const topic = 'settlement' as const;
const isUnissued = ({ context: of }: Told<Context>) => of.issuedAt === null;
const byRefund = ({ refundNumber }: Context) => ({ zh: `退订单 ${refundNumber}。`, en: `It is refund ${refundNumber}.` });

/** An invoice: a buyer's for an order (BIL-4, applied → issued → sent), or the one of a bill's receiver to the marketplace (BIL-3). */
export const invoice = {
  name: 'invoice',
  version: 1,
  prefix: 'IV',
  label: { zh: '发票', en: 'Invoice' },
  machine: invoiceMachine,
  context,
  states: labels,
  opening,
  commands,
  events: { refundApproved: { zh: '订单退订已同意', en: 'A refund of its order was approved' } },
  deadlines: {
    issueDue: {
      in: ['applied', 'appliedToMarketplace'],
      due: ({ policies }) => spanOf(policies, 'issueWithin'),
      label: { zh: '期限：开具发票', en: 'Time to issue the invoice' },
      incident: true,
      rules: ['BIL-4'],
    },
    sendDue: {
      in: ['issued', 'issuedByMarketplace'],
      due: ({ policies }) => spanOf(policies, 'sendWithin'),
      label: { zh: '开具后发送', en: 'Sent once issued' },
      incident: true,
      rules: ['BIL-5'],
    },
    reverseDue: {
      in: ['toReverse', 'toReverseByMarketplace'],
      due: ({ policies }) => spanOf(policies, 'reverseWithin'),
      label: { zh: '退款后红冲', en: 'Reversed once its order is refunded' },
      incident: true,
      rules: ['REF-2', 'BIL-5'],
    },
  },
  effects: {},
  onEnter: {
    applied: lapsing,
    appliedToMarketplace: lapsing,
    received: toBill('invoiceReceived'),
    verified: toBill('invoiceVerified'),
    refused: toBill('invoiceRefused', ({ context: of }: Entered<Context>) => ({ because: of.refusedBecause ?? '' })),
  },
  rests: ['sent'],
  notices: {
    applyForInvoice: [{ to: ['merchant', 'operationsManager'], topic, text: { zh: '有新的开票申请。', en: 'An invoice was applied for.' } }],
    issueDue: [{ to: ['merchant', 'operationsManager'], topic, text: { zh: '开票申请已超期未开具。', en: 'An invoice that was applied for is overdue.' } }],
    issueInvoice: [{ to: ['buyer'], topic, text: { zh: '发票已开具。', en: 'Your invoice is issued.' } }],
    sendDue: [{ to: ['merchant', 'operationsManager'], topic, text: { zh: '已开具的发票未按时发送。', en: 'An issued invoice was not sent in time.' } }],
    sendInvoice: [{ to: ['buyer'], topic, text: { zh: '发票已发送。', en: 'Your invoice is on its way.' } }],
    returnInvoice: [{ to: ['buyer'], topic, text: { zh: '发票已退票，可重新申请。', en: 'Your invoice was returned; you may apply again.' } }],
    refundApproved: [
      {
        to: ['buyer'],
        topic,
        when: isUnissued,
        text: { zh: '订单退订已同意，开票申请失效。', en: 'A refund of your order was approved, so your application for its invoice has lapsed.' },
        adds: byRefund,
      },
      {
        to: ['merchant', 'operationsManager'],
        topic,
        when: (told: Told<Context>) => !isUnissued(told),
        text: { zh: '订单开票后已退款，请红冲发票。', en: 'An order was refunded after its invoice was issued; reverse the invoice.' },
        adds: byRefund,
      },
    ],
    reverseDue: [
      {
        to: ['merchant', 'operationsManager'],
        topic,
        text: { zh: '已退款订单的发票未按时红冲。', en: 'The invoice of a refunded order was not reversed in time.' },
      },
    ],
    rejectApplication: [
      {
        to: ['buyer'],
        topic,
        text: { zh: '开票申请被驳回，请更正后重新申请。', en: 'Your application for an invoice was rejected; correct it and apply again.' },
      },
    ],
  },
  policies: {
    ...evidencePolicy,
    issueWithin: { default: days(7), label: { zh: '开票时限', en: 'Time to issue an invoice' }, rule: 'BIL-4' },
    reverseWithin: { default: workingDays(3), label: { zh: '退款后红冲时限', en: 'Time to reverse the invoice of a refunded order' }, rule: 'REF-2' },
    sendWithin: { default: workingDays(3), label: { zh: '发送发票时限', en: 'Time to send an issued invoice' }, rule: 'BIL-5' },
  },
  whenMerchantFrozen: 'allowed',
  rules: ['BIL-3', 'BIL-4', 'BIL-5', 'REF-2'],
} satisfies Lifecycle;
