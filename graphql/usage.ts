import { type UsageProblemRow, type UsageRow, usageOf, usageProblemsOf } from '../db/read/usage.ts';
import type { Builder } from './builder.ts';
import { type Connections, type PageArgs, pageComplexity } from './connection.ts';
import type { Context } from './context.ts';
import { toRowId } from './ids.ts';
import type { Texts } from './language.ts';
import { idPageOf, pageOfIds } from './notification.ts';

const nobody = { edges: [], hasNextPage: false, hasPreviousPage: false };

/** Usage records 话单 that merchants pushed, and those that were not taken (MET-3). */
export function addUsage(builder: Builder, { connections, texts }: { connections: Connections; texts: Texts }): void {
  const state = builder.enumType('UsageState', {
    values: {
      waiting: { description: 'Kept; its instance has not counted it yet.' },
      counted: { description: 'The instance has counted it.' },
      refused: { description: 'The rules of the instance refused it; message says why.' },
    } as const,
  });
  const record = builder.objectRef<UsageRow>('UsageRecord').implement({
    description: 'Usage of one instance over one span, as its merchant reported it (MET-3).',
    fields: (t) => ({
      id: t.id({ resolve: ({ id }) => toRowId('UsageRecord', id) }),
      meteringId: t.exposeString('meteringId', { description: 'The metering number; the same again counts nothing.' }),
      packageInstance: t.exposeString('packageInstance', {
        nullable: true,
        description: '用完即停: the package it is deducted from, as the merchant names it.',
      }),
      usage: t.exposeString('usage', { description: 'Decimal, four places.' }),
      recordAt: t.field({ type: 'DateTime', resolve: (row) => row.recordAt }),
      beginAt: t.field({ type: 'DateTime', resolve: (row) => row.beginAt }),
      endAt: t.field({ type: 'DateTime', resolve: (row) => row.endAt }),
      receivedAt: t.field({ type: 'DateTime', resolve: (row) => row.receivedAt }),
      late: t.exposeBoolean('late', { description: 'It came after its time (hourly 2 h, daily 01:00 Beijing); it counts all the same.' }),
      state: t.field({ type: state, resolve: ({ revision, code }) => (code !== null ? 'refused' : revision !== null ? 'counted' : 'waiting') }),
      revision: t.exposeInt('revision', { nullable: true, description: 'The revision of the instance that counted it.' }),
      code: t.exposeString('code', { nullable: true }),
      message: t.string({ nullable: true, resolve: ({ message }, _args, { language }) => message?.[language] ?? null }),
    }),
  });
  const problem = builder.objectRef<UsageProblemRow>('UsageProblem').implement({
    description: 'A usage record that was not taken; the same again is shown once.',
    fields: (t) => ({
      id: t.id({ resolve: ({ id }) => toRowId('UsageProblem', id) }),
      merchant: t.exposeString('merchant'),
      meteringId: t.exposeString('meteringId', { nullable: true }),
      code: t.exposeString('code'),
      message: t.string(texts.text<UsageProblemRow>(({ message }) => message)),
      record: t.field({ type: 'JSON', description: 'As it came, at most 4,000 characters.', resolve: (row) => row.record }),
      receivedAt: t.field({ type: 'DateTime', resolve: (row) => row.receivedAt }),
    }),
  });

  const records = connections.connectionOf('UsageRecord', record);
  builder.queryField('usageRecords', (t) =>
    t.field({
      type: records as never,
      description: 'Usage of one service instance, newest first: its buyer, its merchant and operators see it (MET-3).',
      args: { ...connections.args, instance: t.arg.id({ required: true }) },
      authScopes: { as: ['buyer', 'merchant', 'operationsManager', 'system'] },
      complexity: pageComplexity,
      resolve: (async (_root: unknown, { instance, ...args }: PageArgs & { instance: string }, { reads }: Context) => {
        const page = idPageOf(args);
        const row = await reads.find(instance);
        return row ? pageOfIds(await usageOf(reads.reader, row.instance.id, page), page) : nobody;
      }) as never,
    }),
  );
  const problems = connections.connectionOf('UsageProblem', problem);
  builder.queryField('usageProblems', (t) =>
    t.field({
      type: problems as never,
      description: 'Usage records that were not taken, with why, newest first: a merchant sees its own (MET-3).',
      args: { ...connections.args, merchant: t.arg.string({ required: false, description: 'For operators; left out: everyone’s.' }) },
      authScopes: { as: ['merchant', 'operationsManager', 'system'] },
      complexity: pageComplexity,
      resolve: (async (_root: unknown, { merchant, ...args }: PageArgs & { merchant?: string | null }, { reads, actor }: Context) => {
        const page = idPageOf(args);
        return pageOfIds(await usageProblemsOf(reads.reader, actor.party ?? merchant ?? null, page), page);
      }) as never,
    }),
  );
}
