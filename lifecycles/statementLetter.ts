import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type Effect, type Given, type Lifecycle, type PlainEvent } from './declaration.ts';
import type { Instance } from './instance.ts';
import type { Context as Invoice } from './invoice/context.ts';
import { minutes, spanOf } from './spans.ts';
import { instant, minorUnits } from './values.ts';

const context = z.object({
  /** The number of the invoice that it is about, and what that says. */
  invoice: z.string(),
  invoiceCode: z.string().nullable(),
  invoiceNumber: z.string(),
  /** The order or bill that is invoiced. */
  about: z.string(),
  amount: minorUnits,
  currency: z.string(),
  title: z.string().nullable(),
  issuedAt: instant.nullable(),
  requestedAt: instant,
  sealedAt: instant.nullable(),
  /** The sealed letter: a file to download, by its id and the SHA-256 of its content. */
  file: z.string().nullable(),
  sha256: z.string().nullable(),
});
type Context = z.output<typeof context>;
type Input = Omit<Context, 'sealedAt' | 'file' | 'sha256'>;
const sealed = z.object({ file: z.string().max(100), sha256: z.string().max(64) });

/** Those of its states in which an invoice is issued and stands. */
const issuedStates = ['issued', 'issuedByMarketplace', 'sent', 'submitted', 'received', 'verified'];
const invoiceOf = ({ joined }: Pick<Given, 'joined'>) => (joined?.invoice?.lifecycle === 'invoice' ? joined.invoice : undefined);

const requestStatementLetter = commandOf()({
  label: { zh: '申请说明函', en: 'Request a statement letter' },
  description: {
    zh: '为已开具的发票生成盖章说明函，约 5 分钟后可下载。',
    en: 'A sealed letter about an issued invoice; it can be downloaded in about 5 minutes.',
  },
  by: ['buyer', 'merchant', 'serviceProvider'],
  input: z.object({ invoice: z.uuid() }),
  reason: 'optional',
  requires: [
    {
      code: 'INVOICE_NOT_ISSUED',
      met: (given) => issuedStates.includes(String(invoiceOf(given)?.value)),
      details: (given) => ({ number: invoiceOf(given)?.number ?? null, state: String(invoiceOf(given)?.value ?? '') }),
    },
  ],
  rules: ['BIL-5'],
});

type Events = PlainEvent<'letterSealed', z.output<typeof sealed>> | PlainEvent<'sealingSlow'>;

export const statementLetterMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    keepLetter: assign(({ event }) => (event.type !== 'letterSealed' ? {} : { sealedAt: event.at, file: event.input.file, sha256: event.input.sha256 })),
  },
}).createMachine({
  id: 'statementLetter',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, sealedAt: null, file: null, sha256: null }),
  initial: 'sealing',
  states: {
    sealing: { on: { letterSealed: { target: 'sealed', actions: 'keepLetter' }, sealingSlow: {} } },
    sealed: { type: 'final' },
  },
});

/** A statement letter 说明函 about an issued invoice: written, sealed by the marketplace's signature, then there to download (BIL-5). */
export const statementLetter = {
  name: 'statementLetter',
  version: 1,
  prefix: 'SL',
  label: { zh: '说明函', en: 'Statement letter' },
  machine: statementLetterMachine,
  context,
  states: {
    sealing: {
      zh: '盖章中',
      en: 'Being sealed',
      waitsFor: ['system'],
      description: { zh: '正在生成并盖章，约 5 分钟。', en: 'Being written and sealed; about 5 minutes.' },
    },
    sealed: { zh: '已盖章', en: 'Sealed', waitsFor: [], description: { zh: '可以下载。', en: 'It can be downloaded.' } },
  },
  opening: {
    name: 'requestStatementLetter',
    command: requestStatementLetter,
    joins: ({ invoice }: { invoice: string }) => ({ invoice }),
    start: (given) => {
      const invoice = invoiceOf(given) as Instance;
      const { invoiceCode, invoiceNumber, about, amount, currency, title, issuedAt } = invoice.context as Invoice;
      return {
        input: { invoice: invoice.number, invoiceCode, invoiceNumber, about, amount, currency, title, issuedAt, requestedAt: given.now },
        parties: invoice.parties,
      };
    },
  },
  commands: {},
  events: { letterSealed: { zh: '说明函已盖章', en: 'Statement letter sealed' } },
  deadlines: {
    sealingSlow: {
      in: ['sealing'],
      due: ({ policies }) => spanOf(policies, 'sealWithin'),
      label: { zh: '5 分钟内盖章', en: 'Sealed within 5 minutes' },
      incident: true,
      rules: ['BIL-5'],
    },
  },
  effects: {
    sealLetter: {
      in: ['sealing'],
      params: ({ context: { sealedAt: _, file: __, sha256: ___, ...letter } }: Given<Context>) => letter,
      result: sealed,
      retry: { every: () => minutes(1), attempts: () => null, timeoutMs: 20_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'letterSealed',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '生成说明函并盖章', en: 'Write the letter and seal it' },
      rules: ['BIL-5'],
    } satisfies Effect<Context, typeof sealed>,
  },
  onEnter: {},
  notices: {
    letterSealed: [
      { to: ['buyer'], topic: 'settlement', text: { zh: '说明函已盖章，可以下载。', en: 'Your statement letter is sealed and can be downloaded.' } },
    ],
    sealingSlow: [{ to: ['operationsManager'], topic: 'settlement', text: { zh: '说明函超时未盖章。', en: 'A statement letter is not sealed in time.' } }],
  },
  policies: { sealWithin: { default: minutes(5), label: { zh: '说明函盖章时限', en: 'Time to seal a statement letter' }, rule: 'BIL-5' } },
  whenMerchantFrozen: 'allowed',
  rules: ['BIL-5'],
} satisfies Lifecycle;
