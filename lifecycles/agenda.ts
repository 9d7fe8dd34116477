import { waitsForOf } from './awaited.ts';
import type { Instance } from './instance.ts';
import { isFrozen, isSettled, type Registry, stateOf } from './registry.ts';
import { type Calendar, endOf, type Policies } from './spans.ts';

/** What the workflow of an instance must do next: no business state, only what to wait for and what to run. */
export type Agenda = {
  /** wake_seq: a higher one is newer. */
  seq: number;
  revision: number;
  /** The family's clock when this was read; deadlines are instants of the same clock. */
  at: number;
  state: string;
  frozen: boolean;
  final: boolean;
  /** Who must act until when, for people who look at the workflow. */
  details: string;
  deadlines: { key: string; name: string; dueAt: number; summary: string }[];
  /** `putOffMs`: how far its outside may put a try off. `inTask`: its first try is made inside the workflow task. */
  effects: {
    key: string;
    name: string;
    generation: number;
    retryEveryMs: number;
    putOffMs?: number;
    timeoutMs: number;
    taskQueue?: 'merchants';
    inTask?: true;
    summary: string;
  }[];
};

/** A deadline that comes within this time is told at once; milliseconds. */
const soonMs = 10_000;

/**
 * How long until the workflow has something to do: none when it has now, or soon; infinite when nothing but another
 * change would give it any. Until then it may hear a little later of what changed. Milliseconds.
 */
export function idleFor({
  final,
  effects,
  deadlines,
  at,
}: {
  final: boolean;
  /** The open ones. */
  effects: readonly unknown[];
  deadlines: readonly { dueAt: number | null }[];
  at: number;
}): number {
  if (final || effects.length > 0) return 0;
  return Math.max(0, Math.min(...deadlines.map(({ dueAt }) => dueAt ?? Number.POSITIVE_INFINITY)) - at - soonMs);
}

export function agendaOf({
  registry,
  instance,
  seq,
  now,
  policies,
  calendar,
}: {
  registry: Registry;
  instance: Instance;
  seq: number;
  now: number;
  policies: Policies;
  calendar: Calendar;
}): Agenda {
  const lifecycle = registry.of(instance.lifecycle, instance.version);
  const state = stateOf(instance.value);
  const deadlines = instance.deadlines.flatMap((deadline) => {
    const declared = lifecycle.deadlines[deadline.name];
    if (deadline.dueAt === null || !declared) return [];
    return [{ key: deadline.key, name: deadline.name, dueAt: deadline.dueAt, summary: `${declared.rules[0]} ${declared.label.en}` }];
  });
  const effects = instance.effects.flatMap((effect) => {
    const declared = lifecycle.effects[effect.name];
    if (effect.status !== 'open' || !declared) return [];
    return [
      {
        key: effect.key,
        name: effect.name,
        generation: effect.generation,
        retryEveryMs: Math.max(1, endOf(declared.retry.every(policies, instance.context), now, calendar) - now),
        ...(declared.retry.putOff ? { putOffMs: endOf(declared.retry.putOff(policies), now, calendar) - now } : {}),
        timeoutMs: declared.retry.timeoutMs,
        ...(declared.taskQueue ? { taskQueue: declared.taskQueue } : {}),
        ...(declared.quick ? { inTask: true as const } : {}),
        summary: `${declared.rules[0]} ${declared.label.en}`,
      },
    ];
  });
  const label = lifecycle.states[state];
  const waits = waitsForOf(lifecycle, instance).join(', ') || 'nobody';
  const until = deadlines.map((deadline) => `- ${new Date(deadline.dueAt).toISOString()} ${deadline.summary}`).join('\n');
  return {
    seq,
    revision: instance.revision,
    at: now,
    state,
    frozen: isFrozen(instance.value),
    final: isSettled(lifecycle, instance),
    details: `**${instance.number}** ${label?.zh ?? state} / ${label?.en ?? state}${isFrozen(instance.value) ? ' (frozen by an appeal 申诉)' : ''}\n\nwaits for: ${waits}\n\nasOfRevision: ${instance.revision}\n${until}`,
    deadlines,
    effects,
  };
}
