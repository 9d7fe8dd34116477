import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type PlainEvent } from '../declaration.ts';
import type { Answered, Context, Input } from './context.ts';

const command = commandOf<Context>();

export const commands = {
  callAgain: command({
    label: { zh: '重新调用', en: 'Call again' },
    description: {
      zh: '修复接口后立即再调用一次；代替等待中的自动调用，正在进行的调用不会重复。',
      en: 'Calls once more at once, after the endpoint was mended; takes the place of a call that was to come, and never doubles one that is running.',
    },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'optional',
    rules: ['PRD-5'],
  }),
};

type Failure = { code: string; message: string };
type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'callAnswered' | 'instanceReady', Answered>
  | PlainEvent<'callExhausted' | 'callRefused', Failure>
  | PlainEvent<'callWithdrawn'>;

export const productionCallMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: { isInProgress: ({ event }) => event.type === 'callAnswered' && event.input.inProgress },
  actions: {
    keepAnswer: assign(({ event }) => (event.type === 'callAnswered' || event.type === 'instanceReady' ? { answer: event.input, stoppedBecause: null } : {})),
    keepFailure: assign(({ event }) =>
      event.type === 'callExhausted' || event.type === 'callRefused' ? { stoppedBecause: `${event.input.code}: ${event.input.message}`.slice(0, 500) } : {},
    ),
  },
}).createMachine({
  id: 'productionCall',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, answer: null, stoppedBecause: null }),
  initial: 'calling',
  states: {
    calling: {
      on: {
        callAgain: {},
        callAnswered: [
          { guard: 'isInProgress', target: 'confirming', actions: 'keepAnswer' },
          { target: 'succeeded', actions: 'keepAnswer' },
        ],
        callExhausted: { target: 'stopped', actions: 'keepFailure' },
        callRefused: { target: 'stopped', actions: 'keepFailure' },
        callWithdrawn: 'withdrawn',
      },
    },
    confirming: {
      on: {
        callAgain: {},
        instanceReady: { target: 'succeeded', actions: 'keepAnswer' },
        callExhausted: { target: 'stopped', actions: 'keepFailure' },
        callRefused: { target: 'stopped', actions: 'keepFailure' },
        callWithdrawn: 'withdrawn',
      },
    },
    stopped: { on: { callAgain: 'calling', callWithdrawn: 'withdrawn' } },
    succeeded: { type: 'final' },
    withdrawn: { type: 'final' },
  },
});
