import type { Heard } from '../db/notify.ts';
import { maySee } from '../lifecycles/roles.ts';
import { type Builder, everyone } from './builder.ts';
import { fromId, toId } from './ids.ts';

type Change = { id: string | null; revision: number | null; resync: boolean };

/** Changes as they happen: ids and revisions only, so that rights are checked when the client reads (SUP-11). */
export function addChanges(builder: Builder): void {
  const change = builder.objectRef<Change>('Change').implement({
    fields: (t) => ({
      id: t.id({ nullable: true, description: 'What changed; null on a resync.', resolve: (parent) => parent.id }),
      revision: t.exposeInt('revision', { nullable: true }),
      resync: t.exposeBoolean('resync', { description: 'True: changes may have been missed; read again what is shown.' }),
    }),
  });
  builder.subscriptionType({
    fields: (t) => ({
      changes: t.field({
        type: change,
        description: 'One event per change of a record that the caller may see. Over server-sent events, until the token ends.',
        args: { ids: t.arg.idList({ required: false, description: 'Only these records.' }) },
        authScopes: { as: everyone },
        subscribe: (_root, { ids }, { actor, until, core }) => {
          const wanted = ids ? new Set(ids.map((id) => fromId(id)?.uuid ?? '')) : null;
          return pick(endingAt(until, core.changes()), (heard) => {
            if (heard.kind === 'resync') return { id: null, revision: null, resync: true };
            if (wanted && !wanted.has(heard.id)) return null;
            if (!maySee(actor, heard, heard.lifecycle)) return null;
            return { id: toId(heard.lifecycle, heard.id), revision: heard.revision, resync: false };
          });
        },
        resolve: (event) => event as Change,
      }),
    }),
  });
}

const longestTimerMs = 2 ** 31 - 1;

/** Ends a source at an instant: whoever may no longer ask hears no more (ACT-1). */
function endingAt(until: number, source: AsyncIterableIterator<Heard>): AsyncIterableIterator<Heard> {
  const timer = setTimeout(() => void source.return?.(), Math.min(until - Date.now(), longestTimerMs));
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => source.next(),
    async return() {
      clearTimeout(timer);
      return (await source.return?.()) ?? { value: undefined, done: true };
    },
  };
}

/** Ends its source when the subscriber goes, also while it waits for the next event. */
function pick(source: AsyncIterableIterator<Heard>, choose: (heard: Heard) => Change | null): AsyncIterableIterator<Change> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const { value, done } = await source.next();
        if (done) return { value: undefined, done: true };
        const chosen = choose(value);
        if (chosen) return { value: chosen, done: false };
      }
    },
    async return() {
      await source.return?.();
      return { value: undefined, done: true };
    },
  };
}
