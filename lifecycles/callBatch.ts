import { assign, setup } from 'xstate';
import type { z } from 'zod';
import { type Choice, choice, choiceProblems, chosen } from './callBatch/choice.ts';
import { type Context, context, counts, type Input } from './callBatch/context.ts';
import { commandOf, type Given, type Lifecycle, type PlainEvent, type Posted } from './declaration.ts';
import { row } from './organisation/rows.ts';
import { countOf } from './spans.ts';

type Events = PlainEvent<'batchCalled', z.output<typeof counts>>;

export const callBatchMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: { keepCounts: assign(({ event }) => ({ counts: event.input })) },
}).createMachine({
  id: 'callBatch',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, counts: null }),
  initial: 'sending',
  states: { sending: { on: { batchCalled: { target: 'ended', actions: 'keepCounts' } } }, ended: { type: 'final' } },
});

/** PRD-5: calls made again in bulk, a few of each merchant at a time, each with what became of it. */
export const callBatch = {
  name: 'callBatch',
  version: 1,
  prefix: 'CB',
  label: { zh: '批量重新调用', en: 'Bulk of calls' },
  machine: callBatchMachine,
  context,
  states: {
    sending: {
      zh: '重新调用中',
      en: 'Calling again',
      waitsFor: ['system'],
      description: { zh: '逐个重新调用，每个商家同时只有几个。', en: 'The calls are made again, a few of each merchant at a time.' },
    },
    ended: {
      zh: '已处理完',
      en: 'All called',
      waitsFor: [],
      description: { zh: '每个调用都有了结果。', en: 'Every call has its outcome.' },
    },
  },
  opening: {
    name: 'callAgainInBulk',
    command: commandOf()({
      label: { zh: '批量重新调用', en: 'Call again in bulk' },
      description: {
        zh: '修复接口后，把选中的生产接口调用逐个重新调用；规则与单个重新调用相同。',
        en: 'After the endpoint was mended, makes the chosen production calls again, one by one, by the rules of calling one again.',
      },
      by: ['merchant', 'operationsManager'],
      input: choice,
      reason: 'required',
      facts: ['callsChosen'],
      check: ({ input }) => choiceProblems(input as Choice),
      refuse: ({ facts, policies }) => {
        const { count } = facts.callsChosen ?? { count: 0 };
        const most = countOf(policies, 'batchCalls');
        if (count === 0) return { code: 'NO_CALLS_CHOSEN' };
        return count > most ? { code: 'TOO_MANY_CALLS', details: { most } } : null;
      },
      rules: ['PRD-5'],
    }),
    start: ({ input, actor: { id, role, party }, facts }) => ({
      input: { choice: chosen(input as Choice), requestedBy: { id, role, party }, chosen: facts.callsChosen?.count ?? 0 },
      parties: { buyer: '', merchant: role === 'merchant' ? (party ?? '') : '' },
    }),
  },
  commands: {},
  events: { batchCalled: { zh: '全部处理完', en: 'All called' } },
  deadlines: {},
  effects: {
    callAllAgain: {
      in: ['sending'],
      params: ({ policies }: Given<Context>) => ({ perMerchant: countOf(policies, 'batchPerMerchant') }),
      result: counts,
      // a try works for its time and the next goes on where it stopped, until every call has an outcome
      retry: { every: () => ({ ms: 500 }), attempts: () => null, timeoutMs: 5_000 },
      onLeave: 'finish',
      whenFrozen: 'run',
      succeeded: 'batchCalled',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '逐个重新调用', en: 'Call one by one' },
      rules: ['PRD-5'],
    },
  },
  onEnter: {},
  rows: {
    callAgainInBulk: ({ context: { choice: meant, requestedBy, chosen: most } }: Posted<Context>) => [
      row('callsChosen', { ...meant, seen_by: requestedBy.role === 'merchant' ? requestedBy.party : null, most }),
    ],
  },
  notices: {},
  policies: {
    batchCalls: { default: 1_000, most: 10_000, label: { zh: '一次批量重新调用上限', en: 'Calls that one bulk may have' }, rule: 'PRD-5' },
    batchPerMerchant: { default: 8, most: 100, label: { zh: '批量中每个商家同时调用', en: 'Calls of a bulk to one merchant at a time' }, rule: 'PRD-5' },
  },
  rules: ['PRD-5'],
} satisfies Lifecycle;
