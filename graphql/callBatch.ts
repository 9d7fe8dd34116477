import { type BatchItemRow, batchCounts, batchItemsOf } from '../db/read/callBatch.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import { type ItemOutcome, outcomes } from '../lifecycles/callBatch/context.ts';
import type { Builder } from './builder.ts';
import { addCallPreview } from './callPreview.ts';
import { type Connections, encodeCursor, isInt, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Inputs } from './inputs.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems } from './problem.ts';

const descriptions: Record<ItemOutcome, string> = {
  waiting: 'Its turn has not come.',
  sent: 'Called again; the try has not ended.',
  succeeded: 'Called again, and the merchant has answered.',
  failed: 'Called again, and the try failed: see the code.',
  refused: 'Not called: a rule said no, or there is no such call to be seen.',
  alreadyRunning: 'A try was under way when its turn came; none was added.',
  succeededMeanwhile: 'Done before its turn came.',
};

const placeOf = (cursor: string | null | undefined) => placeIn(cursor, { no: isInt })?.no ?? null;

/** PRD-5: how far a bulk is, what became of each of its calls, and what one would do. */
export function addCallBatches(
  builder: Builder,
  { lifecycles, connections, problems, inputs, texts }: { lifecycles: Lifecycles; connections: Connections; problems: Problems; inputs: Inputs; texts: Texts },
): void {
  const { text } = texts;
  const outcome = builder.enumType('CallAgainOutcome', {
    values: Object.fromEntries(outcomes.map((name) => [name, { description: descriptions[name] }])) as Record<ItemOutcome, { description: string }>,
  });
  const item = builder.objectRef<BatchItemRow>('CallBatchItem').implement({
    fields: (t) => ({
      call: t.field({
        type: lifecycles.lifecycle,
        nullable: true,
        description: 'Null where there is none that the caller may see.',
        resolve: async (row, _args, { reads }) => {
          const found = await reads.instances.load(row.call);
          return (found?.instance.lifecycle === 'productionCall' ? found : null) as never;
        },
      }),
      outcome: t.field({ type: outcome, resolve: (row) => row.outcome }),
      code: t.exposeString('code', { nullable: true, description: 'Of the refusal, or the result code of the try.' }),
      message: t.string({ ...text<BatchItemRow>(({ message }) => message ?? { zh: '', en: '' }), description: 'The code as a sentence; empty without one.' }),
      sentAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.sentAt }),
      endedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.endedAt }),
    }),
  });
  const progress = builder.objectRef<Partial<Record<ItemOutcome, number>>>('CallBatchProgress').implement({
    description: 'How many calls are how; together all that were chosen.',
    fields: (t) => Object.fromEntries(outcomes.map((name) => [name, t.int({ description: descriptions[name], resolve: (parent) => parent[name] ?? 0 })])),
  });
  builder.objectFields(lifecycles.named('callBatch').ref, (t) => ({
    progress: t.field({ type: progress, complexity: 10, resolve: ({ instance }: InstanceRow, _args, { reads }) => batchCounts(reads.reader, instance.id) }),
    items: t.field({
      type: connections.connectionOf('CallBatchItem', item),
      description: 'In the order of their turns.',
      args: {
        first: t.arg.int({ required: false }),
        after: t.arg.string({ required: false }),
        outcome: t.arg({ type: outcome, required: false }),
      },
      complexity: pageComplexity,
      resolve: async ({ instance }: InstanceRow, { outcome: only, ...args }: PageArgs & { outcome?: ItemOutcome | null }, { reads }) => {
        const { limit } = sizeOf(args);
        const after = placeOf(args.after);
        const rows = await batchItemsOf(reads.reader, instance.id, { after, limit, outcome: only ?? null });
        return {
          ...pageFrom(rows, { limit, backwards: false, hasOther: after !== null, cursorOf: (row) => encodeCursor([row.no]) }),
          count: async () => {
            const counts = await batchCounts(reads.reader, instance.id);
            const value = only ? (counts[only] ?? 0) : Object.values(counts).reduce((sum, many) => sum + many, 0);
            return { value, exact: true };
          },
        };
      },
    }),
  }));
  addCallPreview(builder, { lifecycles, problems, inputs, texts });
}
