import { assign, setup } from 'xstate';
import { z } from 'zod';
import { type Context, context, type Input, subjectsFor, wish, written } from './billExport/context.ts';
import { commandOf, type Given, type Lifecycle, type PlainEvent } from './declaration.ts';
import { expectedField, oneOf, spanProblems } from './problem.ts';
import { partyOfRole } from './roles.ts';
import { countOf, days, minutes, spanOf } from './spans.ts';

type Events =
  | PlainEvent<'exportWritten', z.output<typeof written>>
  | PlainEvent<'exportFailed', { code: string; message: string }>
  | PlainEvent<'exportRemoved', { removed: boolean }>
  | PlainEvent<'exportExpired'>;

const blank = { rows: null, bytes: null, sha256: null, common: null, readyAt: null, failure: null };

export const billExportMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    keepFile: assign(({ event }) => (event.type === 'exportWritten' ? { ...event.input, readyAt: event.at } : {})),
    keepFailure: assign(({ event }) => (event.type === 'exportFailed' ? { failure: event.input.message } : {})),
  },
}).createMachine({
  id: 'billExport',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, ...blank }),
  initial: 'writing',
  states: {
    writing: {
      on: { exportWritten: { target: 'ready', actions: 'keepFile' }, exportFailed: { target: 'failed', actions: 'keepFailure' } },
    },
    ready: { on: { exportExpired: 'removing' } },
    removing: { on: { exportRemoved: 'removed' } },
    removed: { type: 'final' },
    failed: { type: 'final' },
  },
});

/** BIL-6: an export as a job with progress; its file is kept 3 days from completion, then gone. */
export const billExport = {
  name: 'billExport',
  version: 1,
  prefix: 'XP',
  label: { zh: '导出记录', en: 'Export' },
  machine: billExportMachine,
  context,
  states: {
    writing: {
      zh: '导出中',
      en: 'Writing',
      waitsFor: ['system'],
      description: { zh: '正在导出，可查看进度。', en: 'The file is being written; its progress is shown.' },
    },
    ready: {
      zh: '可下载',
      en: 'Ready',
      waitsFor: ['system'],
      description: { zh: '文件可下载，完成后保留 3 天。', en: 'The file can be downloaded for 3 days from its completion.' },
    },
    removing: {
      zh: '清理中',
      en: 'Being removed',
      waitsFor: ['system'],
      description: { zh: '保留期已过，正在删除文件。', en: 'Its time is over; the file is being deleted.' },
    },
    removed: { zh: '已删除', en: 'Removed', waitsFor: [], description: { zh: '文件已删除，可重新导出。', en: 'The file is gone; export again.' } },
    failed: { zh: '导出失败', en: 'Failed', waitsFor: [], description: { zh: '未能导出，原因见记录。', en: 'It could not be written; the record says why.' } },
  },
  opening: {
    name: 'requestExport',
    command: commandOf()({
      label: { zh: '导出', en: 'Export' },
      description: { zh: '把您有权查看的记录导出为文件，完成后保留 3 天。', en: 'Writes the records that you may see into a file, kept for 3 days.' },
      by: ['buyer', 'merchant', 'serviceProvider', 'operationsManager'],
      input: wish,
      reason: 'optional',
      check: ({ input: { what, from, before }, actor: { role } }) => [
        ...(subjectsFor(role).includes(what) ? [] : [expectedField('what', oneOf(subjectsFor(role)), what)]),
        ...spanProblems(from, before),
      ],
      rules: ['BIL-6'],
    }),
    start: ({ input, actor }) => {
      const { buyer, merchant, from, before, ...wanted } = input as z.output<typeof wish>;
      const instantOf = (text: string | undefined) => (text === undefined ? null : Date.parse(text));
      const { id, role, party } = actor;
      return {
        input: {
          ...wanted,
          buyer: buyer ?? null,
          merchant: merchant ?? null,
          from: instantOf(from),
          before: instantOf(before),
          requestedBy: { id, role, party },
        },
        parties: { buyer: '', merchant: '', ...(role in partyOfRole ? { [partyOfRole[role as keyof typeof partyOfRole]]: party ?? '' } : {}) },
      };
    },
  },
  commands: {},
  events: {
    exportWritten: { zh: '导出完成', en: 'Written' },
    exportFailed: { zh: '导出失败', en: 'Could not be written' },
    exportRemoved: { zh: '文件已删除', en: 'File removed' },
  },
  deadlines: {
    exportExpired: {
      in: ['ready'],
      due: ({ policies }) => spanOf(policies, 'exportKept'),
      label: { zh: '导出文件保留 3 天', en: 'The file is kept for 3 days' },
      rules: ['BIL-6'],
    },
  },
  effects: {
    writeExport: {
      in: ['writing'],
      params: ({ context: { rows, bytes, sha256, common, readyAt, failure, ...wanted }, policies }: Given<Context>) => ({
        ...wanted,
        most: countOf(policies, 'exportRows'),
      }),
      result: written,
      retry: { every: () => ({ ms: 10_000 }), attempts: () => 10, timeoutMs: 180_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'exportWritten',
      failed: { event: 'exportFailed' },
      exhausted: 'incident',
      label: { zh: '写出文件', en: 'Write the file' },
      rules: ['BIL-6'],
    },
    removeExport: {
      in: ['removing'],
      params: () => ({}),
      result: z.object({ removed: z.boolean() }),
      retry: { every: () => minutes(1), attempts: () => null, timeoutMs: 30_000 },
      onLeave: 'finish',
      whenFrozen: 'run',
      succeeded: 'exportRemoved',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '删除文件', en: 'Delete the file' },
      rules: ['BIL-6'],
    },
  },
  onEnter: {},
  notices: {},
  policies: {
    exportKept: { default: days(3), label: { zh: '导出文件保留', en: 'Exports kept for' }, rule: 'BIL-6' },
    exportRows: { default: 1_000_000, most: 5_000_000, label: { zh: '单次导出行数上限', en: 'Rows that one export may have' }, rule: 'BIL-6' },
  },
  whenMerchantFrozen: 'allowed',
  rules: ['BIL-6'],
} satisfies Lifecycle;
