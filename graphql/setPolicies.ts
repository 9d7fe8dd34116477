import type { Lifecycle } from '../lifecycles/declaration.ts';
import { notFound } from '../lifecycles/problem.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Span } from '../lifecycles/spans.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { scopeOf } from './policies.ts';
import type { Problems } from './problem.ts';
import { type Changed, settingResult } from './setting.ts';

type Amount = Partial<Record<'workingDays' | 'days' | 'hours' | 'minutes' | 'seconds' | 'count', number>>;
type Given = { lifecycle: string; product?: string | null; values: { name: string; value: Amount }[]; reason: string; expectedVersion: number };
type Done = Changed & { lifecycle: Lifecycle; product: string | null };

const msOf = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as const;

function valueFrom({ count, workingDays, ...lengths }: Amount): Span | number {
  if (count !== undefined) return count;
  if (workingDays !== undefined) return { workingDays };
  const [unit, n] = Object.entries(lengths)[0] as [keyof typeof msOf, number];
  return { ms: n * msOf[unit] };
}

/** The one mutation that sets policies. */
export function addSetPolicies({ builder, scope, problems, registry }: { builder: Builder; scope: unknown; problems: Problems; registry: Registry }): void {
  const amount = builder.inputType('PolicyAmount', {
    description: 'Exactly one: a length of time in one unit, or a count.',
    isOneOf: true,
    fields: (t) => ({ workingDays: t.int(), days: t.int(), hours: t.int(), minutes: t.int(), seconds: t.int(), count: t.int() }),
  });
  const setValue = builder.inputType('PolicyValueInput', {
    fields: (t) => ({ name: t.string({ required: true }), value: t.field({ type: amount, required: true }) }),
  });
  const input = builder.inputType('SetPoliciesInput', {
    fields: (t) => ({
      lifecycle: t.string({ required: true }),
      product: t.id({ required: false, description: 'Null: for the installation.' }),
      values: t.field({
        type: [setValue],
        required: true,
        description: 'All values of this lifecycle and scope from now on. What is not named falls back to the installation’s value, then to the default.',
      }),
      reason: t.string({ required: true }),
      expectedVersion: t.int({ required: true, description: 'The version that you decided on.' }),
    }),
  });
  const changed = builder.objectRef<Done>('PoliciesSet').implement({
    fields: (t) => ({
      version: t.exposeInt('version'),
      replayed: t.exposeBoolean('replayed', { description: 'True: you had set just this already, with the same reason, on the same version.' }),
      policies: t.field({
        type: scope as never,
        complexity: 20,
        resolve: ({ lifecycle, product }, _args, { reads }) => scopeOf(lifecycle, product, reads) as Promise<never>,
      }),
    }),
  });
  const result = settingResult(builder, { name: 'SetPoliciesResult', changed, problems });
  builder.mutationField('setPolicies', (t) =>
    t.field({
      type: result as never,
      description:
        'Set the policies of a lifecycle 设置策略, for the installation or one product. Running deadlines keep their instants (TIM-2). By: operationsManager.',
      args: { input: t.arg({ type: input, required: true }) },
      authScopes: { as: everyone },
      complexity: 50,
      resolve: (async (_root: unknown, { input: given }: { input: Given }, { actor, core }: Context) => {
        const { lifecycle: name, product = null, values, reason, expectedVersion } = given;
        const sent = values.map((one) => ({ name: one.name, value: valueFrom(one.value) }));
        const answer = await core.settings.setPolicies({ actor, lifecycle: name, product, values: sent, reason, expectedVersion });
        if (!answer.ok) return answer.problem;
        const lifecycle = registry.current.find((one) => one.name === name);
        return lifecycle ? { kind: 'Set', version: answer.version, replayed: answer.replayed, lifecycle, product } : notFound(name);
      }) as never,
    }),
  );
}
