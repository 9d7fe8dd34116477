import { handles } from './ask.ts';
import type { Lifecycle } from './declaration.ts';
import type { Instance } from './instance.ts';
import { isFinal, isFrozen } from './registry.ts';
import { type Actor, maySee, type Parties } from './roles.ts';
import type { Topic } from './topics.ts';

/** Whose contact the rules show to whom: of one side to the other, in the states in which a command belongs. */
export type Contact = {
  of: keyof Parties;
  to: keyof Parties;
  /** The command beside which it is shown: who may remind the other side may also call it. */
  beside: string;
  /** The topic whose message receivers they are; the account where none are named (ACT-3). */
  topic: Topic;
  rules: readonly string[];
};

/** A contact that a caller may be shown, by the party it is of. */
export type ShownContact = Pick<Contact, 'of' | 'topic'> & { party: string };

/** The contacts that the caller may see here and now; of a frozen record none: there the operations manager is called in (SUP-5). */
export function contactsShown(lifecycle: Lifecycle, { value, parties }: Pick<Instance, 'value' | 'parties'>, actor: Actor): ShownContact[] {
  if (!maySee(actor, parties, lifecycle.name) || isFinal(lifecycle, value) || isFrozen(value)) return [];
  return (lifecycle.contacts ?? [])
    .filter(({ to, beside }) => to === actor.role && handles(lifecycle, value, beside))
    .map(({ of, topic }) => ({ of, topic, party: parties[of] }));
}
