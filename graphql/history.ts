import type { EventRow } from '../db/read/events.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import type { RefusalRow } from '../db/read/refusals.ts';
import { coreCommands, labelOf } from '../lifecycles/core.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { StateValue } from '../lifecycles/instance.ts';
import { messageOf, type Problem } from '../lifecycles/problem.ts';
import { isFrozen, stateOf } from '../lifecycles/registry.ts';
import { roles } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import { type Connections, encodeCursor, isInt, type Page, type PageArgs, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import { refusal as refusalOf } from './errors.ts';
import type { Texts } from './language.ts';
import type { People } from './people.ts';
import type { Problems } from './problem.ts';
import { shownTo } from './shown.ts';

type ShownEvent = EventRow & { lifecycle: Lifecycle };
type ShownState = { value: StateValue; lifecycle: Lifecycle };
type ShownRefusal = RefusalRow & { lifecycle: Lifecycle };

/** The operation log in pages, oldest first, or newest first. */
export async function historyOf(row: InstanceRow, args: PageArgs & { newestFirst?: boolean | null }, context: Context): Promise<Page<ShownEvent>> {
  if (args.last != null || args.before != null) throw refusalOf('BAD_PAGE', 400, 'expected first and after; to read from the end, ask for newestFirst');
  const { limit } = sizeOf(args);
  const after = placeIn(args.after || null, { revision: isInt })?.revision ?? null;
  const { instance } = row;
  const lines = await context.reads.history({ after, limit: limit + 1, newestFirst: args.newestFirst ?? false }).load(instance.id);
  const shown = lines.map((line) => ({ ...line, lifecycle: context.core.registry.of(instance.lifecycle, line.machineVersion) }));
  return {
    ...pageFrom(shown, { limit, backwards: false, hasOther: after !== null, cursorOf: ({ revision }) => encodeCursor([revision]) }),
    count: async () => ({ value: Math.min(instance.revision, 10_001), exact: instance.revision <= 10_000 }),
  };
}

export function addHistory(builder: Builder, { text }: Texts, { role }: People, { connectionOf }: Connections) {
  const state = builder.objectRef<ShownState>('HistoryState').implement({
    fields: (t) => ({
      name: t.string({ resolve: ({ value }) => stateOf(value) }),
      label: t.string(text<ShownState>(({ value, lifecycle }) => lifecycle.states[stateOf(value)] ?? { zh: stateOf(value), en: stateOf(value) })),
      frozen: t.boolean({ resolve: ({ value }) => isFrozen(value) }),
    }),
  });
  const event = builder.objectRef<ShownEvent>('HistoryEntry').implement({
    description: 'One line of the operation log 操作日志 (ACT-2), chained by hash to the line before it.',
    fields: (t) => ({
      revision: t.exposeInt('revision'),
      at: t.field({ type: 'DateTime', resolve: (line) => line.at }),
      kind: t.exposeString('kind', { description: 'created, command, deadline, effect, told, core or migrated.' }),
      type: t.exposeString('type', { description: 'The command, deadline or event.' }),
      label: t.string(text<ShownEvent>((line) => labelOf(line.lifecycle, line.type))),
      actor: t.exposeString('actor'),
      role: t.field({ type: role, resolve: (line) => line.role }),
      roleLabel: t.string(text<ShownEvent>((line) => roles[line.role])),
      party: t.exposeString('party', { nullable: true }),
      reason: t.exposeString('reason', { nullable: true }),
      input: t.field({ type: 'JSON', resolve: (line) => line.input }),
      before: t.field({ type: state, nullable: true, resolve: ({ before, lifecycle }) => (before === null ? null : { value: before, lifecycle }) }),
      after: t.field({ type: state, resolve: ({ after, lifecycle }) => ({ value: after, lifecycle }) }),
      changes: t.field({
        type: 'JSON',
        description: 'What changed in the context.',
        resolve: (line, _args, { actor }) => shownTo(actor, line.lifecycle, line.changes),
      }),
      applied: t.exposeBoolean('applied', { description: 'False: recorded while frozen, or no longer applicable when the freeze ended.' }),
      via: t.exposeString('via', { description: 'The door it came through.' }),
      machineVersion: t.exposeInt('machineVersion', { description: 'The version of the rules that decided it.' }),
      policyVersion: t.exposeInt('policyVersion', { description: 'The version of the policies that it was decided by.' }),
      calendarVersion: t.exposeString('calendarVersion', { description: 'The working-day calendar that it was counted by.' }),
      expectedRevision: t.exposeInt('expectedRevision', { nullable: true }),
      previousHash: t.exposeString('previous'),
      hash: t.exposeString('hash'),
    }),
  });
  return { history: connectionOf('History', event) };
}

export function addRefusal(builder: Builder, { text }: Texts, { role }: People, { code }: Problems) {
  return builder.objectRef<ShownRefusal>('RefusedOperation').implement({
    description: 'An operation that was refused, kept as evidence (ACT-2).',
    fields: (t) => ({
      no: t.exposeInt('no'),
      at: t.field({ type: 'DateTime', resolve: (line) => line.at }),
      command: t.exposeString('command'),
      label: t.string(
        text<ShownRefusal>((line) => (coreCommands[line.command] ?? line.lifecycle.commands[line.command])?.label ?? { zh: line.command, en: line.command }),
      ),
      actor: t.exposeString('actor'),
      role: t.field({ type: role, resolve: (line) => line.role }),
      party: t.exposeString('party', { nullable: true }),
      via: t.exposeString('via'),
      code: t.field({ type: code, resolve: (line) => line.code }),
      message: t.string(text<ShownRefusal>((line) => messageOf({ code: line.code, details: line.details } as Problem))),
      input: t.field({ type: 'JSON', resolve: (line) => line.input }),
      state: t.exposeString('state', { nullable: true }),
      hash: t.exposeString('hash'),
    }),
  });
}
