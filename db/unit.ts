import type pg from 'pg';
import { type Agenda, agendaOf } from '../lifecycles/agenda.ts';
import type { Question } from '../lifecycles/ask.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Message } from '../lifecycles/notice.ts';
import { NeedsTogether, play, type Together, type World } from '../lifecycles/play.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { system } from '../lifecycles/roles.ts';
import type { Step } from '../lifecycles/step.ts';
import type { Loaded, Locked } from './load.ts';
import { createNumbers } from './numbers.ts';
import { idleAfter, isAwake } from './rows.ts';
import { type Stored, save, type Via } from './save.ts';
import { settingsIn } from './settings.ts';
import { inTransaction } from './transaction.ts';

/** What the rest of the process hears of a commit: who must be woken, how long they have nothing to do (milliseconds), and what changed for whom. */
export type Committed = { id: string; lifecycle: string; revision: number; isNew: boolean; awake: boolean; idleMs: number; buyer: string; merchant: string };

export type CommitOptions = {
  pool: pg.Pool;
  registry: Registry;
  onCommitted: (changed: Committed[], messages: Message[]) => void;
};

/** What a transaction gives back: its answer, and what to tell the process once it is committed. */
export type Outcome<T> = { result: T; done: (() => void) | null };

export type Unit = ReturnType<typeof createUnit>;

/** The unit of work that every change goes through: locked instances in, a play stored and told after the commit. */
export function createUnit({ pool, registry, onCommitted }: CommitOptions) {
  const numbers = createNumbers(pool);
  const settings = settingsIn(pool);
  return { registry, settings, together, worldOf, rulesFor, questionOf, agendaFrom, store, storeFor };

  function worldOf({ settings: { calendar, policiesOf } }: Pick<Loaded, 'settings'>): World {
    return {
      registry,
      calendar,
      policiesOf: (name, version, context) => policiesOf(registry.of(name, version), context),
      identityFor: (prefix, now) => numbers.take(prefix, now),
    };
  }

  /** Runs a transaction again with more instances locked when the play turns out to need them. */
  async function together<T>(work: (client: pg.PoolClient, also: Together) => Promise<Outcome<T>>): Promise<T> {
    let also: Together = { instances: [], members: [] };
    for (;;) {
      const giveBack = await numbers.reserve();
      try {
        const { result, done } = await inTransaction(pool, (client) => work(client, also));
        done?.();
        return result;
      } catch (error) {
        if (!(error instanceof NeedsTogether) || also.instances.length + also.members.length > 20) throw error;
        const { instances, members } = error.together;
        also = { instances: [...also.instances, ...instances], members: [...also.members, ...members] };
      } finally {
        giveBack();
      }
    }
  }

  function questionOf(loaded: Loaded, instance: Instance): Question {
    return {
      actor: system,
      facts: {},
      now: Math.max(loaded.now, instance.at),
      ...rulesFor(loaded, instance),
    };
  }

  function agendaFrom(loaded: Loaded, { instance, wakeSeq }: Pick<Locked, 'instance' | 'wakeSeq'>): Agenda {
    return agendaOf({
      registry,
      instance,
      seq: wakeSeq,
      now: Math.max(loaded.now, instance.at),
      ...rulesFor(loaded, instance),
    });
  }

  function rulesFor({ settings: { calendar, policiesOf } }: Loaded, instance: Instance): Pick<Question, 'policies' | 'calendar'> {
    return { policies: policiesOf(registry.of(instance.lifecycle, instance.version), instance.context), calendar };
  }

  async function storeFor(
    client: pg.PoolClient,
    {
      loaded,
      first,
      question,
      via,
      attempt,
      heard = true,
    }: {
      loaded: Loaded;
      first: Step;
      question: Question;
      via: Via;
      attempt?: { effect: string; no: number; record: Record<string, unknown> | null };
      /** The keeper still waits for this answer; else it is owed a wake. */
      heard?: boolean;
    },
  ) {
    const played = play({ world: worldOf(loaded), ...familyOf(loaded), cause: question, first });
    const awake = via === 'keeper' && heard ? first.instance.id : undefined;
    const seqs = new Map<string, number>();
    const instance = played.changed.get(first.instance.id) ?? first.instance;
    // before it is stored, which commits: a rule that throws must leave nothing behind
    const agenda = agendaFrom(loaded, { instance, wakeSeq: 0 });
    const done = await store(client, { loaded, play: played, via, awake, attempt, seqs });
    return { agenda: { ...agenda, seq: seqs.get(instance.id) ?? 0 }, done };
  }

  /** Stores a play inside the caller's transaction. @returns what tells the rest of the process, for after the commit */
  async function store(
    client: pg.PoolClient,
    { seqs, ...stored }: Omit<Stored, 'registry' | 'loaded'> & { loaded: Loaded; seqs?: Map<string, number> },
  ): Promise<() => void> {
    const { play: played } = stored;
    const wakes = await save(client, { ...stored, registry });
    for (const [id, seq] of wakes) seqs?.set(id, seq);
    return () => {
      const changed = [...played.changed.values()].map((instance) => ({
        id: instance.id,
        lifecycle: instance.lifecycle,
        revision: instance.revision,
        isNew: !stored.loaded.family.get(instance.id)?.wokenSeq,
        awake: isAwake({ ...stored, registry }, instance),
        idleMs: idleAfter({ ...stored, registry }, instance),
        ...instance.parties,
      }));
      onCommitted(changed, played.messages);
    };
  }
}

/** What is locked, as a play takes it. */
export const familyOf = ({ family, members }: Loaded) => ({ family: new Map([...family].map(([id, { instance }]) => [id, instance])), members });
