import type { Deadline, DeclaredPolicy, Given, Notice, PolicyRule } from '../declaration.ts';
import { type Bilingual, type Role, roles } from '../roles.ts';
import { endOf, isUsuallyShorter, type Span, spanOf, startOf, workingDays } from '../spans.ts';

/**
 * SUP-7: somebody is waited for. Until the policy `<name>Within` has passed; `<name>Reminder` fires a working day
 * (policy) before, `<name>Overdue` at the end: an incident, and a word to the operations manager.
 */
export type Wait = {
  in: readonly string[];
  who: Role;
  within: Span;
  /** What is waited for, as in "deliver within 15 working days". */
  what: Bilingual;
  rule: string;
};

export const wait = (declared: Wait): Wait => declared;

/** The part of a chart that lets a wait's deadlines pass: they change nothing but are seen. */
export const waited = <Name extends string>(name: Name) =>
  ({ [`${name}Reminder`]: {}, [`${name}Overdue`]: {} }) as { [Event in `${Name}Reminder` | `${Name}Overdue`]: Record<string, never> };

export const remindBefore: DeclaredPolicy = {
  default: workingDays(1),
  label: { zh: '到期前提醒', en: 'Reminder before a wait ends' },
  rule: 'SUP-7',
};

const named = <Value>(waits: Record<string, Wait>, entries: (name: string, declared: Wait) => [string, Value][]): Record<string, Value> =>
  Object.fromEntries(Object.entries(waits).flatMap(([name, declared]) => entries(name, declared)));

export const deadlinesOf = (waits: Record<string, Wait>): Record<string, Deadline> =>
  named<Deadline>(waits, (name, { in: where, what, rule }) => [
    [
      `${name}Reminder`,
      {
        in: where,
        due: (given) => reminderOf(spanOf(given.policies, `${name}Within`), given),
        label: { zh: `提醒：${what.zh}`, en: `Reminder: ${what.en}` },
        rules: [rule],
      },
    ],
    [
      `${name}Overdue`,
      {
        in: where,
        due: ({ policies }) => spanOf(policies, `${name}Within`),
        label: { zh: `期限：${what.zh}`, en: `Time to ${what.en}` },
        incident: true,
        rules: [rule],
      },
    ],
  ]);

/** So long before the end of a wait that starts now; null when the wait is no longer than that. */
export function reminderOf(within: Span, { now, calendar, policies }: Pick<Given, 'now' | 'calendar' | 'policies'>): { at: number } | null {
  const at = startOf(spanOf(policies, 'remindBefore'), endOf(within, now, calendar), calendar);
  return at > now ? { at } : null;
}

export const policiesOf = (waits: Record<string, Wait>): Record<string, DeclaredPolicy> =>
  named<DeclaredPolicy>(waits, (name, { within, what, rule }) => [
    [`${name}Within`, { default: within, label: { zh: `${what.zh}的时限`, en: `Time to ${what.en}` }, rule }],
  ]);

/** By the names of what is waited for. */
export const rulesOf = (names: readonly string[]): PolicyRule[] =>
  names.map((name) => ({
    policies: ['remindBefore', `${name}Within`],
    label: { zh: '提醒提前量不超过时限', en: 'a reminder comes no earlier than its wait begins' },
    holds: (policies) => !isUsuallyShorter(spanOf(policies, `${name}Within`), spanOf(policies, 'remindBefore')),
  }));

export const noticesOf = (waits: Record<string, Wait>): Record<string, readonly Notice[]> =>
  named<readonly Notice[]>(waits, (name, { who, what }) => [
    [`${name}Reminder`, [{ to: [who], text: { zh: `即将到期：${what.zh}。`, en: `The time is nearly over to ${what.en}.` } }]],
    [
      `${name}Overdue`,
      [
        {
          to: [...new Set<Role>(['operationsManager', who])],
          text: { zh: `已超期：待${roles[who].zh}处理的“${what.zh}”。`, en: `Overdue: the ${roles[who].en.toLowerCase()} was to ${what.en}.` },
        },
      ],
    ],
  ]);
