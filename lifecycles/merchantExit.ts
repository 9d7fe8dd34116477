import { assign, setup } from 'xstate';
import { z } from 'zod';
import { type Consequence, commandOf, type Entered, type EventsOf, type Given, type Lifecycle, type PlainEvent } from './declaration.ts';
import { hasExit } from './merchant.ts';
import { conditionsOf } from './merchantExit/conditions.ts';
import { workingDays } from './spans.ts';
import { deadlinesOf, noticesOf, policiesOf, remindBefore, rulesOf, wait, waited } from './supervision/waits.ts';
import { instant } from './values.ts';

const context = z.object({
  merchant: z.string(),
  appliedAt: instant,
  approvedAt: instant.nullable(),
  /** Products that were on sale when it was approved, and are delisted by it. */
  productsListed: z.number().int(),
  frozenAt: instant.nullable(),
  succeededAt: instant.nullable(),
});
type Context = z.output<typeof context>;

const command = commandOf<Context>();
const nothing = z.object({});
const listed = ({ facts }: Pick<Given, 'facts'>): number => facts.obstacles?.listed.count ?? 0;

const commands = {
  approveExit: command({
    label: { zh: '同意退出', en: 'Approve the exit' },
    description: { zh: '审核通过；仍在售的商品随即下架。', en: 'The application is in order; products still on sale are delisted with it.' },
    by: ['operationsManager'],
    input: nothing,
    reason: 'optional',
    facts: ['obstacles'],
    rules: ['EXT-2'],
  }),
  refuseExit: command({
    label: { zh: '驳回退出', en: 'Refuse the exit' },
    description: {
      zh: '写明原因，商家继续经营，因退出下架的商品恢复销售。',
      en: 'With the reason; the merchant carries on, and what was delisted for the exit is on sale again.',
    },
    by: ['operationsManager'],
    input: nothing,
    reason: 'required',
    rules: ['EXT-2'],
  }),
  withdrawExit: command({
    label: { zh: '撤回退出申请', en: 'Withdraw the exit' },
    description: { zh: '冻结前可撤回，继续经营。', en: 'Possible until the freeze; the merchant carries on.' },
    by: ['merchant'],
    input: nothing,
    reason: 'optional',
    whenMerchantFrozen: 'allowed',
    rules: ['EXT-2'],
  }),
  freezeForExit: command({
    label: { zh: '冻结', en: 'Freeze' },
    description: {
      zh: '再次核对退出条件，全部满足则冻结商家；期间产生的订单会阻止退出。',
      en: 'Checks the conditions again and freezes the merchant; an order that came in between stops the exit.',
    },
    by: ['operationsManager'],
    input: nothing,
    reason: 'optional',
    facts: ['obstacles'],
    requires: conditionsOf('freeze'),
    destructive: true,
    rules: ['EXT-1', 'EXT-2'],
  }),
  clearOut: command({
    label: { zh: '清退', en: 'Clear out' },
    description: {
      zh: '退款、申诉、发票和结算办结后清退，退出成功，不可恢复。',
      en: 'When refunds, appeals, invoices and settlement are done: the merchant has left, for good.',
    },
    by: ['operationsManager'],
    input: nothing,
    reason: 'optional',
    facts: ['obstacles'],
    requires: conditionsOf('clear'),
    destructive: true,
    rules: ['EXT-2', 'EXT-3'],
  }),
};

const waits = {
  exitReview: wait({ in: ['submitted'], who: 'operationsManager', within: workingDays(3), what: { zh: '审核退出申请', en: 'review the exit' }, rule: 'EXT-2' }),
};

type Events = EventsOf<typeof commands> | PlainEvent<'exitReviewReminder' | 'exitReviewOverdue'>;

const carriesOn = { refuseExit: 'refused', withdrawExit: 'withdrawn' } as const;
const beforeFreeze = { on: { freezeForExit: { target: 'clearing', actions: 'freeze' }, ...carriesOn } } as const;

export const merchantExitMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Pick<Context, 'merchant' | 'appliedAt'> },
  guards: { hasProductsOnSale: ({ event }) => listed(event) > 0 },
  actions: {
    approve: assign(({ event }) => ({ approvedAt: event.at, productsListed: listed(event) })),
    freeze: assign({ frozenAt: ({ event }) => event.at }),
    succeed: assign({ succeededAt: ({ event }) => event.at }),
  },
}).createMachine({
  id: 'merchantExit',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, approvedAt: null, productsListed: 0, frozenAt: null, succeededAt: null }),
  initial: 'submitted',
  states: {
    submitted: {
      on: {
        approveExit: [
          { guard: 'hasProductsOnSale', target: 'delisting', actions: 'approve' },
          { target: 'readyToFreeze', actions: 'approve' },
        ],
        ...carriesOn,
        ...waited('exitReview'),
      },
    },
    /** EXT-2, with products: they were delisted on entering; otherwise as the state below. */
    delisting: beforeFreeze,
    readyToFreeze: beforeFreeze,
    clearing: { on: { clearOut: { target: 'succeeded', actions: 'succeed' } } },
    succeeded: { type: 'final' },
    refused: { type: 'final' },
    withdrawn: { type: 'final' },
  },
});

const no = () => ({});
const everyProduct = (event: string): Consequence => ({ tellMembers: 'product', event, input: no });
const tellMerchant = (event: string, input: (entered: Entered) => Record<string, unknown> = no): Consequence => ({ tell: 'merchant', event, input });
const givenUp = [tellMerchant('exitGivenUp'), everyProduct('exitGivenUp')];
const topic = 'products' as const;

