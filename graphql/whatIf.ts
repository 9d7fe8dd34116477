import { type Supposed, type WhatIf, whatIf } from '../db/whatIf.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Instance, OpenEffect } from '../lifecycles/instance.ts';
import { notFound } from '../lifecycles/problem.ts';
import { isFinal, isFrozen, type Registry, stateOf } from '../lifecycles/registry.ts';
import type { Actor, Role } from '../lifecycles/roles.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import { refusal } from './errors.ts';
import { toId } from './ids.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems, ShownProblem } from './problem.ts';

type Shown = Supposed & { whole: WhatIf };
type Change = { instance: Instance; before: Instance['value'] | null; registry: Registry };
type ShownInstance = { instance: Instance; whole: WhatIf };
type ShownEffect = { effect: OpenEffect; instance: Instance; registry: Registry };
type WishArg = { command: string; on?: string | null; input?: unknown; reason?: string | null; as?: Role | null };
type Args = { id: string; commands?: readonly WishArg[] | null; advanceMinutes?: number | null };

const mostCommands = 50;
const mostMinutes = 2 * 366 * 24 * 60;

const idOf = ({ id, lifecycle }: Instance) => (id.startsWith('new-') ? null : toId(lifecycle, id));
const declarationOf = (registry: Registry, { lifecycle, version }: Instance) => registry.of(lifecycle, version);

