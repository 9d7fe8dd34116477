import { unwritableText } from '../db/storable.ts';
import { whatIf } from '../db/whatIf.ts';
import type { Assume } from '../lifecycles/fork.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { type FieldProblem, fieldProblem, invalid, notFound } from '../lifecycles/problem.ts';
import { type Actor, type Role, roles } from '../lifecycles/roles.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems } from './problem.ts';
import { addSupposed } from './supposed.ts';

type WishArg = { command: string; on?: string | null; input?: unknown; reason?: string | null; as?: Role | null };
type Args = { id: string; commands?: readonly WishArg[] | null; advanceMinutes?: number | null; assume?: Assume | null };

const mostCommands = 50;
const mostMinutes = 2 * 366 * 24 * 60;

/** What would happen: the rules asked, nothing executed, nothing kept. */
export function addWhatIf({ builder, lifecycles, problems, texts }: { builder: Builder; lifecycles: Lifecycles; problems: Problems; texts: Texts }): void {
  const wish = builder.inputType('WhatIfCommand', {
    fields: (t) => ({
      command: t.string({ required: true }),
      on: t.id({ description: 'A record of the same family; else the one asked about.' }),
      input: t.field({ type: 'JSON', description: 'The command’s own input, as availableCommands.inputSchema says.' }),
      reason: t.string(),
      as: t.field({ type: lifecycles.people.role, description: 'Operations managers may ask for another role; all others ask for their own.' }),
    }),
  });
  const assume = builder.enumType('Assume', {
    values: {
      open: { description: 'Effects are told; what follows from their results is not.' },
      succeeded: { description: 'Each effect succeeds at once, with a sample of its result.' },
    } as const,
  });
  const answer = addSupposed({ builder, lifecycles, problems, texts });
  const { NotFound, Invalid } = problems.types;
  const result = builder.unionType('WhatIfResult', {
    types: [answer, NotFound, Invalid] as never,
    resolveType: ((value: { kind: string }) => (value.kind === 'Supposed' ? answer : value.kind)) as never,
  });
  builder.queryField('whatIf', (t) =>
    t.field({
      type: result as never,
      description:
        'Commands one after the other, then so much time, on a fork of a live record: which states, refusals, deadlines and effects that would mean. Facts of other records are those of now. Nothing is executed.',
      args: {
        id: t.arg.id({ required: true }),
        commands: t.arg({ type: [wish], description: `At most ${mostCommands}.` }),
        advanceMinutes: t.arg.int({ description: 'At most two years.' }),
        assume: t.arg({ type: assume, defaultValue: 'open' }),
      },
      authScopes: { as: everyone },
      complexity: ({ commands }) => 500 + 20 * (commands?.length ?? 0),
      resolve: ((_root: unknown, args: Args, context: Context) => suppose(args, context)) as never,
    }),
  );
}

async function suppose({ id, commands, advanceMinutes, assume }: Args, { actor: caller, reads, core }: Context) {
  const given = commands ?? [];
  const minutes = advanceMinutes ?? 0;
  const fields = limitProblems(given.length, minutes);
  if (fields.length > 0) return invalid(fields);
  const row = await reads.find(id);
  if (!row) return notFound(id);
  const wishes = [];
  for (const [index, { on, command, input, reason, as }] of given.entries()) {
    const target = on == null ? row : await reads.find(on);
    if (!target || target.instance.family !== row.instance.family) return notFound(on ?? id);
    const actor = actorFor(caller, as ?? caller.role, target.instance);
    if (!actor) fields.push(fieldProblem(`commands.${index}.as`, 'WHAT_IF_ROLE', { expected: roles[caller.role] }));
    else wishes.push({ instance: target.instance.id, command, input: input ?? {}, reason: reason ?? null, actor });
    fields.push(...unwritableText({ command, input, reason }, `commands.${index}`));
  }
  if (fields.length > 0) return invalid(fields);
  const told = await whatIf(reads.reader, { registry: core.registry, row, wishes, advanceMs: minutes * 60_000, assume: assume ?? 'open' });
  return { ...told, kind: 'Supposed' };
}

function limitProblems(commands: number, minutes: number): FieldProblem[] {
  const fields: FieldProblem[] = [];
  const limit = (path: string, what: { zh: string; en: string }, expected: string, got: number) =>
    fields.push(fieldProblem(path, 'WHAT_IF_LIMIT', { what, expected, got }));
  if (commands > mostCommands) limit('commands', { zh: '操作数', en: 'commands' }, `0–${mostCommands}`, commands);
  if (minutes < 0 || minutes > mostMinutes) limit('advanceMinutes', { zh: '分钟数', en: 'minutes' }, `0–${mostMinutes}`, minutes);
  return fields;
}

/** Whose command it would be: the caller's own; for an operations manager also that of anybody in another role, who is not the manager himself (ACT-3). */
function actorFor(caller: Actor, as: Role, { parties }: Instance): Actor | null {
  if (as === caller.role) return caller;
  if (caller.role !== 'operationsManager') return null;
  const party = as === 'buyer' || as === 'merchant' ? parties[as] : null;
  return { id: party ?? as, role: as, party };
}
