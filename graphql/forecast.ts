import { type Forecast, type ForecastKind, forecast } from '../db/forecast.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';

type Args = { until: string; lifecycles?: readonly string[] | null };

const mostDays = 2 * 366;

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
      records: t.field({
        type: [lifecycles.lifecycle],
        description: 'The first 20 that it happens to.',
        complexity: { field: 1, multiplier: 20 },
        resolve: async ({ instances }, _args, { reads }) =>
          (await reads.instances.loadMany(instances)).filter((row) => row !== null && !(row instanceof Error)) as never,
      }),
    }),
  });
  const answer = builder.objectRef<Forecast & { until: number }>('Forecast').implement({
    description: 'What will happen by itself until an instant, if nobody does anything. What follows from effects’ results is not known and not in it.',
    fields: (t) => ({
      until: t.field({ type: 'DateTime', resolve: (parent) => parent.until }),
      kinds: t.field({ type: [kind], description: 'Soonest first.', resolve: (parent) => parent.kinds }),
      families: t.exposeInt('families', { description: 'Orders, with all that belongs to them, that were played forward.' }),
      truncated: t.exposeBoolean('truncated', { description: 'More have a deadline in this time: the 5,000 that are due first are counted.' }),
    }),
  });
  builder.queryField('forecast', (t) =>
    t.field({
      type: answer,
      args: { until: t.arg({ type: 'DateTime', required: true }), lifecycles: t.arg.stringList({ description: 'Only these; none: all.' }) },
      authScopes: { as: everyone },
      complexity: 500,
      resolve: async (_root, { until: given, lifecycles: only }: Args, { reads, core }: Context) => {
        const until = Date.parse(given);
        const most = Date.now() + mostDays * 86_400_000;
        if (!(until <= most)) throw refusal('BAD_INPUT', 400, `expected until at most ${mostDays} days ahead, got ${given}`);
        return { ...(await forecast(reads.reader, { registry: core.registry, until, lifecycles: only ?? [] })), until };
      },
    }),
  );
}
