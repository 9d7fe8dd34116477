import { type ChosenCall, chosenCalls, settingsNow } from '../db/read/callBatch.ts';
import { shapeProblems } from '../db/shapes.ts';
import { unwritableText } from '../db/storable.ts';
import { type Choice, choice, choiceProblems, chosen } from '../lifecycles/callBatch/choice.ts';
import { invalid, messageOf, notFound, refused } from '../lifecycles/problem.ts';
import { countOf } from '../lifecycles/spans.ts';
import { availableCommandsOf } from './availableCommand.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import { toId } from './ids.ts';
import type { Inputs } from './inputs.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems, ShownProblem } from './problem.ts';
import { fieldsOf, withoutNulls } from './shape.ts';

type Item = ChosenCall & { whyNot: ShownProblem | null };
type Preview = { kind: 'Preview'; items: Item[]; problem: ShownProblem | null };
type Counted = { merchant: string; items: Item[] };
type Refusals = { problem: ShownProblem; count: number };

/** So many of a preview's calls are listed; all are counted. */
const listed = 200;
const isCalled = ({ whyNot, running }: Item) => whyNot === null && !running;

/** The answer that the command would give each call now: the same question, asked of the same rules. */
async function judged(calls: ChosenCall[], context: Context): Promise<Item[]> {
  const rows = await context.reads.instances.loadMany(calls.map(({ call }) => call));
  return Promise.all(
    calls.map(async (one, index) => {
      const row = rows[index];
      if (row instanceof Error) throw row;
      if (!row || one.merchant === null) return { ...one, whyNot: notFound(toId('productionCall', one.call)) };
      const command = (await availableCommandsOf(row, context)).find(({ name }) => name === 'callAgain');
      return { ...one, whyNot: command?.why()?.problem() ?? null };
    }),
  );
}

async function previewOf(given: unknown, context: Context): Promise<Preview | ShownProblem> {
  const fields = unwritableText(given, '');
  if (fields.length > 0) return invalid(fields);
  const parsed = choice.safeParse(given);
  if (!parsed.success) return invalid(shapeProblems(choice, given, 'choice'));
  const problems = choiceProblems(parsed.data as Choice);
  if (problems.length > 0) return invalid(problems);
  const { reader } = context.reads;
  const most = countOf((await settingsNow(reader)).policiesOf(context.core.registry.of('callBatch'), {}), 'batchCalls');
  const calls = await chosenCalls(reader, chosen(parsed.data), most + 1);
  const problem = calls.length === 0 ? refused('NO_CALLS_CHOSEN') : calls.length > most ? refused('TOO_MANY_CALLS', { most }) : null;
  return { kind: 'Preview', items: await judged(calls.slice(0, most), context), problem };
}

/** What calling again in bulk would do, before it is done (PRD-5). */
export function addCallPreview(
  builder: Builder,
  { lifecycles, problems, inputs, texts: { text } }: { lifecycles: Lifecycles; problems: Problems; inputs: Inputs; texts: Texts },
): void {
  const fields = fieldsOf(choice, 'callAgainInBulk');
  const shape = { kind: 'object' as const, fields, schema: choice, optional: false, nullable: false, fallback: undefined };
  const input = builder.inputType('CallChoiceInput', {
    description: 'Production calls by id, or all that every member says of.',
    fields: (t) => inputs.fieldsFor(t, 'CallAgainInBulk', fields) as never,
  });
  const merchant = builder.objectRef<Counted>('CallsAgainOfMerchant').implement({
    fields: (t) => ({
      merchant: t.exposeString('merchant'),
      chosen: t.int({ resolve: ({ items }) => items.length }),
      again: t.int({ description: 'Would be called again.', resolve: ({ items }) => items.filter(isCalled).length }),
    }),
  });
  const refusals = builder.objectRef<Refusals>('CallsAgainRefused').implement({
    fields: (t) => ({
      code: t.field({ type: problems.code, resolve: ({ problem }) => problem.code }),
      message: t.string({ ...text<Refusals>(({ problem }) => messageOf(problem)), description: 'Of the first of them.' }),
      count: t.exposeInt('count'),
    }),
  });
  const item = builder.objectRef<Item>('CallAgainPreview').implement({
    fields: (t) => ({
      call: t.field({
        type: lifecycles.lifecycle,
        nullable: true,
        description: 'Null where there is none that the caller may see.',
        resolve: async (one, _args, { reads }) => (one.merchant === null ? null : await reads.instances.load(one.call)) as never,
      }),
      again: t.boolean({ description: 'It would be called again.', resolve: isCalled }),
      running: t.exposeBoolean('running', { description: 'It is being called at this moment, and would be left as it is.' }),
      whyNot: t.field({ type: problems.problem, nullable: true, resolve: ({ whyNot }) => whyNot }),
    }),
  });
  const preview = builder.objectRef<Preview>('CallsAgainPreview').implement({
    fields: (t) => ({
      chosen: t.int({ resolve: ({ items }) => items.length }),
      again: t.int({ description: 'Would be called again.', resolve: ({ items }) => items.filter(isCalled).length }),
      running: t.int({ description: 'Are being called at this moment.', resolve: ({ items }) => items.filter(({ running }) => running).length }),
      problem: t.field({ type: problems.problem, nullable: true, description: 'Why there would be no bulk at all.', resolve: (parent) => parent.problem }),
      merchants: t.field({
        type: [merchant],
        resolve: ({ items }) => {
          const seen = items.filter((one) => one.merchant !== null);
          return [...Map.groupBy(seen, (one) => String(one.merchant))].map(([name, of]) => ({ merchant: name, items: of }));
        },
      }),
      refused: t.field({
        type: [refusals],
        description: 'Would not be called, by the rule that says no.',
        resolve: ({ items }) =>
          [
            ...Map.groupBy(
              items.flatMap(({ whyNot }) => whyNot ?? []),
              ({ code }) => code,
            ).values(),
          ].map((of) => ({
            problem: of[0] as ShownProblem,
            count: of.length,
          })),
      }),
      calls: t.field({
        type: [item],
        description: `The first ${listed}.`,
        complexity: { field: 1, multiplier: listed },
        resolve: ({ items }) => items.slice(0, listed),
      }),
    }),
  });
  const result = builder.unionType('PreviewCallsAgainResult', {
    types: [preview, problems.types.Invalid] as never,
    resolveType: ((value: Preview | ShownProblem) => (value.kind === 'Preview' ? preview : value.kind)) as never,
  });
  builder.queryField('previewCallsAgain', (t) =>
    t.field({
      type: result as never,
      description: 'Which production calls callAgainInBulk would make again, and which not and why: nothing is called (PRD-5).',
      args: { choice: t.arg({ type: input, required: true }) },
      authScopes: { as: ['merchant', 'operationsManager'] },
      complexity: 500,
      resolve: ((_root: unknown, { choice: given }: { choice: unknown }, context: Context) => previewOf(withoutNulls(given, shape), context)) as never,
    }),
  );
}
