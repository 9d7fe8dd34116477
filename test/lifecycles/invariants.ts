import { actingState, waitsForOf } from '../../lifecycles/awaited.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance, LogEntry } from '../../lifecycles/instance.ts';
import { activeStates, isFinal, isFrozen, isOver, stateOf } from '../../lifecycles/registry.ts';
import { cast, hour, minute } from './cast.ts';
import type { Model } from './drive.ts';
import type { Outcome } from './happenings.ts';
import { type Rebuilt, withEntry } from './replay.ts';

/** What an observer of a family keeps in mind, by its own bookkeeping: nothing here is read off the rules' own timers. */
export type Observed = {
  rebuilt: ReadonlyMap<string, Rebuilt>;
  acceptedAt: number | null;
  /** Time frozen since the acceptance, without a freeze that still stands. */
  frozenMs: number;
  frozenSince: number | null;
  resumedAt: number | null;
};
export const nothingYet: Observed = { rebuilt: new Map(), acceptedAt: null, frozenMs: 0, frozenSince: null, resumedAt: null };

const demand = (holds: boolean, promise: string, found?: unknown) => {
  if (!holds) throw new Error(`${promise}${found === undefined ? '' : `: got ${JSON.stringify(found)}`}`);
};
const same = (one: unknown, other: unknown) => one === other || JSON.stringify(one) === JSON.stringify(other);

/** Holds every promise of the rules against one happening. @returns what the observer then knows */
export function observe(known: Observed, before: Model, after: Model, outcome: Outcome): Observed {
  const entries = after.log.slice(before.log.length);
  if (outcome) foretold(outcome, before, after, entries);
  for (const [id, instance] of after.instances) {
    const own = entries.filter((entry) => entry.instance === id);
    const was = before.instances.get(id);
    if (was === instance) demand(own.length === 0, 'an instance without a new line in its log is unchanged', own);
    else changed(after, was ?? null, instance, own);
  }
  const next = remember(known, after, entries);
  clocks(next, after);
  service(before, after);
  return next;
}

/** `availableCommands` says enabled exactly when a command with valid input is then accepted; a refusal changes nothing. */
function foretold({ answer, foretold: code, valid }: NonNullable<Outcome>, before: Model, after: Model, entries: readonly LogEntry[]) {
  if (answer.ok) demand(code === null && valid, 'an accepted command was foretold as possible', code);
  else {
    const expected = answer.problem.kind === 'NotFound' ? 'NOT_FOUND' : (code ?? (valid ? 'accepted' : 'INVALID'));
    demand(answer.problem.code === expected, `a command is refused as foretold (${expected})`, answer.problem.code);
    demand(entries.length === 0 && [...after.instances].every(([id, instance]) => before.instances.get(id) === instance), 'a refused command changes nothing');
  }
}

function changed(model: Model, was: Instance | null, is: Instance, entries: readonly LogEntry[]) {
  const lifecycle = model.registry.of(is.lifecycle);
  const active = activeStates(is.value);
  const frozen = isFrozen(is.value);
  if (was) demand(!isFinal(lifecycle, was.value), 'once final nothing changes', entries);
  demand(is.revision === (was?.revision ?? 0) + entries.length, 'the revision moves by one with every line of the log', is.revision);
  entries.forEach((entry, index) => {
    demand(entry.revision === (was?.revision ?? 0) + index + 1, 'lines are numbered without a gap', entry.revision);
    demand(entry.at >= (was?.at ?? 0) && entry.at <= model.now, 'time does not run backwards', entry);
    demand(same(entry.before, index === 0 ? (was?.value ?? null) : entries[index - 1]?.after), 'a line begins where the one before it ended', entry);
    if (entry.before !== null && isFrozen(entry.before)) whileFrozen(model, is.lifecycle, entry);
  });
  demand(same(entries.at(-1)?.after, is.value), 'the last line ends where the instance is', is.value);
  demand(
    entries.filter(({ after }) => isFinal(lifecycle, after)).length <= 1 || !entries.some(({ applied }) => applied),
    'there is one final outcome',
    entries,
  );

  for (const deadline of is.deadlines) {
    const declared = lifecycle.deadlines[deadline.name];
    demand(declared?.in.some((state) => active.includes(state)) === true, 'no deadline of a left state stays armed', deadline);
    const paused = (frozen && declared?.whenFrozen !== 'run') || active.some((state) => declared?.pausedIn?.includes(state));
    demand((deadline.dueAt === null) === paused, 'a deadline stops while frozen or paused, and only then', deadline);
    const old = was?.deadlines.find(({ key }) => key === deadline.key);
    if (!old)
      demand(
        deadline.armedAt === entries.find(({ revision }) => deadline.key.startsWith(`${revision}:`))?.at,
        'a deadline is armed by a line of the log',
        deadline,
      );
    else if (deadline.dueAt === null)
      demand(deadline.remainingMs === (old.dueAt === null ? old.remainingMs : Math.max(0, old.dueAt - is.at)), 'a frozen deadline keeps its remainder', [
        old,
        deadline,
      ]);
    else demand(deadline.dueAt === (old.dueAt ?? (entries[0]?.at ?? 0) + (old.remainingMs ?? 0)), 'a deadline goes on with its remainder', [old, deadline]);
  }
  if (was) kept(lifecycle, was, is, entries);
  for (const effect of is.effects) {
    const declared = lifecycle.effects[effect.name];
    demand(declared?.in.some((state) => active.includes(state)) === true, 'an effect is wanted only in its states', effect);
    demand((effect.status === 'parked') === (frozen && effect.status !== 'failed'), 'an effect is parked while frozen, and only then', effect);
  }
  recorded(was, is, entries);
  owned(model, is);
}

