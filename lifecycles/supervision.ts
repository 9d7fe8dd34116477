import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type Entered, type EventsOf, type Given, type Lifecycle, type PlainEvent, type Stamp } from './declaration.ts';
import { comment, evidenceIds, evidenceProblems } from './evidence.ts';
import { hours, isShorter, minutes, spanOf, workingDays } from './spans.ts';
import { instant } from './values.ts';

const appeal = z.object({ at: instant, by: z.string(), reason: z.string(), files: z.array(z.string()) });
const context = z.object({
  order: z.string(),
  orderNumber: z.string(),
  /** The product bought: its policies apply. */
  product: z.string(),
  /** SUP-2: the way of delivery, set at purchase. */
  way: z.enum(['saas']),
  /** Set at purchase, never changes; none means no review by 华为云复核. */
  scenario: z.enum(['empowermentCloud', 'baseCloud', 'none']),
  paidAt: instant,
  /** Deliveries so far; every round is kept in the operation log (SUP-3). */
  round: z.number().int(),
  /** ORD-5: the actual opening time that the merchant filled in. */
  openedAt: instant.nullable(),
  acceptanceFiles: z.array(z.string()),
  /** Why the last delivery came back, from reviewer or buyer. */
  returnedBecause: z.string().nullable(),
  acceptedAt: instant.nullable(),
  acceptedBy: z.enum(['buyer', 'operationsManager']).nullable(),
  appeals: z.object({ buyer: appeal.nullable(), merchant: appeal.nullable() }),
  lastDecision: z.object({ decision: z.string(), opinion: z.string(), at: instant }).nullable(),
  /** The order centre's receipt of the completion. */
  receipt: z.string().nullable(),
});
type Context = z.output<typeof context>;
type Input = Pick<Context, 'order' | 'orderNumber' | 'product' | 'way' | 'scenario' | 'paidAt'>;

const command = commandOf<Context>();
const appellant = (role: string) => (role === 'merchant' ? 'merchant' : 'buyer');

