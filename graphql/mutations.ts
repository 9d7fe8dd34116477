import { coreCommands } from '../lifecycles/core.ts';
import type { Command, Lifecycle } from '../lifecycles/declaration.ts';
import { type Builder, everyone } from './builder.ts';
import { type Done, type Result, send } from './command.ts';
import { fromId } from './ids.ts';
import type { Inputs } from './inputs.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems } from './problem.ts';
import { capitalised, fieldsOf, withoutNulls } from './shape.ts';

// biome-ignore lint/suspicious/noExplicitAny: types made at run time from declared lifecycles have no static one
type AnyType = any;
type Given = Record<string, unknown> & { reason?: string | null; expectedRevision?: number | null; idempotencyKey: string };

const shared = ['reason', 'expectedRevision', 'idempotencyKey'];

/** One typed mutation per declared command, and one of each core command for every lifecycle. */
export function addMutations({
  builder,
  lifecycles,
  problems,
  inputs,
}: {
  builder: Builder;
  lifecycles: Lifecycles;
  problems: Problems;
  inputs: Inputs;
}): void {
  builder.mutationType({ description: 'One mutation per command, named by its verb. Send an idempotency key; send it again when you got no answer.' });

  const accepted = builder.interfaceRef<Done>('CommandDone').implement({
    description: 'The command is done and in the history.',
    fields: (t) => ({
      revision: t.exposeInt('revision', { description: 'Of the line that it wrote; read with atLeastRevision.' }),
      replayed: t.exposeBoolean('replayed', { description: 'True: it was done before under this key; this is that answer.' }),
      effectsWaiting: t.boolean({
        description: 'True: Temporal cannot be reached, what follows from the command waits until it is back.',
        resolve: (_done, _args, { core }) => core.effectsWaiting(),
      }),
      instance: t.field({ type: lifecycles.lifecycle, resolve: (done, _args, { reads }) => changed(done, reads) }),
    }),
  });

  for (const { declared, ref, name } of lifecycles.all) {
    const done = builder.objectRef<Done>(`${name}Changed`).implement({
      interfaces: [accepted],
      fields: (t) => ({ [declared.name]: t.field({ type: ref, resolve: ({ instance }, _args, { reads }) => changed({ instance }, reads) }) }),
    });
    if (declared.opening) addCommand({ name: declared.opening.name, command: declared.opening.command, declared, done, idField: null });
    for (const [command, declaration] of Object.entries(declared.commands))
      addCommand({ name: command, command: declaration, declared, done, idField: `${declared.name}Id` });
  }
  for (const [command, declaration] of Object.entries(coreCommands)) {
    const done = builder.objectRef<Done>(`${capitalised(command)}Done`).implement({ interfaces: [accepted], fields: () => ({}) });
    addCommand({ name: command, command: declaration, declared: null, done, idField: 'id' });
  }

  function addCommand({
    name,
    command,
    declared,
    done,
    idField,
  }: {
    name: string;
    command: Command;
    /** Null: the id says which lifecycle. */
    declared: Lifecycle | null;
    done: AnyType;
    idField: string | null;
  }) {
    const type = capitalised(name);
    const fields = fieldsOf(command.input, name);
    for (const taken of [...shared, ...(idField ? [idField] : [])])
      if (fields[taken]) throw new Error(`expected the input of ${name} not to have a field "${taken}": every command has one`);
    const input = builder.inputType(`${type}Input`, {
      fields: (t) =>
        ({
          ...(idField ? { [idField]: t.id({ required: true }) } : {}),
          ...inputs.fieldsFor(t, type, fields),
          reason: t.string({ required: false, description: command.reason === 'required' ? 'Required.' : 'Optional.' }),
          expectedRevision: t.int({
            required: false,
            description: idField
              ? 'The revision that you decided on. Required: an explicit null opts out of the check.'
              : 'There is no revision yet: leave it out, or null.',
          }),
          idempotencyKey: t.string({ required: true, description: 'The same for the same intention; a repetition is answered, not done again.' }),
        }) as never,
    });
    const result = builder.unionType(`${type}Result`, {
      types: [done, ...problems.members] as never,
      resolveType: ((value: Result) => (value.kind === 'Done' ? done : value.kind)) as never,
    });
    const shape = { kind: 'object' as const, fields, schema: command.input, optional: false, nullable: false, fallback: undefined };
    builder.mutationField(name, (t) =>
      t.field({
        description: `${command.label.en} ${command.label.zh}. ${command.description.en} By: ${command.by.join(', ')}. ${command.rules.join(', ')}`,
        type: result as AnyType,
        args: { input: t.arg({ type: input, required: true }) },
        authScopes: { as: everyone },
        complexity: 50,
        resolve: (async (_root: unknown, args: { input: Given }, context: AnyType) => {
          const id = idField ? (args.input[idField] as string) : null;
          return send(
            {
              lifecycle: declared?.name ?? lifecycleNamed(id),
              command: name,
              id,
              input: withoutNulls(args.input, shape) as Record<string, unknown>,
              given: args.input,
            },
            context,
          );
        }) as never,
      }),
    );
  }

  function lifecycleNamed(id: string | null): string {
    const named = fromId(id ?? '')?.lifecycle;
    return (lifecycles.all.find(({ declared }) => declared.name === named) ?? lifecycles.all[0])?.declared.name ?? '';
  }
}

/** What the command changed, as it is now. */
async function changed({ instance }: Pick<Done, 'instance'>, reads: { instances: { load(id: string): Promise<unknown> } }): Promise<never> {
  const row = await reads.instances.load(instance);
  if (!row) throw new Error(`expected the changed instance ${instance} to be readable by its caller`);
  return row as never;
}
