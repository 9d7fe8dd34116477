import { assign, setup } from 'xstate';
import type { EventsOf, Lifecycle, PlainEvent } from './declaration.ts';
import { begun, type Context, context, type FailedCall, type Input, offSale } from './product/context.ts';
import * as failures from './product/failures.ts';
import { opening } from './product/opening.ts';
import * as sale from './product/sale.ts';
import * as terms from './product/terms.ts';
import { periodOf } from './settlement/periods.ts';

const commands = { ...sale.commands, ...terms.commands, ...failures.commands };
type Events = EventsOf<typeof commands> | PlainEvent<'delistedForExit' | 'exitGivenUp' | 'exitCompleted' | 'retirementApproved'>;
type Given = { context: Context; event: Events };

const callsAfter = ({ context, event }: Given): FailedCall[] =>
  event.type === 'recordExhaustedCall' ? failures.withCall(context.failedCalls, event.input) : context.failedCalls;
const daysAfter = ({ context, event }: Given): string[] => {
  if (event.type !== 'recordDialTest') return context.failedDays;
  return event.input.passed ? [] : failures.withDay(context.failedDays, event.input.at);
};

/** What is not on sale still has orders whose calls fail, and tests that are made: they are kept and change nothing else. */
const recorded = { recordExhaustedCall: { actions: 'keepCall' }, recordDialTest: { actions: 'keepDialTest' } } as const;

/** PRD-6: what the interface took off sale begins anew once it was debugged. */
const isByFailures = (offSale: Context['offSale']): boolean => offSale?.cause === 'calls' || offSale?.cause === 'dialTests';

export const productMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isOnSaleFromTheStart: ({ context }) => context.offSale === null,
    isOverCallLimit: (given) => failures.tooManyCalls(callsAfter(given), given.event.policies),
    isOverDialLimit: (given) => failures.tooManyDays(daysAfter(given), given.event.policies),
    isOffByExit: ({ context }) => context.offSale?.cause === 'exit',
  },
  actions: {
    keepCall: assign({ failedCalls: callsAfter }),
    keepDialTest: assign({ failedDays: daysAfter }),
    keepDebugging: assign(({ event }) => (event.type === 'recordDebugging' ? { debuggedAt: event.input.at } : {})),
    keepTerms: assign(({ context, event }) => terms.termsAfter(context, event)),
    hide: assign({ hidden: true }),
    show: assign({ hidden: false }),
    delistByCalls: assign(({ context, event }) => {
      const calls = callsAfter({ context, event });
      const month = periodOf(calls.at(-1)?.at ?? event.at).label;
      return { failedCalls: calls, offSale: offSale(event.at, { cause: 'calls', month, calls }) };
    }),
    freezeByDialTests: assign(({ context, event }) => {
      const days = daysAfter({ context, event });
      return { failedDays: days, hidden: true, offSale: offSale(event.at, { cause: 'dialTests', days, wasHidden: context.hidden }) };
    }),
    delistByPerson: assign(({ event }) => ({ offSale: offSale(event.at, { cause: 'person' }) })),
    delistByExit: assign(({ event }) => ({ offSale: offSale(event.at, { cause: 'exit' }) })),
    beginAnew: assign(({ context: { offSale, hidden }, event }) => ({
      offSale: null,
      // taking it off sale oneself makes no failure undone
      ...(event.type === 'restoreProduct' || isByFailures(offSale) ? { failedCalls: [], failedDays: [] } : {}),
      // the freeze that hid it is over
      hidden: offSale?.cause === 'dialTests' ? offSale.wasHidden : hidden,
    })),
  },
}).createMachine({
  id: 'product',
  options: { maxIterations: 100 },
  context: ({ input }) => begun(input),
  initial: 'approved',
  on: {
    hideProduct: { actions: 'hide' },
    showProduct: { actions: 'show' },
    allowAccount: { actions: 'keepTerms' },
    disallowAccount: { actions: 'keepTerms' },
    openToEveryone: { actions: 'keepTerms' },
    setCreditControl: { actions: 'keepTerms' },
    recordDebugging: { actions: 'keepDebugging' },
  },
  states: {
    /** Nobody rests here. */
    approved: { always: [{ guard: 'isOnSaleFromTheStart', target: 'listed' }, { target: 'delisted' }] },
    listed: {
      on: {
        delistProduct: { target: 'delisted', actions: 'delistByPerson' },
        recordExhaustedCall: [{ guard: 'isOverCallLimit', target: 'delisted', actions: 'delistByCalls' }, { actions: 'keepCall' }],
        recordDialTest: [{ guard: 'isOverDialLimit', target: 'suspended', actions: 'freezeByDialTests' }, { actions: 'keepDialTest' }],
        delistedForExit: { target: 'delisted', actions: 'delistByExit' },
        exitCompleted: 'retired',
        retirementApproved: 'retired',
      },
    },
    suspended: {
      on: {
        relistProduct: { target: 'listed', actions: 'beginAnew' },
        restoreProduct: { target: 'listed', actions: 'beginAnew' },
        ...recorded,
        exitCompleted: 'retired',
        retirementApproved: 'retired',
      },
    },
    delisted: {
      on: {
        relistProduct: { target: 'listed', actions: 'beginAnew' },
        restoreProduct: { target: 'listed', actions: 'beginAnew' },
        ...recorded,
        exitGivenUp: { guard: 'isOffByExit', target: 'listed', actions: 'beginAnew' },
        exitCompleted: 'retired',
        retirementApproved: 'retired',
      },
    },
    retired: { type: 'final' },
  },
});

