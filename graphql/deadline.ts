import type { InstanceRow } from '../db/read/instances.ts';
import type { Deadline, Lifecycle } from '../lifecycles/declaration.ts';
import type { ArmedDeadline } from '../lifecycles/instance.ts';
import { system } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';

export type ShownDeadline = { armed: ArmedDeadline; declared: Deadline | undefined; now: number; provisional: boolean };

/** The deadlines that run or are stopped by a freeze, first due first (TIM-2). */
export function deadlinesOf(row: InstanceRow, { core }: Context): ShownDeadline[] {
  const { instance, now } = row;
  const lifecycle = core.registry.of(instance.lifecycle, instance.version);
  return instance.deadlines
    .map((armed) => ({ armed, declared: lifecycle.deadlines[armed.name], now, provisional: isProvisional(row, armed, lifecycle) }))
    .sort((one, other) => remainingMs(one) - remainingMs(other));
}

/** Counted in working days into a year whose holidays nobody has announced yet (TIM-1). */
function isProvisional({ instance, now, settings: { calendar, policiesOf } }: InstanceRow, armed: ArmedDeadline, lifecycle: Lifecycle): boolean {
  if ((armed.dueAt ?? now + (armed.remainingMs ?? 0)) < calendar.announcedUntil) return false;
  const { context, parties, effects } = instance;
  const due = lifecycle.deadlines[armed.name]?.due({
    context,
    parties,
    effects,
    actor: system,
    facts: {},
    now: armed.armedAt,
    policies: policiesOf(lifecycle, context),
    calendar,
  });
  return due != null && 'workingDays' in due;
}

const remainingMs = ({ armed, now }: ShownDeadline): number => (armed.dueAt === null ? (armed.remainingMs ?? 0) : armed.dueAt - now);

export function addDeadline(builder: Builder, { text }: Texts) {
  return builder.objectRef<ShownDeadline>('Deadline').implement({
    description: 'An instant by which something happens by itself (TIM-2). Count down from serverNow, not from your own clock.',
    fields: (t) => ({
      name: t.string({ resolve: ({ armed }) => armed.name }),
      label: t.string(text<ShownDeadline>(({ armed, declared }) => declared?.label ?? { zh: armed.name, en: armed.name })),
      dueAt: t.field({ type: 'DateTime', nullable: true, description: 'Null while frozen.', resolve: ({ armed }) => armed.dueAt }),
      remaining: t.int({
        description: 'Seconds left; negative when overdue. Stands still while frozen.',
        resolve: (parent) => Math.round(remainingMs(parent) / 1_000),
      }),
      frozen: t.boolean({ resolve: ({ armed }) => armed.dueAt === null }),
      provisional: t.exposeBoolean('provisional', {
        description: 'It was counted over days of a year that is not announced yet, and may be some days off. Its instant stays as it is (TIM-2).',
      }),
      armedAt: t.field({ type: 'DateTime', resolve: ({ armed }) => armed.armedAt }),
      serverNow: t.field({ type: 'DateTime', description: 'The clock that dueAt belongs to.', resolve: ({ now }) => now }),
      rules: t.stringList({ resolve: ({ declared }) => [...(declared?.rules ?? [])] }),
    }),
  });
}
