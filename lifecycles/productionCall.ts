import { failureOf } from './callFailure.ts';
import type { Effect, Entered, Given, Lifecycle } from './declaration.ts';
import type { Instance } from './instance.ts';
import { answerSchema, type Context, context } from './production/context.ts';
import { commands, productionCallMachine } from './production/machine.ts';
import { attempts, every, isCreating, policies, putOff } from './production/rhythm.ts';
import { countOf, spanOf } from './spans.ts';

/** What the client needs of a call; the product says where to, at the moment of each try. */
const params = ({ context: { answer, stoppedBecause: _, ...call }, parties }: Given<Context>) => ({
  ...call,
  instanceId: answer?.instanceId ?? call.instanceId,
  buyer: parties.buyer,
});

const shared = {
  params,
  result: answerSchema,
  onLeave: 'finish',
  whenFrozen: 'run',
  failed: { event: 'callRefused' },
  exhausted: { event: 'callExhausted' },
  againOn: ['callAgain'],
  taskQueue: 'merchants',
  // a merchant that hangs keeps at most so many workers waiting
  lane: { of: ({ parties }: Given<Context>) => parties.merchant, atMost: 4 },
} satisfies Partial<Effect<Context, typeof answerSchema>>;

const failing = [
  {
    to: ['merchant' as const],
    topic: 'services' as const,
    text: {
      zh: '生产接口调用失败，将按间隔重试。请在生产接口消息中查看原因。',
      en: 'A call to your production interface failed and will be repeated. See the production interface messages for why.',
    },
  },
];

const isFor =
  (caller: Context['caller'], also: (context: Context) => boolean = () => true) =>
  ({ context: call, refs }: Entered<Context>) =>
    call.caller === caller && refs[caller] !== undefined && also(call);

/** The order may have ended meanwhile, so it is told only when it can still take it. */
const isCaller =
  (ref: string) =>
  (member: Instance, { refs }: Entered) =>
    member.id === refs[ref];

/** One call to a merchant's server with all its tries: PRD-1 to PRD-5. One per order (or instance) and activity. */
export const productionCall = {
  name: 'productionCall',
  version: 1,
  prefix: 'PC',
  label: { zh: '生产接口调用', en: 'Production interface call' },
  machine: productionCallMachine,
  context,
  states: {
    calling: {
      zh: '调用中',
      en: 'Calling',
      waitsFor: ['system'],
      description: { zh: '正在调用商家接口，失败按间隔重试。', en: 'The merchant’s server is being called; a failed call is repeated.' },
    },
    confirming: {
      zh: '创建中',
      en: 'Being created',
      waitsFor: ['system'],
      description: { zh: '商家正在创建实例，定时查询结果。', en: 'The merchant is making the instance; it is asked until it is there.' },
    },
    stopped: {
      zh: '已停止',
      en: 'Stopped',
      waitsFor: ['merchant', 'operationsManager'],
      description: {
        zh: '次数用尽，不再自动调用；修复后可重新调用。',
        en: 'All tries are used up; nothing is called by itself. Mend the endpoint, then call again.',
      },
    },
    succeeded: { zh: '成功', en: 'Succeeded', waitsFor: [], description: { zh: '商家已确认。', en: 'The merchant has done it.' } },
    withdrawn: {
      zh: '已撤销',
      en: 'Withdrawn',
      waitsFor: [],
      description: { zh: '不再需要，已停止调用。', en: 'No longer wanted, so it is not called any more.' },
    },
  },
  commands,
  events: {
    callAnswered: { zh: '商家已应答', en: 'The merchant answered' },
    instanceReady: { zh: '实例已创建', en: 'The instance is there' },
    callExhausted: { zh: '调用次数用尽', en: 'All tries are used up' },
    callRefused: { zh: '接口拒绝调用', en: 'The call was refused' },
    callWithdrawn: { zh: '调用已撤销', en: 'The call is withdrawn' },
  },
  deadlines: {},
  effects: {
    callMerchant: {
      ...shared,
      in: ['calling'],
      retry: { every, attempts, putOff, timeoutMs: 6_000 },
      succeeded: 'callAnswered',
      failing,
      label: { zh: '调用商家接口', en: 'Call the merchant' },
      rules: ['PRD-1', 'PRD-4'],
    } satisfies Effect<Context, typeof answerSchema>,
    queryInstance: {
      ...shared,
      in: ['confirming'],
      retry: { every: (set) => spanOf(set, 'queryEvery'), attempts: (set) => countOf(set, 'queryAttempts'), putOff, timeoutMs: 6_000 },
      succeeded: 'instanceReady',
      label: { zh: '查询实例', en: 'Ask about the instance' },
      rules: ['PRD-1'],
    } satisfies Effect<Context, typeof answerSchema>,
  },
  onEnter: {
    succeeded: [
      {
        tellMembers: 'order',
        event: 'callSucceeded',
        when: isFor('order'),
        where: isCaller('order'),
        input: ({ context: { activity, answer } }) => ({ activity, ...answer }),
      },
      {
        tellMembers: 'serviceInstance',
        event: 'callSucceeded',
        when: isFor('serviceInstance'),
        where: isCaller('serviceInstance'),
        input: ({ context: { activity, answer } }) => ({ activity, ...answer }),
      },
    ],
    stopped: [
      {
        tellMembers: 'order',
        event: 'callGivenUp',
        when: isFor('order', isCreating),
        where: isCaller('order'),
        input: ({ context: { activity, stoppedBecause } }) => ({ activity, because: stoppedBecause }),
      },
    ],
  },
  // PRD-6: it counts against the product
  onEvent: { callExhausted: [{ create: 'callFailure', ref: 'call', when: ({ context }) => isCreating(context), input: failureOf }] },
  notices: {
    callExhausted: [
      {
        to: ['merchant', 'operationsManager'],
        topic: 'services',
        text: {
          zh: '生产接口调用次数用尽，已停止。修复后请在生产接口消息中重新调用。',
          en: 'A production interface call has used up its tries and stopped. Mend the endpoint, then call again.',
        },
      },
    ],
    callRefused: [
      {
        to: ['merchant', 'operationsManager'],
        topic: 'services',
        text: { zh: '生产接口地址不可用，调用已停止。', en: 'The production interface’s address cannot be used; the call has stopped.' },
      },
    ],
  },
  policies,
  policyScope: ({ product }: Context) => product,
  rules: ['PRD-1', 'PRD-2', 'PRD-3', 'PRD-4', 'PRD-5'],
} satisfies Lifecycle;