/** A product from its first sale to 退市: on sale, delisted or frozen (ORD-6, PRD-6), and gone for good (CAT-1, EXT-2). */
export const product = {
  name: 'product',
  version: 1,
  prefix: 'PR',
  label: { zh: '商品', en: 'Product' },
  machine: productMachine,
  context,
  states: {
    listed: {
      zh: '在售',
      en: 'On sale',
      waitsFor: ['merchant'],
      description: { zh: '可以购买；隐藏时仅可通过链接购买。', en: 'It can be bought; while hidden, by its URL only.' },
    },
    suspended: {
      zh: '冻结',
      en: 'Frozen',
      waitsFor: ['merchant'],
      description: {
        zh: '连续多日拨测失败，已冻结并隐藏；通过接口调试后可重新上架。',
        en: 'Its dial tests failed for days in a row: it is frozen and hidden until its interface has passed debugging.',
      },
    },
    delisted: {
      zh: '已下架',
      en: 'Delisted',
      waitsFor: ['merchant'],
      description: { zh: '停止销售，可重新上架；原因见“停售记录”。', en: 'Not for sale, and can come back; why is part of the record.' },
    },
    retired: {
      zh: '已退市',
      en: 'Retired',
      waitsFor: [],
      description: { zh: '永久退出销售。', en: 'Gone from sale for good.' },
    },
  },
  opening,
  commands,
  events: {
    delistedForExit: { zh: '因商家退出下架', en: 'Delisted for its merchant’s exit' },
    exitGivenUp: { zh: '商家退出未继续，恢复销售', en: 'The exit was given up; on sale again' },
    exitCompleted: { zh: '商家已退出，商品退市', en: 'Its merchant has left; retired' },
    retirementApproved: { zh: '退市审核通过', en: 'Retirement approved' },
  },
  deadlines: {},
  effects: {},
  onEnter: {
    retired: [{ tellMembers: 'productRetirement', event: 'productGone', where: ({ refs }, { id }) => refs.product === id, input: () => ({}) }],
  },
  rests: ['listed', 'suspended', 'delisted'],
  notices: {
    ...failures.notices,
    delistedForExit: [{ to: ['merchant'], topic: 'products', text: { zh: '因商家退出，商品已下架。', en: 'The product was delisted for your exit.' } }],
    exitGivenUp: [
      { to: ['merchant'], topic: 'products', text: { zh: '退出未继续，商品恢复销售。', en: 'The exit was given up; the product is on sale again.' } },
    ],
    exitCompleted: [{ to: ['merchant'], topic: 'products', text: { zh: '商品已退市。', en: 'The product is retired.' } }],
    retirementApproved: [
      { to: ['merchant'], topic: 'products', text: { zh: '退市审核通过，商品已退市。', en: 'The retirement is approved; the product is gone from sale.' } },
    ],
    restoreProduct: [
      { to: ['merchant'], topic: 'products', text: { zh: '下架已撤销，商品恢复销售。', en: 'The delisting was reversed; the product is on sale again.' } },
    ],
  },
  policies: failures.policies,
  policyScope: ({ product }: Context) => product,
  rules: ['ORD-6', 'ORD-7', 'PRD-6', 'CAT-1', 'EXT-2'],
} satisfies Lifecycle;
