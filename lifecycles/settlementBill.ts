import { assign, setup } from 'xstate';
import { z } from 'zod';
import { forms } from './codes/fields.ts';
import { commandOf, type Effect, type Entered, type EventsOf, type Given, type Lifecycle, type PlainEvent } from './declaration.ts';
import { commands, keeps } from './settlement/commands.ts';
import { begun, type Context, context, type Input, type Kept, type Totals } from './settlement/context.ts';
import * as differences from './settlement/differences.ts';
import { confirmedUntil, marketplace } from './settlement/invoicing.ts';
import { labels } from './settlement/labels.ts';
import { periodOf } from './settlement/periods.ts';
import { partyKind } from './settlement/receivers.ts';
import { deadlines, notices, policies, policyRules, type waits } from './settlement/times.ts';
import { countOf, spanOf } from './spans.ts';
import { waited } from './supervision/waits.ts';
import { minorUnits } from './values.ts';

const openBill = commandOf()({
  label: { zh: '生成账单', en: 'Open a bill' },
  description: { zh: '为一方的一个账期生成账单，每方每期一份。', en: 'The bill of one party for one period; there is one of each.' },
  by: ['system'],
  input: z.object({
    partyKind,
    party: z.string().min(1).max(64),
    period: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/, forms.month.en)
      .meta({ examples: ['2026-03'] }),
    currency: z.string().min(3).max(3),
  }),
  reason: 'optional',
  facts: ['billOfPeriod'],
  requires: [
    {
      code: 'BILL_EXISTS',
      met: ({ facts }) => facts.billOfPeriod == null,
      details: ({ facts, opening }) => ({ number: facts.billOfPeriod?.number ?? null, period: String(opening?.period ?? '') }),
    },
  ],
  rules: ['BIL-1', 'BIL-2'],
});

const startOf = (period: string) => Date.parse(`${period}-01T00:00:00+08:00`);

type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'linesBuilt', Totals>
  | PlainEvent<'billPaid', { receipt: string }>
  | PlainEvent<'invoiceReceived' | 'invoiceVerified'>
  | PlainEvent<'invoiceRefused', { because: string }>
  | PlainEvent<`${keyof typeof waits}${'Reminder' | 'Overdue'}` | 'invoiceReminder' | 'invoiceOverdue' | 'paymentOverdue' | 'buildingSlow'>;

type Asked = { context: Context; event: Events };

/** Where a bill goes once it is sent and, where that was asked for, confirmed. */
const onward = [
  { guard: 'isNothingOwed', target: 'carriedForward', actions: 'keep' },
  { guard: 'isCountersignedFirst', target: 'countersigning', actions: 'keep' },
  { guard: 'isInvoiced', target: 'awaitingInvoice', actions: 'keep' },
  { target: 'countersigning', actions: 'keep' },
] as const;
const refused = { target: 'awaitingInvoice', actions: 'keep' } as const;

export const settlementBillMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isConfirmedByReceiver: ({ event }: Asked) => event.at < confirmedUntil,
    isNothingOwed: ({ context }) => !context.payable,
    isCountersignedFirst: ({ event }: Asked) => countOf(event.policies, 'countersignPlace') === 1,
    isInvoiced: ({ context }) => context.invoiceable === true,
    isInvoiceMissing: ({ context }) => context.invoiceable === true && context.verifiedAt === null,
    isCountersigned: ({ context }) => context.countersignedAt !== null,
  },
  actions: {
    keep: assign(
      ({ context, event }) => (keeps as Record<string, (kept: Kept<never>) => Partial<Context>>)[event.type]?.({ context, event: event as never }) ?? {},
    ),
  },
}).createMachine({
  id: 'settlementBill',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  initial: 'building',
  states: {
    building: { on: { linesBuilt: { target: 'inReview', actions: 'keep' }, buildingSlow: {} } },
    inReview: {
      on: {
        sendBill: [{ guard: 'isConfirmedByReceiver', target: 'awaitingConfirmation', actions: 'keep' }, ...onward],
        ...waited('review'),
        ...differences.on,
      },
    },
    awaitingConfirmation: { on: { confirmBill: [...onward], ...waited('confirmation'), ...differences.on } },
    countersigning: {
      on: {
        countersignBill: [
          { guard: 'isInvoiceMissing', target: 'awaitingInvoice', actions: 'keep' },
          { target: 'paying', actions: 'keep' },
        ],
        ...waited('countersign'),
        ...differences.on,
      },
    },
    awaitingInvoice: {
      on: { submitInvoice: { target: 'invoiceSubmitted', actions: 'keep' }, invoiceReminder: {}, invoiceOverdue: {}, ...differences.on },
    },
    invoiceSubmitted: { on: { invoiceReceived: 'invoiceReceived', invoiceRefused: refused, ...waited('verification'), ...differences.on } },
    invoiceReceived: {
      on: {
        invoiceVerified: [
          { guard: 'isCountersigned', target: 'paying', actions: 'keep' },
          { target: 'countersigning', actions: 'keep' },
        ],
        invoiceRefused: refused,
        ...waited('verification'),
        ...differences.on,
      },
    },
    paying: { on: { billPaid: { target: 'paid', actions: 'keep' }, paymentOverdue: {}, ...differences.on } },
    paid: { on: differences.on },
    carriedForward: { on: differences.on },
  },
});