/** What would happen: the rules asked, nothing executed, nothing kept. */
export function addWhatIf({
  builder,
  lifecycles,
  problems,
  texts: { text },
}: {
  builder: Builder;
  lifecycles: Lifecycles;
  problems: Problems;
  texts: Texts;
}): void {
  const { role } = lifecycles.people;
  const labelOfState = (registry: Registry, instance: Instance, value: Instance['value']) =>
    declarationOf(registry, instance).states[stateOf(value)] ?? { zh: stateOf(value), en: stateOf(value) };

  const effect = builder.objectRef<ShownEffect>('SupposedEffect').implement({
    description: 'Work on the outside world that would be asked for; nothing is sent.',
    fields: (t) => ({
      name: t.string({ resolve: (parent) => parent.effect.name }),
      label: t.string(text<ShownEffect>(({ effect: { name }, instance, registry }) => labelOf(declarationOf(registry, instance), name))),
      status: t.string({ description: 'open, parked (frozen) or failed (gave up).', resolve: (parent) => parent.effect.status }),
      params: t.field({ type: 'JSON', resolve: (parent) => parent.effect.params }),
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.effect.openedAt }),
    }),
  });
  const change = builder.objectRef<Change>('SupposedChange').implement({
    description: 'What one step would make of one record.',
    fields: (t) => ({
      id: t.id({ nullable: true, description: 'Null for a record that would only then exist.', resolve: ({ instance }) => idOf(instance) }),
      number: t.string({ resolve: ({ instance }) => instance.number }),
      lifecycle: t.string({ resolve: ({ instance }) => instance.lifecycle }),
      from: t.string({ nullable: true, resolve: ({ before }) => (before === null ? null : stateOf(before)) }),
      to: t.string({ resolve: ({ instance }) => stateOf(instance.value) }),
      toLabel: t.string(text<Change>(({ instance, registry }) => labelOfState(registry, instance, instance.value))),
      frozen: t.boolean({ resolve: ({ instance }) => isFrozen(instance.value) }),
      revision: t.int({ resolve: ({ instance }) => instance.revision }),
    }),
  });
  const message = builder.objectRef<{ to: readonly Role[]; text: { zh: string; en: string } }>('SupposedMessage').implement({
    fields: (t) => ({ to: t.field({ type: [role], resolve: (parent) => [...parent.to] }), text: t.string(text((parent) => parent.text)) }),
  });
  const step = builder.objectRef<Shown>('SupposedStep').implement({
    description: 'A command that was asked about, or a deadline that would pass meanwhile.',
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'command or deadline.' }),
      name: t.exposeString('name'),
      label: t.string(text<Shown>((parent) => labelOf(declarationOf(parent.whole.world.registry, instanceOf(parent)), parent.name))),
      id: t.id({ nullable: true, resolve: (parent) => idOf(instanceOf(parent)) }),
      number: t.string({ resolve: (parent) => instanceOf(parent).number }),
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.at }),
      problem: t.field({
        type: problems.problem,
        nullable: true,
        description: 'Why the command would be refused; what follows goes on without it.',
        resolve: (parent) => parent.problem as ShownProblem | null,
      }),
      changes: t.field({
        type: [change],
        resolve: ({ played, whole }) =>
          [...(played?.changed.values() ?? [])].map((instance) => ({
            instance,
            before: played?.entries.find((entry) => entry.instance === instance.id)?.before ?? null,
            registry: whole.world.registry,
          })),
      }),
      messages: t.field({ type: [message], resolve: ({ played }) => played?.messages ?? [] }),
    }),
  });
  const instanceOf = ({ instance, whole }: Shown): Instance => whole.instances.get(instance) as Instance;
  const supposed = builder.objectRef<ShownInstance>('SupposedRecord').implement({
    description: 'A record as it would be in the end.',
    fields: (t) => ({
      id: t.id({ nullable: true, resolve: ({ instance }) => idOf(instance) }),
      number: t.string({ resolve: ({ instance }) => instance.number }),
      lifecycle: t.string({ resolve: ({ instance }) => instance.lifecycle }),
      stateName: t.string({ resolve: ({ instance }) => stateOf(instance.value) }),
      stateLabel: t.string(text<ShownInstance>(({ instance, whole }) => labelOfState(whole.world.registry, instance, instance.value))),
      frozen: t.boolean({ resolve: ({ instance }) => isFrozen(instance.value) }),
      final: t.boolean({ resolve: ({ instance, whole }) => isFinal(declarationOf(whole.world.registry, instance), instance.value) }),
      revision: t.int({ resolve: ({ instance }) => instance.revision }),
      context: t.field({ type: 'JSON', resolve: ({ instance }) => instance.context }),
      deadlines: t.field({
        type: [lifecycles.deadline],
        resolve: ({ instance, whole: { now, world } }) =>
          instance.deadlines.map((armed) => ({
            armed,
            declared: declarationOf(world.registry, instance).deadlines[armed.name],
            now,
            provisional: false,
          })),
      }),
      effects: t.field({
        type: [effect],
        resolve: ({ instance, whole }) => instance.effects.map((one) => ({ effect: one, instance, registry: whole.world.registry })),
      }),
    }),
  });
  const answer = builder.objectRef<WhatIf & { kind: 'Supposed' }>('Supposed').implement({
    description: 'What would happen, if nothing else did.',
    fields: (t) => ({
      now: t.field({ type: 'DateTime', description: 'The clock of the records in the end.', resolve: ({ now }) => now }),
      steps: t.field({ type: [step], resolve: (whole) => whole.steps.map((one) => ({ ...one, whole })) }),
      records: t.field({
        type: [supposed],
        description: 'The record and its family.',
        resolve: (whole) => [...whole.instances.values()].map((instance) => ({ instance, whole })),
      }),
    }),
  });
  const wish = builder.inputType('WhatIfCommand', {
    fields: (t) => ({
      command: t.string({ required: true }),
      on: t.id({ description: 'A record of the same family; else the one asked about.' }),
      input: t.field({ type: 'JSON', description: 'The command’s own input, as availableCommands.inputSchema says.' }),
      reason: t.string(),
      as: t.field({ type: role, description: 'Operations managers may ask for another role; all others ask for their own.' }),
    }),
  });
  const result = builder.unionType('WhatIfResult', {
    types: [answer, problems.types.NotFound] as never,
    resolveType: ((value: { kind: string }) => (value.kind === 'Supposed' ? answer : value.kind)) as never,
  });
  builder.queryField('whatIf', (t) =>
    t.field({
      type: result as never,
      description:
        'Commands one after the other, then so much time, on a fork of a live record: which states, refusals, deadlines and effects that would mean. Nothing is executed.',
      args: { id: t.arg.id({ required: true }), commands: t.arg({ type: [wish] }), advanceMinutes: t.arg.int() },
      authScopes: { as: everyone },
      complexity: 100,
      resolve: (async (_root: unknown, { id, commands, advanceMinutes }: Args, context: Context) => {
        const wishes = commands ?? [];
        if (wishes.length > mostCommands) throw refusal('BAD_INPUT', 400, `expected at most ${mostCommands} commands, got ${wishes.length}`);
        const minutes = advanceMinutes ?? 0;
        if (minutes < 0 || minutes > mostMinutes) throw refusal('BAD_INPUT', 400, `expected advanceMinutes from 0 to ${mostMinutes}, got ${minutes}`);
        const { reads, core } = context;
        const row = await reads.find(id);
        if (!row) return notFound(id);
        const asked = [];
        for (const { on, command, input, reason, as } of wishes) {
          const target = on == null ? row : await reads.find(on);
          if (!target || target.instance.family !== row.instance.family) return notFound(on ?? id);
          asked.push({
            instance: target.instance.id,
            command,
            input: input ?? {},
            reason: reason ?? null,
            actor: actorFor(context.actor, as ?? null, target.instance),
          });
        }
        return { ...(await whatIf(reads.reader, { registry: core.registry, row, wishes: asked, advanceMs: minutes * 60_000 })), kind: 'Supposed' };
      }) as never,
    }),
  );
}

/** Whose command it would be: the caller's own, or for an operations manager anybody's in that role. */
function actorFor(caller: Actor, as: Role | null, { parties }: Instance): Actor {
  if (as === null || as === caller.role) return caller;
  if (caller.role !== 'operationsManager') throw refusal('FORBIDDEN', 403, `expected a command of your own role ${caller.role}, got one as ${as}`);
  return { id: caller.id, role: as, party: as === 'buyer' || as === 'merchant' ? parties[as] : null };
}