/** TIM-2, SUP-5: a deadline goes when it fires, is armed anew or its states are left, and not otherwise. */
function kept(lifecycle: Lifecycle, was: Instance, is: Instance, entries: readonly LogEntry[]) {
  for (const { key, name } of was.deadlines) {
    const { in: where = [], rearmOn = [] } = lifecycle.deadlines[name] ?? {};
    const stays = (value: Instance['value']) => activeStates(value).some((state) => where.includes(state));
    const mayGo = entries.some(({ kind, type, after }) => (kind === 'deadline' && type === name) || rearmOn.includes(type) || !stays(after));
    demand(mayGo || is.deadlines.some((deadline) => deadline.key === key), 'a deadline whose states stand is not lost', [name, key]);
  }
}

const ofAppeal = ['fileAppeal', 'withdrawAppeal', 'requestEvidence', 'submitEvidence', 'decideAppeal', 'confirmDecision', 'rejectDecision'];
/** What the outside says, by an effect or by a machine of its own. */
const isFromOutside = ({ kind, type }: LogEntry) => kind === 'effect' || type === 'recordActivation';

function whileFrozen(model: Model, lifecycle: string, entry: LogEntry) {
  const { kind, type, applied, before, after } = entry;
  if (kind === 'command' && !isFromOutside(entry)) demand(ofAppeal.includes(type), 'only the appeal’s own commands are accepted while frozen', type);
  if (kind === 'deadline') demand(model.registry.of(lifecycle).deadlines[type]?.whenFrozen === 'run', 'a stopped deadline does not fire', type);
  if (isFromOutside(entry)) demand(!applied && same(before, after), 'a result that comes while frozen is recorded only', type);
}

function recorded(was: Instance | null, is: Instance, entries: readonly LogEntry[]) {
  const waiting = was?.recorded ?? [];
  if (isFrozen(is.value)) {
    const came = entries.filter((entry) => isFromOutside(entry) && !entry.applied).map(({ type }) => type);
    demand(
      same(
        [...waiting.map(({ event }) => event), ...came],
        is.recorded.map(({ event }) => event),
      ),
      'what comes while frozen is recorded in order',
      is.recorded,
    );
  } else {
    demand(is.recorded.length === 0, 'nothing is left recorded when the freeze has ended', is.recorded);
    const applied = entries.filter(isFromOutside).map(({ type, input }) => [type, input]);
    if (waiting.length > 0)
      demand(
        same(
          applied,
          waiting.map(({ event, input }) => [event, input]),
        ),
        'what was recorded is applied in order',
        applied,
      );
  }
}

/** Somebody can act, or something will happen by itself. */
function owned(model: Model, { id, lifecycle: name, value, context, deadlines, effects, refs }: Instance) {
  const lifecycle = model.registry.of(name);
  if (isOver(lifecycle, value)) return;
  const here = actingState(lifecycle, value);
  const persons = waitsForOf(lifecycle, { value, context }).filter((role) => role !== 'system');
  const awaited = [...model.instances.values()].some(
    (other) => Object.values(other.refs).includes(id) && !isFinal(model.registry.of(other.lifecycle), other.value),
  );
  // SUP-5: what an appeal froze besides the supervision waits for that appeal's decision
  const appealed = isFrozen(value) && [...model.instances.values()].some((other) => other.id !== id && isFrozen(other.value));
  const byMachine = () => model.allowed({ instance: id, actor: cast.system }).length > 0;
  demand(
    persons.length > 0 || deadlines.some(({ dueAt }) => dueAt !== null) || effects.length > 0 || awaited || appealed || byMachine(),
    'every waiting state has an owner or a deadline',
    [here, refs],
  );
}