/** A merchant leaves: application, review, delisting, freeze, clearing out, 商家退出成功 (EXT-1 to EXT-3). */
export const merchantExit = {
  name: 'merchantExit',
  version: 1,
  prefix: 'EX',
  label: { zh: '商家退出', en: 'Merchant exit' },
  machine: merchantExitMachine,
  context,
  states: {
    submitted: {
      zh: '退出审核中',
      en: 'In review',
      waitsFor: ['operationsManager'],
      description: { zh: '等待运营经理审核退出申请及商品下架。', en: 'The operations manager reviews the application, with the delisting of what is on sale.' },
    },
    delisting: {
      zh: '已同意，商品已下架',
      en: 'Approved, products delisted',
      waitsFor: ['operationsManager'],
      description: { zh: '在售商品已下架，等待冻结；冻结前再次核对条件。', en: 'What was on sale is delisted; the freeze checks the conditions again.' },
    },
    readyToFreeze: {
      zh: '已同意，待冻结',
      en: 'Approved, to be frozen',
      waitsFor: ['operationsManager'],
      description: { zh: '无在售商品，等待冻结；冻结前再次核对条件。', en: 'Nothing was on sale; the freeze checks the conditions again.' },
    },
    clearing: {
      zh: '已冻结，待清退',
      en: 'Frozen, to be cleared out',
      waitsFor: ['operationsManager'],
      description: {
        zh: '商家已冻结；退款、申诉、发票和结算办结后清退。',
        en: 'The merchant is frozen; it is cleared out when refunds, appeals, invoices and settlement are done.',
      },
    },
    succeeded: {
      zh: '商家退出成功（003）',
      en: 'Exit succeeded (003)',
      waitsFor: [],
      description: { zh: '商家已退出，账户不能再次申请。', en: 'The merchant has left; the account cannot apply again.' },
    },
    refused: {
      zh: '退出被驳回',
      en: 'Refused',
      waitsFor: [],
      description: { zh: '申请被驳回，商家继续经营。', en: 'The application was refused; the merchant carries on.' },
    },
    withdrawn: {
      zh: '已撤回',
      en: 'Withdrawn',
      waitsFor: [],
      description: { zh: '商家撤回申请，继续经营。', en: 'The merchant withdrew it and carries on.' },
    },
  },
  opening: {
    name: 'applyForExit',
    command: commandOf()({
      label: { zh: '申请退出', en: 'Apply for exit' },
      description: {
        zh: '无履约中、未结算、未开票的订单方可申请；退出不可恢复。',
        en: 'Possible with no order being fulfilled, unsettled or without invoice; an exit is for good.',
      },
      by: ['merchant'],
      input: z.object({ merchant: z.uuid() }),
      reason: 'required',
      facts: ['obstacles'],
      requires: [
        {
          code: 'EXIT_UNDER_WAY',
          met: ({ joined }) => joined?.merchant?.lifecycle === 'merchant' && joined.merchant.value !== 'cleared' && !hasExit(joined.merchant),
          details: ({ joined }) => ({ exit: String(joined?.merchant?.context.exit ?? '–') }),
        },
        ...conditionsOf('apply'),
      ],
      whenMerchantFrozen: 'allowed',
      destructive: true,
      rules: ['EXT-1', 'EXT-2'],
    }),
    joins: ({ merchant }: { merchant: string }) => ({ merchant }),
    start: ({ joined, now }) => {
      const merchant = joined?.merchant?.parties.merchant;
      if (!merchant) throw new Error('expected the record of the merchant who leaves');
      return { input: { merchant, appliedAt: now }, parties: { buyer: '', merchant } };
    },
  },
  commands,
  events: {},
  deadlines: deadlinesOf(waits),
  effects: {},
  onEnter: {
    submitted: [tellMerchant('exitApplied', ({ number }) => ({ exit: number }))],
    delisting: [everyProduct('delistedForExit')],
    clearing: [tellMerchant('frozenForExit')],
    succeeded: [tellMerchant('clearedByExit'), everyProduct('exitCompleted')],
    refused: givenUp,
    withdrawn: givenUp,
  },
  notices: {
    ...noticesOf(waits),
    applyForExit: [{ to: ['operationsManager', 'merchant'], topic, text: { zh: '商家申请退出，请审核。', en: 'A merchant applies for exit; review it.' } }],
    approveExit: [{ to: ['merchant'], topic, text: { zh: '退出申请已通过。', en: 'Your exit is approved.' } }],
    refuseExit: [{ to: ['merchant'], topic, text: { zh: '退出申请被驳回，可继续经营。', en: 'Your exit was refused; you carry on.' } }],
    withdrawExit: [{ to: ['operationsManager'], topic, text: { zh: '商家已撤回退出申请。', en: 'The merchant withdrew its exit.' } }],
    freezeForExit: [{ to: ['merchant'], topic, text: { zh: '账户已冻结，仅可查看，待清退。', en: 'Your account is frozen for the exit; you can only read.' } }],
    clearOut: [{ to: ['merchant', 'operationsManager'], topic, text: { zh: '商家退出成功（003）。', en: 'The exit has succeeded (003).' } }],
  },
  policies: { remindBefore, ...policiesOf(waits) },
  policyRules: rulesOf(Object.keys(waits)),
  rules: ['EXT-1', 'EXT-2', 'EXT-3'],
} satisfies Lifecycle;
