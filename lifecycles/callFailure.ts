import { setup } from 'xstate';
import { z } from 'zod';
import type { Given, Lifecycle, PlainEvent } from './declaration.ts';
import { failedCall } from './product/context.ts';
import { minutes } from './spans.ts';

const context = failedCall.extend({ product: z.string() });
type Context = z.output<typeof context>;

export const callFailureMachine = setup({
  types: { context: {} as Context, events: {} as PlainEvent<'failureCounted', { counted: boolean }>, input: {} as Context },
}).createMachine({
  id: 'callFailure',
  options: { maxIterations: 100 },
  context: ({ input }) => input,
  initial: 'reporting',
  states: { reporting: { on: { failureCounted: 'counted' } }, counted: { type: 'final' } },
});

/** PRD-6: an exhausted call to open or upgrade, on its way to the product that it counts against, which has a clock of its own. */
export const callFailure = {
  name: 'callFailure',
  version: 1,
  prefix: 'CF',
  label: { zh: '接口失败登记', en: 'Call failure' },
  machine: callFailureMachine,
  context,
  states: {
    reporting: {
      zh: '登记中',
      en: 'Being counted',
      waitsFor: ['system'],
      description: { zh: '正在计入商品的接口失败次数。', en: 'It is being counted against its product.' },
    },
    counted: { zh: '已登记', en: 'Counted', waitsFor: [], description: { zh: '已计入商品。', en: 'It counts against its product.' } },
  },
  commands: {},
  events: { failureCounted: { zh: '已登记', en: 'Counted' } },
  deadlines: {},
  effects: {
    reportFailure: {
      in: ['reporting'],
      params: ({ context: of }: Given<Context>) => ({ ...of }),
      result: z.object({ counted: z.boolean() }),
      retry: { every: () => minutes(1), attempts: () => null, timeoutMs: 10_000 },
      quick: true,
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'failureCounted',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '计入商品', en: 'Count against the product' },
      rules: ['PRD-6'],
    },
  },
  onEnter: {},
  notices: {},
  policies: {},
  rules: ['PRD-6'],
} satisfies Lifecycle;

/** What an exhausted call begins this with. */
export const failureOf = ({
  id,
  number,
  now,
  context: call,
}: {
  id: string;
  number: string;
  now: number;
  context: { activity: string; product: string };
}): Context => ({ call: id, number, activity: call.activity, at: now, product: call.product });