/** The log alone leads to the same instances; and the observer's own clock of SUP-4. */
function remember(known: Observed, model: Model, entries: readonly LogEntry[]): Observed {
  const next = { ...known, rebuilt: new Map(known.rebuilt) };
  for (const entry of entries) {
    const instance = model.instances.get(entry.instance) as Instance;
    const lifecycle = model.registry.of(instance.lifecycle);
    const old = next.rebuilt.get(entry.instance) ?? { value: '', context: {} };
    const rebuilt = withEntry(model, lifecycle, old, entry, (...[, , , event]) =>
      demand(
        lifecycle.machine.root.machine !== undefined && event.type in { ...lifecycle.commands, ...lifecycle.deadlines, ...lifecycle.events },
        'every line is a declared happening',
        event.type,
      ),
    );
    if (entry.kind === 'command' && entry.before !== null && entry.applied) demand(!same(old, rebuilt), 'an accepted command changes something', entry.type);
    next.rebuilt.set(entry.instance, rebuilt);
    if (instance.lifecycle === 'supervision') Object.assign(next, clockAfter(next, entry));
  }
  for (const id of new Set(entries.map((entry) => entry.instance))) {
    const instance = model.instances.get(id) as Instance;
    demand(
      same(next.rebuilt.get(id), { value: instance.value, context: instance.context }),
      'the log leads to the same state and context',
      next.rebuilt.get(id),
    );
  }
  return next;
}

function clockAfter(known: Observed, { before, after, at, type, input }: LogEntry): Partial<Observed> {
  const wasFrozen = before !== null && isFrozen(before);
  const accepted = before !== null && !isAccepted(before) && isAccepted(after) ? { acceptedAt: at, frozenMs: 0, resumedAt: null } : {};
  if (before !== null && isAccepted(before) && !isAccepted(after)) {
    const decision = type === 'decideAppeal' ? input.decision : type;
    demand(['redeliver', 'terminate', 'confirmDecision'].includes(String(decision)), 'only a decision leads back from an acceptance (SUP-4, SUP-6)', decision);
    return { acceptedAt: null, frozenMs: 0, frozenSince: null, resumedAt: null };
  }
  if (!wasFrozen && isFrozen(after)) return { ...accepted, frozenSince: at };
  if (wasFrozen && !isFrozen(after)) return { frozenMs: known.frozenMs + (at - (known.frozenSince ?? at)), resumedAt: at, frozenSince: null, ...accepted };
  return accepted;
}

const isAccepted = (value: Instance['value']) => ['accepted', 'synchronising', 'finished'].includes(stateOf(value));

/** SUP-4: first try and window are measured from the acceptance, less the time frozen. */
function clocks({ acceptedAt, frozenMs, frozenSince, resumedAt }: Observed, model: Model) {
  const supervision = model.only('supervision');
  if (!supervision || acceptedAt === null) return;
  for (const { name, dueAt, remainingMs } of supervision.deadlines) {
    const full = { completionSyncDue: 30 * minute, completionWindowPassed: 3 * hour }[name];
    if (full === undefined) continue;
    const due = Math.max(acceptedAt + full + frozenMs, resumedAt ?? 0);
    if (frozenSince === null) demand(dueAt === due, `${name} is measured from acceptance less frozen time (SUP-4)`, dueAt);
    else demand(remainingMs === Math.max(0, due - frozenSince), `${name} keeps what was left when it froze (SUP-5)`, remainingMs);
  }
}

/** ORD-5: no service, hence nothing that expires, before the order is completed; its period begins where it should. */
function service(before: Model, after: Model) {
  const made = after.only('serviceInstance');
  if (!made || before.only('serviceInstance')) return;
  const order = after.only('order');
  const supervision = after.only('supervision');
  const { validFrom, validUntil } = made.context as { validFrom: number; validUntil: number };
  demand(order?.value === 'completed', 'a service begins with the completion of its order (ORD-5)', order?.value);
  if (supervision) {
    demand(stateOf(supervision.value) === 'finished', 'an order under unfinished supervision never expires (ORD-5)', supervision.value);
    demand(
      validFrom === (supervision.context.openedAt ?? supervision.context.acceptedAt),
      'the period begins at the opening, else at acceptance (ORD-5)',
      validFrom,
    );
  }
  const period = order?.context.period as { unit: string; count: number } | undefined;
  const months = (period?.count ?? 0) * (period?.unit === 'year' ? 12 : 1);
  demand(validUntil === monthsLater(validFrom, months), 'the period ends on the same day of the month, or its last (ORD-5)', validUntil);
}

/** By the Gregorian calendar in UTC+8, without the library that the rules use. */
function monthsLater(from: number, months: number): number {
  const local = new Date(from + 8 * hour);
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months + 1, 0)).getUTCDate();
  const date = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months, Math.min(local.getUTCDate(), lastDay));
  return date + (from + 8 * hour - Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate())) - 8 * hour;
}
