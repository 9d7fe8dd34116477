import { shanghai } from '../../calendar/calendar.ts';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';
import { createModel, type Model } from '../lifecycles/drive.ts';
import { remembering } from '../lifecycles/remembering.ts';
import type { Stored } from './stored.ts';

export type Explained = {
  model: Model;
  /** Every instance as it was after each revision that ended a transaction. */
  snapshots: Map<string, Map<number, Instance>>;
};

const calendar = remembering(shanghai);

/**
 * Puts what came from outside (commands, fired deadlines, results) to the pure rules again, each at the instant the log
 * gives it. What the rules make of it, lines in other instances included, must be what PostgreSQL holds.
 * @throws with the first line that the rules do not take
 */
export function explained({ rows, log }: Stored): Explained {
  const lines = new Map<string, LogEntry[]>([...rows.keys()].map((id) => [id, log.filter((entry) => entry.instance === id)]));
  const snapshots: Explained['snapshots'] = new Map([...rows.keys()].map((id) => [id, new Map()]));
  let entry = soonest();
  const model = createModel({
    calendar,
    now: entry?.at ?? 0,
    factsFor: () => entry?.facts ?? {},
    identityFor: (prefix) => {
      const row = [...rows.values()].find(({ id, number }) => number.startsWith(`${prefix}-`) && !model.instances.has(id));
      if (!row) throw new Error(`expected the log to have another ${prefix}, got none`);
      return { id: row.id, number: row.number };
    },
  });
  for (; entry; entry = soonest(model)) {
    model.moveTo(entry.at);
    const before = model.instances.get(entry.instance)?.revision ?? 0;
    const no = put(model, entry);
    if (no || model.instances.get(entry.instance)?.revision === before)
      throw new Error(`expected the rules to take ${JSON.stringify(entry)}, got ${no ?? 'nothing'}`);
    for (const [id, instance] of model.instances) snapshots.get(id)?.set(instance.revision, instance);
  }
  return { model, snapshots };

  /** The first line not yet explained that has its cause outside the family. */
  function soonest(known?: Model): LogEntry | undefined {
    const heads = [...lines].flatMap(([id, list]) => list[known?.instances.get(id)?.revision ?? 0] ?? []);
    return heads.filter(({ kind }) => kind !== 'created' && kind !== 'told').toSorted((one, other) => one.at - other.at)[0];
  }
}

/** @returns why not, or null */
function put(model: Model, entry: LogEntry): string | null {
  const { instance: id, kind, type, actor, input, reason } = entry;
  const instance = model.instances.get(id);
  if (kind === 'deadline') {
    const key = instance?.deadlines.find(({ name }) => name === type)?.key ?? '';
    return model.fire({ instance: id, key }) ? null : 'a deadline that is not due';
  }
  if (kind === 'effect') {
    const lifecycle = model.registry.of(instance?.lifecycle ?? '');
    const key = instance?.effects.find(({ name }) => lifecycle.effects[name]?.succeeded === type)?.key ?? '';
    return model.effectResult({ instance: id, key, result: input }) ? null : 'a result of no open effect';
  }
  if (type === 'effectGaveUp') return model.effectGaveUp({ instance: id, key: String(input.effect) }) ? null : 'an effect that is not open';
  const lifecycle = instance?.lifecycle ?? model.registry.current.find(({ opening }) => opening?.name === type)?.name ?? '';
  const answer = model.command({ lifecycle, instance: instance ? id : null, command: type, actor, input, reason });
  return answer.ok ? null : answer.problem.code;
}

const byKey = <T extends { key?: string; subject?: string }>(list: readonly T[]) =>
  list.toSorted((one, other) => String(one.key ?? one.subject).localeCompare(String(other.key ?? other.subject)));
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** An instance in the form in which row and model are compared; what only the database knows is left out. */
export const comparable = (instance: Instance): unknown =>
  plain({
    ...instance,
    refs: instance.refs,
    deadlines: byKey(instance.deadlines),
    // a nudge of sandbox or sweep raises the generation without a line in the log
    effects: byKey(instance.effects).map(({ generation: _, ...effect }) => effect),
    // the model's own errors have other words
    incidents: byKey(instance.incidents).map(({ code: _, message: __, ...incident }) => incident),
  });

/** The log's lines in one order and form. */
export const comparableLog = (log: readonly LogEntry[]): unknown[] =>
  plain(
    log
      .map((entry) => (entry.type === 'effectGaveUp' ? { ...entry, input: { effect: entry.input.effect } } : entry))
      .toSorted((one, other) => one.instance.localeCompare(other.instance) || one.revision - other.revision),
  );