const totals = z.object({
  lines: z.number().int(),
  paid: minorUnits,
  refunded: minorUnits,
  net: minorUnits,
  toInvoice: minorUnits,
});
const receipt = z.object({ receipt: z.string().min(1).max(100) });

/** The bill of one merchant or service provider for one month: BIL-1 to BIL-3, BIL-8. Its lines are rows of their own and never change. */
export const settlementBill = {
  name: 'settlementBill',
  version: 1,
  prefix: 'SB',
  label: { zh: '结算账单', en: 'Settlement bill' },
  machine: settlementBillMachine,
  context,
  states: labels,
  opening: {
    name: 'openBill',
    command: openBill,
    start: ({ input }) => {
      const { partyKind: kind, party, period, currency } = input as z.output<(typeof openBill)['input']>;
      const { from, until } = periodOf(startOf(period));
      return {
        input: { partyKind: kind, party, period, periodStart: from, periodEnd: until, currency },
        parties: { buyer: marketplace, merchant: party },
      };
    },
  },
  commands,
  events: {
    linesBuilt: { zh: '账单已生成', en: 'Bill built' },
    invoiceReceived: { zh: '发票已收到', en: 'Invoice received' },
    invoiceVerified: { zh: '发票核验通过', en: 'Invoice verified' },
    invoiceRefused: { zh: '发票核验未通过', en: 'Invoice refused' },
    billPaid: { zh: '账单已付款', en: 'Bill paid' },
  },
  deadlines,
  effects: {
    buildLines: {
      in: ['building'],
      params: () => ({}),
      result: totals,
      // a large bill takes several tries, each of which goes on where the last one stopped; a killed one is missed soon
      retry: { every: () => ({ ms: 1_000 }), attempts: () => null, timeoutMs: 5_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'linesBuilt',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '生成账单明细', en: 'Build the lines of the bill' },
      rules: ['BIL-1', 'BIL-2'],
    } satisfies Effect<Context, typeof totals>,
    payBill: {
      in: ['paying'],
      params: ({ context: of }: Given<Context>) => ({ party: of.party, period: of.period, amount: of.net, currency: of.currency }),
      result: receipt,
      retry: { every: (set) => spanOf(set, 'payoutEvery'), attempts: () => null, timeoutMs: 10_000 },
      quick: true,
      onLeave: 'finish',
      whenFrozen: 'run',
      succeeded: 'billPaid',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '向收单方付款', en: 'Pay the receiver' },
      rules: ['BIL-3', 'REF-5'],
    } satisfies Effect<Context, typeof receipt>,
  },
  onEnter: {
    invoiceSubmitted: [
      {
        create: 'invoice',
        ref: 'settlementBill',
        input: ({ context: of, number }: Entered<Context>) => ({
          kind: 'settlement',
          about: number,
          amount: of.toInvoice,
          currency: of.currency,
          ...of.invoice,
        }),
      },
    ],
  },
  postings: differences.postings,
  rests: ['paid', 'carriedForward'],
  notices,
  policies,
  policyRules,
  whenMerchantFrozen: 'allowed',
  rules: ['BIL-1', 'BIL-2', 'BIL-3', 'BIL-4', 'BIL-8', 'ACT-3'],
} satisfies Lifecycle;
