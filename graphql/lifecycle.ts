import { attentionOf } from '../db/read/attention.ts';
import type { attentions } from '../db/read/filter.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import { isFrozen, isOver, type Registry, stateOf, statesOf } from '../lifecycles/registry.ts';
import { addAvailableCommand, availableCommandsOf } from './availableCommand.ts';
import type { Builder } from './builder.ts';
import { type Connections, pageComplexity } from './connection.ts';
import { addContact, contactsIn } from './contact.ts';
import type { Context } from './context.ts';
import { addDeadline, deadlinesOf } from './deadline.ts';
import { addEffects } from './effect.ts';
import { addFile } from './file.ts';
import { addHistory, addRefusal, historyOf } from './history.ts';
import { toId } from './ids.ts';
import type { Texts } from './language.ts';
import { addMachine } from './machine.ts';
import type { Outputs } from './outputs.ts';
import { addPeople, waitsForOf } from './people.ts';
import type { Problems } from './problem.ts';
import { capitalised, fieldsOf } from './shape.ts';
import { shownTo } from './shown.ts';

const declarationOf = ({ instance }: InstanceRow, { core }: Context): Lifecycle => core.registry.of(instance.lifecycle, instance.version);

const contextShown = (row: InstanceRow, context: Context) => shownTo(context.actor, declarationOf(row, context), row.instance.context);

export type Lifecycles = ReturnType<typeof addLifecycles>;

