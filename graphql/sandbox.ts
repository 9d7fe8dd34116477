import type { Advanced } from '../db/sandbox.ts';
import { notFound } from '../lifecycles/problem.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems, ShownProblem } from './problem.ts';

type Result = (Advanced & { kind: 'Advanced'; instance: string }) | ShownProblem;

const most = 10 * 366 * 24 * 60;

/** Time advanced by hand, for development and tests; in production the field answers FORBIDDEN. */
export function addSandbox(builder: Builder, lifecycles: Lifecycles, problems: Problems): void {
  const advanced = builder.objectRef<Extract<Result, { kind: 'Advanced' }>>('TimeAdvanced').implement({
    fields: (t) => ({
      now: t.field({ type: 'DateTime', description: 'The clock of the order and all that belongs to it.', resolve: ({ now }) => now }),
      fired: t.exposeStringList('fired', { description: 'The deadlines that fired on the way, in order.' }),
      effectsInFlight: t.exposeInt('effectsInFlight', { description: 'Effects that are open: they run in real time.' }),
      instance: t.field({
        type: lifecycles.lifecycle,
        resolve: async ({ instance }, _args, { reads }) => (await reads.instances.load(instance)) as never,
      }),
    }),
  });
  const result = builder.unionType('SandboxAdvanceTimeResult', {
    types: [advanced, problems.types.NotFound] as never,
    resolveType: ((value: Result) => (value.kind === 'Advanced' ? advanced : value.kind)) as never,
  });
  builder.mutationField('sandboxAdvanceTime', (t) =>
    t.field({
      type: result as never,
      description: 'Advances the clock of an order and all that belongs to it, from deadline to deadline. Never in production.',
      args: { order: t.arg.id({ required: true, description: 'The order, or any record of its family.' }), byMinutes: t.arg.int({ required: true }) },
      authScopes: { $all: { as: everyone, sandbox: true } },
      complexity: 50,
      resolve: (async (_root: unknown, { order, byMinutes }: { order: string; byMinutes: number }, { core, reads }: Context) => {
        if (byMinutes < 0 || byMinutes > most) throw refusal('BAD_INPUT', 400, `expected byMinutes from 0 to ${most}, got ${byMinutes}`);
        const row = await reads.find(order);
        const done = row && (await core.advance?.({ instance: row.instance.id, byMs: byMinutes * 60_000 }));
        reads.instances.clearAll();
        return done ? { ...done, kind: 'Advanced', instance: row.instance.id } : notFound(order);
      }) as never,
    }),
  );

  const made = builder.objectRef<{ opened: number }>('BillsMade').implement({
    fields: (t) => ({ opened: t.exposeInt('opened', { description: 'Bills that were due then and not there; each is built by itself.' }) }),
  });
  builder.mutationField('sandboxMakeBills', (t) =>
    t.field({
      type: made,
      description: 'Does what the schedules of settlement do, as if it were this instant, which their bills begin at (BIL-1). Never in production.',
      args: { at: t.arg({ type: 'DateTime', required: true }) },
      authScopes: { $all: { as: ['operationsManager', 'system'], sandbox: true } },
      complexity: 50,
      resolve: async (_root, { at }, { core }) => (await core.makeBills?.(Date.parse(at))) ?? { opened: 0 },
    }),
  );
}
