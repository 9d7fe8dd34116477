import type { Details } from './codes.ts';
import type { Command, Lifecycle, Requirement } from './declaration.ts';
import type { FactName, Facts } from './facts.ts';
import { refused } from './problem.ts';
import type { Actor, Bilingual } from './roles.ts';

/**
 * How a merchant stands where that stops something: frozen or cleared, or about to leave (EXT-3). The fact is absent
 * for a merchant who trades, so that a usual event carries nothing.
 */
export type Standing = {
  state: 'active' | 'suspended' | 'cleared';
  /** Its merchantExit under way or done, by number. */
  exit: string | null;
};

const labels: Record<Standing['state'], Bilingual> = {
  active: { zh: '正常', en: 'active' },
  suspended: { zh: '冻结', en: 'frozen' },
  cleared: { zh: '清退', en: 'cleared' },
};

export const isExiting = (exit: unknown): boolean => exit !== null && exit !== undefined;

type Asked = { lifecycle: Pick<Lifecycle, 'whenMerchantFrozen'>; command: Command | undefined; actor: Actor };

/** EXT-3: what a merchant may do when it is frozen is declared; everything else is not possible then. */
const stopsWhenFrozen = ({ lifecycle, command, actor }: Asked): boolean =>
  actor.role === 'merchant' && (command?.whenMerchantFrozen ?? lifecycle.whenMerchantFrozen) !== 'allowed';

/** The facts that a command is asked with: those it names, and how its merchant stands where that could stop it. */
export const factsOf = (asked: Asked): FactName[] => [
  ...new Set<FactName>([...(asked.command?.facts ?? []), ...(stopsWhenFrozen(asked) ? (['standing'] as const) : [])]),
];

/** EXT-3: why a frozen merchant's people may only read; null where the command goes on. */
export function frozenReason({ facts: { standing }, ...asked }: Asked & { facts: Facts }): { code: 'MERCHANT_FROZEN'; details: () => Details } | null {
  if (!standing || standing.state === 'active' || !stopsWhenFrozen(asked)) return null;
  return { code: 'MERCHANT_FROZEN', details: () => ({ command: asked.command?.label ?? null, standing: labels[standing.state] }) };
}

/** EXT-3: why a frozen merchant's people may not set what is no command of a record; null for one who trades. */
export const frozenRefusal = (what: Bilingual, standing: Standing | null | undefined) =>
  !standing || standing.state === 'active' ? null : refused('MERCHANT_FROZEN', { command: what, standing: labels[standing.state] });

/** EXT-2, EXT-3: nothing comes on sale for a merchant who is frozen or about to leave. */
export const carriesOn: Requirement = {
  code: 'MERCHANT_EXITING',
  met: ({ facts: { standing } }) => !standing || (standing.state === 'active' && !isExiting(standing.exit)),
  details: ({ parties }) => ({ merchant: parties.merchant }),
};