/** The interface that every lifecycle has, and each lifecycle's own type with its states and context. */
export function addLifecycles({
  builder,
  registry,
  texts,
  problems,
  connections,
  outputs,
}: {
  builder: Builder;
  registry: Registry;
  texts: Texts;
  problems: Problems;
  connections: Connections;
  outputs: Outputs;
}) {
  const { text } = texts;
  const people = addPeople(builder, texts);
  const deadline = addDeadline(builder, texts);
  const availableCommand = addAvailableCommand(builder, texts, problems);
  const { history } = addHistory(builder, texts, people, connections);
  const refusal = addRefusal(builder, texts, people, problems);
  const { attempt, effect, incident } = addEffects(builder, texts, people);
  const file = addFile(builder);
  const contact = addContact(builder, texts, people);
  const machine = addMachine(builder, texts, people);
  const attention = builder.enumType('Attention', {
    description: 'What an operator should look at, worst first.',
    values: {
      WEDGED: { description: 'Its workflow makes no progress.' },
      PARKED: { description: 'An effect gave up and waits for a retry by hand.' },
      OVERDUE: { description: 'A deadline passed that somebody should have met.' },
      RETRYING: { description: 'An effect failed and is tried again by itself.' },
    } satisfies Record<(typeof attentions)[number], { description: string }>,
  });

  const node = builder.interfaceRef<InstanceRow>('Node').implement({
    description: 'Anything that has an id of its own.',
    resolveType: ({ instance }) => capitalised(instance.lifecycle),
    fields: (t) => ({ id: t.id({ description: 'Opaque: neither parse nor sort it.', resolve: ({ instance }) => toId(instance.lifecycle, instance.id) }) }),
  });

  const withLifecycle = async <Row>(row: InstanceRow, rows: Promise<readonly Row[]>, context: Context) =>
    (await rows).map((one) => ({ ...one, lifecycle: declarationOf(row, context) }));

  const lifecycle = builder.interfaceRef<InstanceRow>('Lifecycle');
  lifecycle.implement({
    description: 'What every record with a life of its own has: an order, its supervision, …',
    interfaces: [node],
    resolveType: ({ instance }) => capitalised(instance.lifecycle),
    fields: (t) => ({
      number: t.string({ description: 'The number that people say, as in SV-2026-000123.', resolve: ({ instance }) => instance.number }),
      lifecycle: t.string({ resolve: ({ instance }) => instance.lifecycle }),
      lifecycleLabel: t.string(text<InstanceRow>(({ instance }) => registry.of(instance.lifecycle, instance.version).label)),
      stateName: t.string({ description: 'The state, as text; each type has it typed as `state`.', resolve: ({ instance }) => stateOf(instance.value) }),
      stateLabel: t.string(text<InstanceRow>(({ instance }) => labelOfState(instance))),
      stateDescription: t.string(
        text<InstanceRow>(
          ({ instance }) => registry.of(instance.lifecycle, instance.version).states[stateOf(instance.value)]?.description ?? labelOfState(instance),
        ),
      ),
      since: t.field({
        type: 'DateTime',
        description: 'Since when it is in this state.',
        resolve: async (row, _args, { reads }) => (await reads.since.load(row.instance.id)) ?? row.createdAt,
      }),
      frozen: t.boolean({ description: 'An appeal stands (SUP-5).', resolve: ({ instance }) => isFrozen(instance.value) }),
      final: t.boolean({ description: 'It has ended.', resolve: (row, _args, context) => isOver(declarationOf(row, context), row.instance.value) }),
      revision: t.int({
        description: 'Moves by one with every line of its history; send it as expectedRevision.',
        resolve: ({ instance }) => instance.revision,
      }),
      machineVersion: t.int({ resolve: ({ instance }) => instance.version }),
      parties: t.field({ type: people.parties, resolve: ({ instance }) => instance.parties }),
      createdAt: t.field({ type: 'DateTime', resolve: (row) => row.createdAt }),
      lastChangedAt: t.field({ type: 'DateTime', resolve: ({ instance }) => instance.at }),
      serverNow: t.field({ type: 'DateTime', description: 'The clock that its instants belong to.', resolve: ({ now }) => now }),
      contextJson: t.field({
        type: 'JSON',
        description: 'The context untyped; each type has it typed as `context`.',
        resolve: (row, _args, context) => contextShown(row, context),
      }),
      attention: t.field({ type: attention, nullable: true, resolve: attentionOf }),
      waitsFor: t.field({ type: [people.waiting], description: 'Who must act.', resolve: (row, _args, context) => waitsForOf(row, context) }),
      deadlines: t.field({ type: [deadline], resolve: (row, _args, context) => deadlinesOf(row, context) }),
      availableCommands: t.field({ type: [availableCommand], resolve: (row, _args, context) => availableCommandsOf(row, context) }),
      history: t.field({
        type: history,
        args: { ...connections.args, newestFirst: t.arg.boolean({ required: false }) },
        complexity: pageComplexity,
        resolve: (row, args, context) => historyOf(row, args, context),
      }),
      refusals: t.field({
        type: [refusal],
        description: 'Refused operations, newest first; the last 200.',
        resolve: (row, _args, context) => withLifecycle(row, context.reads.refusals.load(row.instance.id), context),
      }),
      incidents: t.field({
        type: [incident],
        args: { open: t.arg.boolean({ required: false, description: 'True: only those that still stand.' }) },
        resolve: async (row, { open }, context) =>
          (await withLifecycle(row, context.reads.incidents.load(row.instance.id), context)).filter((one) => open !== true || one.closedAt === null),
      }),
      effects: t.field({ type: [effect], resolve: (row, _args, context) => withLifecycle(row, context.reads.effects.load(row.instance.id), context) }),
      calls: t.field({
        type: [attempt],
        description: 'Every try on the outside world, oldest first; the last 200.',
        resolve: (row, _args, context) => withLifecycle(row, context.reads.attempts.load(row.instance.id), context),
      }),
      files: t.field({ type: [file], resolve: (row, _args, { reads }) => reads.files.load(row.instance.id) }),
      contacts: t.field({
        type: [contact],
        description:
          'How to reach the other side, where the rules show it to the caller: the merchant to the buyer while it is the merchant’s turn (SUP-7). Else empty.',
        resolve: (row, _args, context) => contactsIn(row, context),
      }),
      family: t.field({
        type: [lifecycle],
        description: 'What belongs together with it: an order’s supervision, and back.',
        resolve: async ({ instance }, _args, { reads }) => (await reads.families.load(instance.family)).filter((row) => row.instance.id !== instance.id),
      }),
      machine: t.field({ type: machine, resolve: (row, _args, context) => declarationOf(row, context) }),
    }),
  });

  function labelOfState(instance: InstanceRow['instance']) {
    const state = stateOf(instance.value);
    return registry.of(instance.lifecycle, instance.version).states[state] ?? { zh: state, en: state };
  }

  const all = registry.current.map((current) => {
    const name = capitalised(current.name);
    const versions = registry.all.filter((one) => one.name === current.name);
    const states = [...new Set(versions.flatMap(statesOf))];
    const state = builder.enumType(`${name}State`, {
      values: Object.fromEntries(states.map((value) => [value, { description: describe(versions, value) }])),
    });
    const context = outputs.objectOf(`${name}Context`, fieldsOf(current.context, name), (field) =>
      versions.some((one) => !(field in one.context.shape) || Object.values(one.notFor ?? {}).some((hidden) => hidden.includes(field))),
    );
    const ref = builder.objectRef<InstanceRow>(name).implement({
      description: `${current.label.en} ${current.label.zh}`,
      interfaces: [lifecycle, node],
      fields: (t) => ({
        state: t.field({ type: state as never, resolve: (({ instance }: InstanceRow) => stateOf(instance.value)) as never }),
        context: t.field({ type: context as never, resolve: ((row: InstanceRow, _args: unknown, caller: Context) => contextShown(row, caller)) as never }),
      }),
    });
    return { declared: current, name, ref, state };
  });
  /** @throws for one that is not declared: its fields would be missing from the schema */
  function named(name: string) {
    const found = all.find(({ declared }) => declared.name === name);
    if (!found) throw new Error(`expected the lifecycle ${name} to be declared`);
    return found;
  }
  return { node, lifecycle, machine, attention, people, availableCommand, deadline, all, named };
}

function describe(versions: readonly Lifecycle[], state: string): string {
  const label = versions.findLast((one) => one.states[state])?.states[state];
  return label ? `${label.en} ${label.zh}. ${label.description.en}` : state;
}