const commands = {
  uploadAcceptance: command({
    label: { zh: '上传交付验收件', en: 'Upload acceptance document' },
    description: {
      zh: '已为买家开通服务，提交验收材料与服务实际开通时间。',
      en: 'The service is opened for the buyer; hand in the acceptance document and the actual opening time.',
    },
    by: ['merchant'],
    input: z.object({ files: evidenceIds.min(1), openedAt: z.iso.datetime().optional(), comment: comment.optional() }),
    reason: 'optional',
    facts: ['evidence'],
    check: ({ input, context, facts, now }) => [
      ...evidenceProblems('files', input.files, facts),
      ...(input.openedAt && Date.parse(input.openedAt) < context.paidAt
        ? [{ path: 'openedAt', message: `expected an instant after payment (${new Date(context.paidAt).toISOString()}), got ${input.openedAt}` }]
        : []),
      ...(input.openedAt && Date.parse(input.openedAt) > now
        ? [{ path: 'openedAt', message: `expected an instant before now (${new Date(now).toISOString()}), got ${input.openedAt}` }]
        : []),
    ],
    rules: ['SUP-2', 'SUP-9', 'ORD-5'],
  }),
  passReview: command({
    label: { zh: '复核通过', en: 'Pass review' },
    description: { zh: '交付材料符合要求，转买家验收。', en: 'The delivery meets the requirements; pass it on to the buyer.' },
    by: ['reviewer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['SUP-2'],
  }),
  returnReview: command({
    label: { zh: '复核退回', en: 'Return from review' },
    description: {
      zh: '交付材料不符合要求，写明原因退回商家。',
      en: 'The delivery does not meet the requirements; return it to the merchant with the reason.',
    },
    by: ['reviewer'],
    input: z.object({}),
    reason: 'required',
    rules: ['SUP-2'],
  }),
  acceptDelivery: command({
    label: { zh: '确认验收', en: 'Accept delivery' },
    description: { zh: '确认服务已交付。验收后不能再退订（SUP-4）。', en: 'Confirm that the service is delivered. No refund is possible afterwards (SUP-4).' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    rules: ['SUP-2', 'SUP-4'],
  }),
  returnDelivery: command({
    label: { zh: '驳回交付', en: 'Return delivery' },
    description: { zh: '交付不符合约定，写明原因，商家将重新交付。', en: 'The delivery is not what was agreed; the merchant delivers again.' },
    by: ['buyer'],
    input: z.object({}),
    reason: 'required',
    rules: ['SUP-3'],
  }),
  fileAppeal: command({
    label: { zh: '发起申诉', en: 'File an appeal' },
    description: { zh: '冻结监管并请运营经理裁决，所有期限暂停。', en: 'Freeze supervision and call in the operations manager; every deadline stops.' },
    by: ['buyer', 'merchant'],
    input: z.object({ files: evidenceIds.default([]) }),
    reason: 'required',
    whenFrozen: 'allowed',
    facts: ['evidence'],
    requires: [{ code: 'APPEAL_STANDS', met: ({ context, actor }) => context.appeals[appellant(actor.role)] === null }],
    check: ({ input, facts }) => evidenceProblems('files', input.files, facts),
    destructive: true,
    rules: ['SUP-5', 'SUP-9'],
  }),
  withdrawAppeal: command({
    label: { zh: '撤回申诉', en: 'Withdraw the appeal' },
    description: {
      zh: '撤回自己的申诉；若对方申诉仍在，监管继续冻结。',
      en: 'Take your own appeal back; supervision stays frozen while the other party’s stands.',
    },
    by: ['buyer', 'merchant'],
    input: z.object({}),
    reason: 'optional',
    whenFrozen: 'allowed',
    requires: [{ code: 'NO_APPEAL_OF_YOURS', met: ({ context, actor }) => context.appeals[appellant(actor.role)] !== null }],
    rules: ['SUP-5'],
  }),
  decideAppeal: command({
    label: { zh: '裁决申诉', en: 'Decide the appeal' },
    description: {
      zh: '一次裁决了结双方申诉：驳回申诉（从冻结处继续）或代买家验收。',
      en: 'One decision closes both appeals: dismiss (go on where it froze) or complete (accept on the buyer’s behalf).',
    },
    by: ['operationsManager'],
    input: z.object({ decision: z.enum(['dismiss', 'complete']) }),
    reason: 'required',
    whenFrozen: 'allowed',
    requires: [{ code: 'NO_APPEAL_STANDS', met: ({ context }) => context.appeals.buyer !== null || context.appeals.merchant !== null }],
    destructive: true,
    rules: ['SUP-6'],
  }),
};

type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'orderSynchronised', { receipt: string }>
  | PlainEvent<'completionSyncDue' | 'completionWindowPassed' | 'decisionDue'>;

const noAppeals = { buyer: null, merchant: null };
const ofCompletion = { decideAppeal: { guard: 'isCompletion', target: 'accepted', actions: 'acceptOnBehalf' } } as const;

export const supervisionMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isReviewed: ({ context }) => context.scenario !== 'none',
    isOnlyAppeal: ({ context, event }) => context.appeals[appellant((event as Stamp).actor.role) === 'buyer' ? 'merchant' : 'buyer'] === null,
    isCompletion: ({ event }) => event.type === 'decideAppeal' && event.input.decision === 'complete',
  },
  actions: {
    keepDelivery: assign(({ context, event }) =>
      event.type !== 'uploadAcceptance'
        ? {}
        : {
            round: context.round + 1,
            acceptanceFiles: event.input.files,
            openedAt: event.input.openedAt ? Date.parse(event.input.openedAt) : context.openedAt,
            returnedBecause: null,
          },
    ),
    keepReturn: assign({ returnedBecause: ({ event }) => event.reason }),
    accept: assign({ acceptedAt: ({ event }) => event.at, acceptedBy: 'buyer' as const }),
    acceptOnBehalf: assign({ acceptedAt: ({ event }) => event.at, acceptedBy: 'operationsManager' as const }),
    keepAppeal: assign(({ context, event }) =>
      event.type !== 'fileAppeal'
        ? {}
        : {
            appeals: {
              ...context.appeals,
              [appellant(event.actor.role)]: { at: event.at, by: event.actor.id, reason: event.reason ?? '', files: event.input.files },
            },
          },
    ),
    dropAppeal: assign({ appeals: ({ context, event }) => ({ ...context.appeals, [appellant(event.actor.role)]: null }) }),
    keepDecision: assign(({ event }) =>
      event.type !== 'decideAppeal'
        ? {}
        : {
            appeals: noAppeals,
            lastDecision: { decision: event.input.decision, opinion: event.reason ?? '', at: event.at },
          },
    ),
    keepReceipt: assign(({ event }) => (event.type !== 'orderSynchronised' ? {} : { receipt: event.input.receipt })),
  },
}).createMachine({
  id: 'supervision',
  type: 'parallel',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    round: 0,
    openedAt: null,
    acceptanceFiles: [],
    returnedBecause: null,
    acceptedAt: null,
    acceptedBy: null,
    appeals: noAppeals,
    lastDecision: null,
    receipt: null,
  }),
  states: {
    progress: {
      initial: 'awaitingDelivery',
      states: {
        awaitingDelivery: {
          on: {
            uploadAcceptance: [
              { guard: 'isReviewed', target: 'awaitingReview', actions: 'keepDelivery' },
              { target: 'awaitingAcceptance', actions: 'keepDelivery' },
            ],
            ...ofCompletion,
          },
        },
        awaitingReview: {
          on: {
            passReview: 'awaitingAcceptance',
            returnReview: { target: 'awaitingDelivery', actions: 'keepReturn' },
            ...ofCompletion,
          },
        },
        awaitingAcceptance: {
          on: {
            acceptDelivery: { target: 'accepted', actions: 'accept' },
            returnDelivery: { target: 'awaitingDelivery', actions: 'keepReturn' },
            ...ofCompletion,
          },
        },
        accepted: { on: { completionSyncDue: 'synchronising', completionWindowPassed: {} } },
        synchronising: { on: { orderSynchronised: { target: 'finished', actions: 'keepReceipt' }, completionWindowPassed: {} } },
        finished: { type: 'final' },
      },
    },
    freeze: {
      initial: 'running',
      states: {
        running: { on: { fileAppeal: { target: 'frozen', actions: 'keepAppeal' } } },
        frozen: {
          on: {
            fileAppeal: { actions: 'keepAppeal' },
            withdrawAppeal: [{ guard: 'isOnlyAppeal', target: 'running', actions: 'dropAppeal' }, { actions: 'dropAppeal' }],
            decideAppeal: { target: 'running', actions: 'keepDecision' },
            decisionDue: {},
          },
        },
      },
    },
  },
});

