import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { isFrozen, stateOf } from '../../lifecycles/registry.ts';
import { type Role, roleNames } from '../../lifecycles/roles.ts';
import { actorFor } from './cast.ts';
import type { Model } from './drive.ts';
import { validInput } from './stories.ts';

export type Column = { name: string; model: Model };
/** Commands whose input decides between branches are asked once per variant. */
export type Variants = Record<string, Record<string, Record<string, unknown>>>;

/**
 * What every role's every command comes to in every state, as a table: the next state, or the code of the refusal.
 * Roles with the same answers share a row; commands of other ways and those who may never, in no state, come last.
 * @param seen is told of each model after its command, for coverage
 */
export function matrix({ lifecycle, columns, variants = {}, seen }: Asked): string {
  const rows: string[][] = [];
  const never = new Map<string, Set<Role>>();
  const foreign = new Set<string>();
  for (const command of Object.keys(lifecycle.commands))
    for (const [variant, input] of Object.entries(variants[command] ?? { '': undefined })) {
      const answersOf = (role: Role) => columns.map(({ model }) => outcome({ lifecycle, model: model.fork(), command, role, input, seen }));
      for (const [answers, roles] of Map.groupBy(roleNames, (role) => JSON.stringify(answersOf(role)))) {
        const cells = JSON.parse(answers) as string[];
        const [code = ''] = cells;
        if (['ROLE_NOT_ALLOWED', 'NOT_FOUND'].includes(code) && cells.every((cell) => cell === code))
          never.set(code, new Set([...(never.get(code) ?? []), ...roles]));
        else if (cells.includes('WRONG_WAY') && cells.every((cell) => cell === 'WRONG_WAY' || cell === 'ENDED')) foreign.add(command);
        else rows.push([variant ? `${command} (${variant})` : command, roles.join(', '), ...cells]);
      }
    }
  const outsiders = [...(never.get('NOT_FOUND') ?? [])];
  const rest = `everything else: ROLE_NOT_ALLOWED${outsiders.length > 0 ? `; for ${outsiders.join(' and ')}: NOT_FOUND` : ''}`;
  const others = foreign.size > 0 ? `WRONG_WAY: ${[...foreign].join(', ')}\n` : '';
  return `${table([['', '', ...columns.map(({ name }) => name)], ...rows])}${others}${rest}\n`;
}

type Asked = { lifecycle: Lifecycle; columns: readonly Column[]; variants?: Variants; seen?: (model: Model) => void };

function outcome({
  lifecycle,
  model,
  command,
  role,
  input,
  seen,
}: {
  lifecycle: Lifecycle;
  model: Model;
  command: string;
  role: Role;
  input: Record<string, unknown> | undefined;
  seen: ((model: Model) => void) | undefined;
}): string {
  const instance = model.only(lifecycle.name);
  if (!instance) throw new Error(`expected an instance of ${lifecycle.name}, got none`);
  // every role is of the instance's parties here: who may see it at all is another table
  const actor = { ...actorFor(lifecycle.commands[command], role), party: role === 'merchant' ? instance.parties.merchant : instance.parties.buyer };
  const entries = model.log.length;
  const answer = model.command({
    lifecycle: lifecycle.name,
    instance: instance.id,
    command,
    actor,
    input: input ?? validInput(command, instance),
    reason: 'because',
  });
  if (answer.ok) seen?.(model);
  else {
    if (model.log.length !== entries || model.only(lifecycle.name) !== instance) throw new Error(`expected the refused ${command} to change nothing`);
    return answer.problem.code;
  }
  return stateAndFreeze(model, lifecycle);
}

export function stateAndFreeze(model: Model, lifecycle: Lifecycle): string {
  const value = model.only(lifecycle.name)?.value ?? '';
  return `→ ${stateOf(value)}${isFrozen(value) ? ' ❄' : ''}`;
}

/** Columns of one width each; Chinese is not expected in it. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return `\n${rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}
