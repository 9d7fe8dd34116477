import { z } from 'zod';
import type { DeclaredPolicy, Notice, Requirement, Told } from './declaration.ts';
import type { Bilingual } from './roles.ts';
import { countOf, type Policies } from './spans.ts';
import { instant } from './values.ts';

/** ACT-3: who decided on money above the limit, and when. A lifecycle keeps it in its context, beside what is to be confirmed. */
export const decided = { at: instant, by: z.string() };

/** The limit ᵖ in minor units (分): what is above it takes two persons. */
export const limit = (label: Bilingual): DeclaredPolicy => ({ default: 5_000_000, least: 0, most: 100_000_000_000, label, rule: 'ACT-3' });

/** Whether an amount takes a second person, in whichever direction it goes. @param policy the limit's name among the lifecycle's policies */
export const isAbove = (amount: number, policies: Policies, policy = 'secondPersonAbove'): boolean => Math.abs(amount) > countOf(policies, policy);

type Pending = { by: string; amount: number };

/**
 * ACT-3, for a lifecycle whose context keeps one decision at a time until it is confirmed or rejected: nothing else is
 * decided meanwhile (`isNotPending`), and another person than its maker confirms it (`confirmed`).
 */
export function secondPerson<Context extends { currency: string }>(pendingIn: (context: Context) => Pending | null) {
  const isNotPending: Requirement<Context> = {
    code: 'DECISION_PENDING',
    met: ({ context }) => pendingIn(context) === null,
    details: ({ context }) => ({ by: pendingIn(context)?.by ?? '', got: pendingIn(context)?.amount ?? 0, currency: context.currency }),
  };
  const pends: Requirement<Context> = { code: 'NO_DECISION_PENDING', met: ({ context }) => pendingIn(context) !== null };
  const isAnother: Requirement<Context> = { code: 'SECOND_PERSON', met: ({ context, actor }) => pendingIn(context)?.by !== actor.id };
  const isPending = ({ context }: Told<Context>) => pendingIn(context) !== null;
  return {
    isNotPending,
    pends,
    isAnother,
    isPending,
    /** How the command that confirms is declared, but for its words and facts. */
    confirmed: { by: ['operationsManager'], input: z.object({}), reason: 'optional', anotherPerson: true },
    /** How the command that rejects is: anyone of them, its maker too, with the reason. */
    rejected: { by: ['operationsManager'], input: z.object({}), reason: 'required', requires: [pends], rules: ['ACT-3'] },
    /** The managers are told that it awaits one of them. */
    awaits: (text: Bilingual, more: Partial<Notice> = {}): Notice => ({ ...more, to: ['operationsManager'], when: isPending, text }),
  } as const;
}
