import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commands, needsSecondPerson, type Opened, openBuyerAccount, second } from './buyerAccount/commands.ts';
import { begun, type Context, context, type Input } from './buyerAccount/context.ts';
import type { Entered, EventsOf, Lifecycle, PlainEvent, Posted, Told } from './declaration.ts';
import type { Posting } from './ledger.ts';
import { limit } from './secondPerson.ts';
import { minutes } from './spans.ts';

type Events = EventsOf<typeof commands> | PlainEvent<'servicesRestored', { restored: number }>;
type Given = { context: Context; event: Events };

/** What the event adds to the balance, or takes from it (分). */
function amountOf({ context, event }: Given): number {
  if (event.type === 'topUpAccount' || event.type === 'correctAccount') return needsSecondPerson(event.input.amount, event) ? 0 : event.input.amount;
  return event.type === 'confirmCorrection' ? (context.pendingCorrection?.amount ?? 0) : 0;
}

/** MET-2: services are in arrears, and now the balance covers what they used. */
const coversAgain = (given: Given): boolean => {
  const { balance, waiting } = given.event.facts.accountMoney ?? { balance: 0, waiting: 0 };
  const amount = amountOf(given);
  return waiting > 0 && amount > 0 && balance + amount >= 0;
};

const booked = [{ guard: 'coversAgain' as const, target: 'restoring' as const, actions: 'keepBooked' as const }, { actions: 'keepBooked' as const }];
const bookedOrPending = [{ guard: 'needsSecondPerson' as const, actions: 'keepPending' as const }, ...booked];
const on = {
  topUpAccount: bookedOrPending,
  correctAccount: bookedOrPending,
  confirmCorrection: booked,
  dropCorrection: { actions: 'dropPending' as const },
};

export const buyerAccountMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    coversAgain,
    needsSecondPerson: ({ event }) => (event.type === 'topUpAccount' || event.type === 'correctAccount') && needsSecondPerson(event.input.amount, event),
  },
  actions: {
    keepBooked: assign((given) => {
      const { context, event } = given;
      const amount = amountOf(given);
      const reference =
        event.type === 'topUpAccount' ? event.input.reference : event.type === 'confirmCorrection' ? context.pendingCorrection?.reference : null;
      return {
        ...(reference ? { toppedUp: context.toppedUp + amount, lastTopUp: { reference, amount, at: event.at } } : { corrected: context.corrected + amount }),
        // what the provider reports meanwhile decides nothing
        ...(event.type === 'topUpAccount' ? {} : { pendingCorrection: null }),
      };
    }),
    keepPending: assign(({ event }) => {
      if (event.type !== 'topUpAccount' && event.type !== 'correctAccount') return {};
      const { amount } = event.input;
      const reference = event.type === 'topUpAccount' ? event.input.reference : null;
      return { pendingCorrection: { amount, because: event.reason ?? '', by: event.actor.id, at: event.at, reference } };
    }),
    dropPending: assign({ pendingCorrection: null }),
  },
}).createMachine({
  id: 'buyerAccount',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  initial: 'open',
  states: {
    open: { on },
    restoring: { on: { ...on, servicesRestored: 'open' } },
  },
});

/** An account's own money comes from outside and goes back there; what is used goes through `held` (service/charging.ts). */
function moved({ id, context: { currency } }: Posted<Context>, outside: 'buyer' | 'bank', amount: number): Posting[] {
  if (amount === 0) return [];
  const [from, to] = amount > 0 ? ([outside, 'balance'] as const) : (['balance', outside] as const);
  return [{ order: id, from, to, amount: Math.abs(amount), currency }];
}
const booking = (given: Posted<Context>) => [
  ...moved(given, 'buyer', given.context.toppedUp - (given.before?.toppedUp ?? 0)),
  ...moved(given, 'bank', given.context.corrected - (given.before?.corrected ?? 0)),
];
const isBooked = ({ context: { lastTopUp }, input, at }: Told<Context>) => lastTopUp?.at === at && lastTopUp.reference === input.reference;

/** A buyer's prepaid balance 账户余额 in one currency, from which what is used on demand is taken (MET-2). */
export const buyerAccount = {
  name: 'buyerAccount',
  version: 1,
  prefix: 'BA',
  label: { zh: '买家账户', en: 'Buyer’s account' },
  machine: buyerAccountMachine,
  context,
  states: {
    open: {
      zh: '正常',
      en: 'Open',
      waitsFor: ['system'],
      description: {
        zh: '余额随用量减少，充值增加；欠费见账户。',
        en: 'What is used takes from its balance, a top-up adds to it; its arrears are shown with it.',
      },
    },
    restoring: {
      zh: '恢复服务中',
      en: 'Restoring services',
      waitsFor: ['system'],
      description: { zh: '欠费已补足，正在恢复欠费的服务。', en: 'The balance covers what was used again; services in arrears are being restored.' },
    },
  },
  opening: {
    name: 'openBuyerAccount',
    command: openBuyerAccount,
    start: ({ input, actor, now }) => {
      const { currency } = input as Opened;
      if (!actor.party) throw new Error('expected a buyer’s party');
      return { input: { buyer: actor.party, currency, openedAt: now }, parties: { buyer: actor.party, merchant: '' } };
    },
  },
  commands,
  events: { servicesRestored: { zh: '欠费服务已恢复', en: 'Services in arrears restored' } },
  deadlines: {},
  effects: {
    restoreServices: {
      in: ['restoring'],
      params: ({ context: { currency }, parties }: Pick<Entered<Context>, 'context' | 'parties'>) => ({ buyer: parties.buyer, currency }),
      result: z.object({ restored: z.number().int() }),
      retry: { every: () => minutes(1), attempts: () => null, timeoutMs: 60_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      againOn: ['topUpAccount', 'correctAccount', 'confirmCorrection'],
      succeeded: 'servicesRestored',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '恢复欠费服务', en: 'Restore services in arrears' },
      rules: ['MET-2'],
    },
  },
  onEnter: {},
  postings: { topUpAccount: booking, correctAccount: booking, confirmCorrection: booking },
  rests: ['open'],
  notices: {
    topUpAccount: [
      { to: ['buyer'], topic: 'services', when: (told) => isBooked(told as Told<Context>), text: { zh: '充值已到账。', en: 'Your top-up has arrived.' } },
      {
        to: ['operationsManager'],
        topic: 'services',
        when: (told) => !isBooked(told as Told<Context>),
        text: { zh: '登记的充值超过限额，须另一位运营经理确认。', en: 'A top-up above the limit that an operator recorded awaits another operations manager.' },
      },
    ],
    correctAccount: [
      {
        to: ['buyer'],
        topic: 'services',
        when: (told) => !second.isPending(told as Told<Context>),
        text: { zh: '账户余额已更正。', en: 'Your balance was corrected.' },
      },
      second.awaits(
        { zh: '余额更正超过限额，须另一位运营经理确认。', en: 'A correction above the limit awaits another operations manager.' },
        { topic: 'services' },
      ),
    ],
    confirmCorrection: [
      { to: ['buyer'], topic: 'services', text: { zh: '账户的更正或充值已入账。', en: 'A correction of your balance, or a top-up, is booked.' } },
    ],
  },
  policies: {
    correctionAlone: limit({
      zh: '更正或运营登记的充值超过此金额（分）须第二人确认',
      en: 'A correction, or a top-up that an operator records, above this amount (minor units) takes a second person',
    }),
  },
  rules: ['MET-2', 'ACT-3'],
} satisfies Lifecycle;