/** Service supervision 服务监管 of one order: SUP-2 to SUP-6. */
export const supervision = {
  name: 'supervision',
  version: 1,
  prefix: 'SV',
  label: { zh: '服务监管', en: 'Service supervision' },
  machine: supervisionMachine,
  context,
  states: {
    awaitingDelivery: {
      zh: '待交付',
      en: 'Awaiting delivery',
      waitsFor: ['merchant'],
      description: {
        zh: '款项已托管，等待商家开通服务并上传验收件。',
        en: 'The money is held; the merchant opens the service and uploads the acceptance document.',
      },
    },
    awaitingReview: {
      zh: '待复核',
      en: 'Awaiting review',
      waitsFor: ['reviewer'],
      description: { zh: '等待华为云复核交付材料。', en: 'The reviewer checks the delivery before the buyer sees it.' },
    },
    awaitingAcceptance: {
      zh: '待验收',
      en: 'Awaiting acceptance',
      waitsFor: ['buyer'],
      description: { zh: '等待买家确认验收或驳回。', en: 'The buyer accepts the delivery or returns it with a reason.' },
    },
    accepted: {
      zh: '已验收，待同步',
      en: 'Accepted, not yet synchronised',
      waitsFor: ['system'],
      description: { zh: '验收完成，到时自动将订单同步为已完成。', en: 'Accepted; the order is synchronised to completed when the first try is due.' },
    },
    synchronising: {
      zh: '同步中',
      en: 'Synchronising',
      waitsFor: ['system'],
      description: { zh: '正在将订单同步为已完成，失败会按间隔重试。', en: 'The order is being synchronised to completed; a failed try is repeated.' },
    },
    finished: {
      zh: '监管完成',
      en: 'Finished',
      waitsFor: [],
      description: { zh: '订单已完成，监管结束。', en: 'The order is completed and supervision is over.' },
    },
    running: {
      zh: '进行中',
      en: 'Running',
      waitsFor: ['system'],
      description: { zh: '没有申诉。', en: 'No appeal stands.' },
    },
    frozen: {
      zh: '申诉冻结',
      en: 'Frozen by an appeal',
      waitsFor: ['operationsManager'],
      description: {
        zh: '申诉未结，除申诉相关操作外一律暂停，期限保留剩余时间。',
        en: 'An appeal stands; nothing but its own steps is possible, and every deadline keeps what was left of it.',
      },
    },
  },
  commands,
  events: {
    orderSynchronised: { zh: '订单已同步为已完成', en: 'Order synchronised to completed' },
  },
  deadlines: {
    completionSyncDue: {
      in: ['accepted'],
      due: ({ policies }) => spanOf(policies, 'completionSyncFirst'),
      label: { zh: '首次同步订单完成状态', en: 'First try of the completion sync' },
      rules: ['SUP-4'],
    },
    completionWindowPassed: {
      in: ['accepted', 'synchronising'],
      due: ({ policies }) => spanOf(policies, 'completionWindow'),
      label: { zh: '3 小时内完成同步', en: '3-hour window of the completion sync' },
      incident: true,
      rules: ['SUP-4'],
    },
    decisionDue: {
      in: ['frozen'],
      due: ({ policies }) => spanOf(policies, 'decisionWithin'),
      label: { zh: '3 个工作日内裁决申诉', en: 'Decide the appeal within 3 working days' },
      whenFrozen: 'run',
      incident: true,
      rules: ['SUP-6'],
    },
  },
  effects: {
    synchroniseOrder: {
      in: ['synchronising'],
      params: ({ context }: Given<Context>) => ({ orderNumber: context.orderNumber, acceptedAt: new Date(context.acceptedAt ?? 0).toISOString() }),
      result: z.object({ receipt: z.string().min(1).max(100) }),
      retry: { every: (policies) => spanOf(policies, 'completionSyncEvery'), attempts: () => null, timeoutMs: 10_000 },
      onLeave: 'cancel',
      whenFrozen: 'park',
      succeeded: 'orderSynchronised',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '同步订单为已完成', en: 'Synchronise the order to completed' },
      rules: ['SUP-4'],
    },
  },
  onEnter: {
    finished: [
      {
        tell: 'order',
        event: 'supervisionFinished',
        input: ({ context, now }: Entered<Context>) => ({ validFrom: context.openedAt ?? context.acceptedAt, finishedAt: now }),
      },
    ],
  },
  notices: {
    uploadAcceptance: [{ to: ['buyer'], text: { zh: '商家已提交交付验收件。', en: 'The merchant has handed in the acceptance document.' } }],
    returnReview: [{ to: ['merchant'], text: { zh: '复核退回，请重新交付。', en: 'The reviewer returned the delivery; deliver again.' } }],
    returnDelivery: [{ to: ['merchant'], text: { zh: '买家驳回交付，请重新交付。', en: 'The buyer returned the delivery; deliver again.' } }],
    fileAppeal: [{ to: ['operationsManager', 'buyer', 'merchant'], text: { zh: '有申诉，监管已冻结。', en: 'An appeal was filed; supervision is frozen.' } }],
    decideAppeal: [{ to: ['buyer', 'merchant'], text: { zh: '申诉已裁决。', en: 'The appeal was decided.' } }],
    completionWindowPassed: [
      { to: ['operationsManager'], text: { zh: '订单完成状态超过 3 小时未同步成功。', en: 'The completion sync has not succeeded within its window.' } },
    ],
    decisionDue: [{ to: ['operationsManager'], text: { zh: '申诉裁决已超期。', en: 'The decision on the appeal is overdue.' } }],
    orderSynchronised: [{ to: ['buyer', 'merchant'], text: { zh: '订单已完成。', en: 'The order is completed.' } }],
  },
  policies: {
    completionSyncFirst: { default: minutes(30), label: { zh: '验收后首次同步', en: 'First completion sync after acceptance' }, rule: 'SUP-4' },
    completionSyncEvery: { default: minutes(5), label: { zh: '同步重试间隔', en: 'Completion sync repeated every' }, rule: 'SUP-4' },
    completionWindow: { default: hours(3), label: { zh: '同步须成功的时限', en: 'Completion sync must have succeeded within' }, rule: 'SUP-4' },
    decisionWithin: { default: workingDays(3), label: { zh: '申诉裁决时限', en: 'Decision on an appeal within' }, rule: 'SUP-6' },
  },
  policyRules: [
    {
      policies: ['completionSyncFirst', 'completionWindow'],
      label: { zh: '首次同步早于同步时限', en: 'the first completion sync comes before its window ends' },
      holds: (policies) => isShorter(spanOf(policies, 'completionSyncFirst'), spanOf(policies, 'completionWindow')),
    },
    {
      policies: ['completionSyncEvery', 'completionWindow'],
      label: { zh: '同步重试间隔短于同步时限', en: 'the completion sync is repeated within its window' },
      holds: (policies) => isShorter(spanOf(policies, 'completionSyncEvery'), spanOf(policies, 'completionWindow')),
    },
  ],
  policyScope: ({ product }: Context) => product ?? null,
  rules: ['SUP-1', 'SUP-2', 'SUP-3', 'SUP-4', 'SUP-5', 'SUP-6', 'SUP-11'],
} satisfies Lifecycle;
