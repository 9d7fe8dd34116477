import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type Lifecycle, type PlainEvent } from './declaration.ts';
import { isExiting } from './standing.ts';
import { instant } from './values.ts';

const context = z.object({
  /** The account; never changes, and has one record for good (EXT-2). */
  merchant: z.string(),
  merchantName: z.string(),
  frozenAt: instant.nullable(),
  /** By a person's decision, or by its own exit. */
  frozenBy: z.enum(['person', 'exit']).nullable(),
  /** The number of its exit that is under way, or done. */
  exit: z.string().nullable(),
  clearedAt: instant.nullable(),
});
type Context = z.output<typeof context>;
type Input = Pick<Context, 'merchant' | 'merchantName'>;

const command = commandOf<Context>();

const commands = {
  freezeMerchant: command({
    label: { zh: '冻结商家', en: 'Freeze the merchant' },
    description: {
      zh: '停止一切新销售，账户只读；退款、申诉、工单、发票和结算继续。',
      en: 'It sells nothing new and only reads; refunds, appeals, tickets, invoices and settlement go on (EXT-3).',
    },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    destructive: true,
    rules: ['EXT-3', 'MER-3'],
  }),
  unfreezeMerchant: command({
    label: { zh: '解冻商家', en: 'Unfreeze the merchant' },
    description: { zh: '恢复销售和全部操作。', en: 'It sells again, and its people may do everything.' },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    requires: [{ code: 'FROZEN_BY_EXIT', met: ({ context }) => context.frozenBy !== 'exit', details: ({ context }) => ({ exit: context.exit }) }],
    rules: ['EXT-3', 'MER-3'],
  }),
};

type Events = EventsOf<typeof commands> | PlainEvent<'exitApplied', { exit: string }> | PlainEvent<'exitGivenUp' | 'frozenForExit' | 'clearedByExit'>;

const exits = { exitApplied: { actions: 'keepExit' }, exitGivenUp: { actions: 'dropExit' } } as const;

export const merchantMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    freezeByPerson: assign({ frozenAt: ({ event }) => event.at, frozenBy: 'person' }),
    freezeByExit: assign({ frozenAt: ({ context, event }) => context.frozenAt ?? event.at, frozenBy: 'exit' }),
    unfreeze: assign({ frozenAt: null, frozenBy: null }),
    keepExit: assign(({ event }) => (event.type === 'exitApplied' ? { exit: event.input.exit } : {})),
    dropExit: assign({ exit: null }),
    clear: assign({ clearedAt: ({ event }) => event.at }),
  },
}).createMachine({
  id: 'merchant',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, frozenAt: null, frozenBy: null, exit: null, clearedAt: null }),
  initial: 'active',
  states: {
    active: {
      on: {
        freezeMerchant: { target: 'suspended', actions: 'freezeByPerson' },
        frozenForExit: { target: 'suspended', actions: 'freezeByExit' },
        ...exits,
      },
    },
    // not called "frozen": that is what an appeal does to a record (SUP-5)
    suspended: {
      on: {
        unfreezeMerchant: { target: 'active', actions: 'unfreeze' },
        frozenForExit: { actions: 'freezeByExit' },
        clearedByExit: { target: 'cleared', actions: 'clear' },
        ...exits,
      },
    },
    cleared: { type: 'final' },
  },
});

/** A merchant's account: active, frozen, cleared out (EXT-2, EXT-3, MER-3). What it may do while frozen, each command says. */
export const merchant = {
  name: 'merchant',
  version: 1,
  prefix: 'ME',
  label: { zh: '商家', en: 'Merchant' },
  machine: merchantMachine,
  context,
  states: {
    active: {
      zh: '正常',
      en: 'Active',
      waitsFor: ['operationsManager'],
      description: { zh: '可以销售。', en: 'It trades.' },
    },
    suspended: {
      zh: '冻结',
      en: 'Frozen',
      waitsFor: ['operationsManager'],
      description: {
        zh: '不再产生新销售，账户只读；退款、申诉、工单、发票和结算继续。',
        en: 'It sells nothing new and only reads; refunds, appeals, tickets, invoices and settlement go on.',
      },
    },
    cleared: {
      zh: '清退',
      en: 'Cleared out',
      waitsFor: [],
      description: { zh: '商家已退出，账户不能再次申请。', en: 'It has left for good; the account cannot apply again.' },
    },
  },
  opening: {
    name: 'onboardMerchant',
    command: commandOf()({
      label: { zh: '商家入驻', en: 'Onboard a merchant' },
      description: { zh: '已审核的商家账户开始经营。', en: 'A reviewed merchant account begins to trade.' },
      by: ['operationsManager', 'system'],
      input: z.object({ account: z.string().min(1).max(64) }),
      reason: 'optional',
      facts: ['merchantAccount'],
      requires: [
        {
          code: 'ACCOUNT_UNKNOWN',
          met: ({ facts }) => facts.merchantAccount?.kind === 'merchant',
          details: ({ opening }) => ({ account: String(opening?.account ?? '') }),
        },
        {
          code: 'ONBOARDED_ALREADY',
          met: ({ facts }) => facts.merchantAccount?.onboarded === false,
          details: ({ opening }) => ({ account: String(opening?.account ?? '') }),
        },
      ],
      rules: ['MER-2', 'EXT-2'],
    }),
    start: ({ facts: { merchantAccount: account } }) => {
      if (!account) throw new Error('expected the facts of the account');
      return { input: { merchant: account.id, merchantName: account.name }, parties: { buyer: '', merchant: account.id } };
    },
  },
  commands,
  events: {
    exitApplied: { zh: '已申请退出', en: 'Its exit was applied for' },
    exitGivenUp: { zh: '退出未继续', en: 'Its exit was given up' },
    frozenForExit: { zh: '因退出冻结', en: 'Frozen for its exit' },
    clearedByExit: { zh: '已清退', en: 'Cleared out' },
  },
  deadlines: {},
  effects: {},
  onEnter: {},
  rests: ['active', 'suspended'],
  notices: {
    freezeMerchant: [{ to: ['merchant'], topic: 'products', text: { zh: '账户已冻结，仅可查看。', en: 'Your account is frozen; you can only read.' } }],
    unfreezeMerchant: [{ to: ['merchant'], topic: 'products', text: { zh: '账户已解冻。', en: 'Your account is unfrozen.' } }],
  },
  policies: {},
  rules: ['MER-2', 'MER-3', 'EXT-2', 'EXT-3'],
} satisfies Lifecycle;

/** Whether an exit of this account is under way, or done. */
export const hasExit = ({ context: { exit } }: { context: Record<string, unknown> }): boolean => isExiting(exit);
