import { canonical } from '../lifecycles/canonical.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import { causes } from './causes.ts';
import { createExecute, type Executed, type ExecuteOptions, type Stood } from './execute.ts';
import type { EventLine, InstanceLine } from './shapes.ts';
import type { createTables } from './tables.ts';
import { type Place, short, Unfit } from './unfit.ts';

type Waiting = { event: EventLine; line: number };
type Logged = EventLine[];

export type ReplayOptions = ExecuteOptions & {
  tables: ReturnType<typeof createTables>;
  /** What to say where the program's rules are not those that the bundle was taken with. */
  rules: Bilingual;
  /** An instance stood so from one event of its log to another; to the end when that is null. */
  onStood: (instance: Instance, from: EventLine, until: EventLine | null) => void;
};

/** Events that wait for another that is read later. One transaction changes a handful of instances. */
const mostWaiting = 1_000;

/**
 * Puts a log to the pure rules again (ACT-2): each event with a cause outside the family is asked and played, and what
 * that makes of the family, lines in other instances included, must be the lines that follow, down to their hashes.
 */
export function createReplay({ tables, rules, onStood, ...options }: ReplayOptions) {
  const { registry, instances } = options;
  const execute = createExecute(options);
  const live = new Map<string, Stood>();
  const last = new Map<string, EventLine>();
  const waiting = new Map<string, Waiting[]>();
  let count = 0;
  return { take, end };

  /** Events come in the order of their instants. @throws Unfit, at the latest from `end` */
  function take(event: EventLine, line: number): void {
    const list = waiting.get(event.instance_id) ?? [];
    waiting.set(event.instance_id, list);
    list.push({ event, line });
    count += 1;
    for (let one = fitting(); one; one = fitting()) keep(one);
    if (count > mostWaiting) assertNothingWaits();
  }

  function end(): void {
    assertNothingWaits();
    for (const [id, { instance }] of live) onStood(instance, last.get(id) as EventLine, null);
  }

  /** Of two events at the same instant either may be first: the one that fits is. */
  function fitting(): Executed | null {
    for (const one of outside()) {
      const tried = attempt(one);
      if (!(tried instanceof Unfit)) return tried;
    }
    return null;
  }

  /** The next event of each instance that has its cause outside the family, oldest first. */
  function outside(): Waiting[] {
    const next = [...waiting.values()].flatMap(([one]) => (one && causes[one.event.kind] ? [one] : []));
    return next.sort((one, other) => Date.parse(one.event.at) - Date.parse(other.event.at) || one.line - other.line);
  }

  function attempt(one: Waiting): Executed | Unfit {
    const execution = execute(one.event, live);
    if ('why' in execution) return new Unfit('EVENT_NOT_ALLOWED', { event: labelIn(one.event), why: execution.why }, placeOf(one));
    let first: Unfit | null = null;
    for (const executed of execution.all) {
      const differing = difference(executed.rows.logged as Logged, one);
      if (!differing) return executed;
      first ??= differing;
    }
    return first ?? new Unfit('EVENT_WITHOUT_CAUSE', { event: labelIn(one.event) }, placeOf(one));
  }

  /** Where the lines that follow by the rules are not those that the log has, hash by hash. */
  function difference(logged: Logged, one: Waiting): Unfit | null {
    const seen = new Map<string, number>();
    for (const own of logged) {
      const index = seen.get(own.instance_id) ?? 0;
      seen.set(own.instance_id, index + 1);
      const said = waiting.get(own.instance_id)?.[index];
      if (!said) return new Unfit('EVENT_MISSING', { expected: labelIn(own) }, placeOf(one));
      if (said.event.hash === own.hash) continue;
      const differs = (name: string) => canonical(own[name as keyof EventLine]) !== canonical(said.event[name as keyof EventLine]);
      const field = [...Object.keys(own).filter((name) => name !== 'hash' && name !== 'previous'), 'previous'].find(differs) ?? 'hash';
      const values = { expected: short(own[field as keyof EventLine]), got: short(said.event[field as keyof EventLine]) };
      return new Unfit('EVENT_DIFFERS', { event: labelIn(said.event), field, ...values, rules }, placeOf(said));
    }
    return null;
  }

  function keep({ played, rows }: Executed): void {
    tables.take(rows);
    const logged = rows.logged as Logged;
    const stood = new Set<string>();
    for (const event of logged) {
      const { instance_id: id } = event;
      const before = live.get(id)?.instance;
      const from = last.get(id);
      if (before && from && !stood.has(id)) onStood(before, from, event);
      stood.add(id);
      waiting.get(id)?.shift();
      count -= 1;
    }
    for (const event of logged) last.set(event.instance_id, event);
    for (const [id, instance] of played.changed) {
      const { hash: head, actor: lastActor } = last.get(id) as EventLine;
      live.set(id, { instance: tables.instanceAfter(instance), head, lastActor });
    }
  }

  function assertNothingWaits(): void {
    const [first] = outside();
    const tried = first && attempt(first);
    if (tried instanceof Unfit) throw tried;
    for (const [one] of waiting.values()) if (one) throw new Unfit('EVENT_WITHOUT_CAUSE', { event: labelIn(one.event) }, placeOf(one));
  }

  function labelIn({ instance_id, type }: EventLine): Bilingual {
    return labelOf(registry.of((instances.get(instance_id) as InstanceLine).lifecycle), type);
  }

  function placeOf({ event: { instance_id, revision }, line }: Waiting): Place {
    return { line, instance: instances.get(instance_id)?.number ?? instance_id, revision };
  }
}
