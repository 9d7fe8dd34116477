import { type Forecast, type ForecastFilter, type ForecastKind, forecast, mostFamilies, type Occurrence, told } from '../db/forecast.ts';
import { unwritableText } from '../db/storable.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';

type Args = { until: string; filter?: ForecastFilter | null };

const mostDays = 2 * 366;
const shown = 20;

/** What will happen by itself, over all that the caller may see. */
export function addForecast({
  builder,
  registry,
  lifecycles,
  texts: { text },
}: {
  builder: Builder;
  registry: Registry;
  lifecycles: Lifecycles;
  texts: Texts;
}): void {
  const occurrence = builder.objectRef<Occurrence>('ForecastOccurrence').implement({
    fields: (t) => ({
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.at }),
      record: t.field({
        type: lifecycles.lifecycle,
        nullable: true,
        description: 'Null for one that meanwhile ceased to be the caller’s to see.',
        resolve: ({ instance }, _args, { reads }) => reads.instances.load(instance) as never,
      }),
    }),
  });
  const kind = builder.objectRef<ForecastKind>('ForecastKind').implement({
    description: 'What will happen by itself, of one kind.',
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'deadline: it passes; retry: an effect is tried again.' }),
      lifecycle: t.exposeString('lifecycle'),
      name: t.exposeString('name'),
      label: t.string(text<ForecastKind>(({ lifecycle, name }) => labelOf(registry.of(lifecycle), name))),
      count: t.exposeInt('count'),
      first: t.field({ type: 'DateTime', resolve: (parent) => parent.first }),
      last: t.field({ type: 'DateTime', resolve: (parent) => parent.last }),
      incident: t.exposeBoolean('incident', { description: 'Each is an incident for an operator.' }),
      occurrences: t.field({
        type: [occurrence],
        args: { first: t.arg.int({ defaultValue: shown, description: `At most ${told}.` }) },
        description: 'Soonest first.',
        complexity: ({ first }) => ({ field: 1, multiplier: Math.min(Math.max(first ?? shown, 1), told) }),
        resolve: ({ occurrences }, { first }) => {
          const size = first ?? shown;
          if (size < 0 || size > told) throw refusal('BAD_PAGE', 400, `expected first from 0 to ${told}, got ${size}`);
          return occurrences.slice(0, size);
        },
      }),
    }),
  });
  const answer = builder.objectRef<Forecast & { until: number }>('Forecast').implement({
    description: 'What will happen by itself until an instant, if nobody does anything. What follows from effects’ results is not known and not in it.',
    fields: (t) => ({
      until: t.field({ type: 'DateTime', resolve: (parent) => parent.until }),
      kinds: t.field({ type: [kind], description: 'Soonest first.', resolve: (parent) => parent.kinds }),
      families: t.exposeInt('families', { description: 'Orders, with all that belongs to them, that were played forward.' }),
      truncated: t.exposeBoolean('truncated', {
        description: `More would happen in this time: only the ${mostFamilies} orders that are due first were played forward, each for at most 1,000 deadlines.`,
      }),
    }),
  });
  const filter = builder.inputType('ForecastFilter', {
    description: 'A member that is left out asks for nothing.',
    fields: (t) => ({
      lifecycle: t.stringList({ description: 'Lifecycles by name, such as supervision.' }),
      name: t.stringList({ description: 'Deadlines and effects by name.' }),
      buyer: t.string(),
      merchant: t.string(),
    }),
  });
  builder.queryField('forecast', (t) =>
    t.field({
      type: answer,
      args: { until: t.arg({ type: 'DateTime', required: true, description: 'At most two years ahead.' }), filter: t.arg({ type: filter }) },
      authScopes: { as: everyone },
      complexity: 10_000,
      resolve: async (_root, { until: given, filter: asked }: Args, { reads, core }: Context) => {
        const until = Date.parse(given);
        const most = Date.now() + mostDays * 86_400_000;
        if (!(until <= most)) throw refusal('BAD_INPUT', 400, `expected until at most ${mostDays} days ahead, got ${given}`);
        const [unwritable] = unwritableText(asked, 'filter');
        if (unwritable) throw refusal('BAD_FILTER', 400, `${unwritable.path}: ${unwritable.message}`);
        return { ...(await forecast(reads.reader, { registry: core.registry, until, filter: asked ?? {} })), until };
      },
    }),
  );
}
