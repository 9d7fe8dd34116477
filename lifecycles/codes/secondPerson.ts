import type { Bilingual } from '../roles.ts';

/** Money above a limit takes two persons (ACT-3). */
export const secondPersonCodes = {
  DECISION_PENDING: {
    zh: '{by} 对 {number} 的决定涉及 {got}（{currency}，分），超过限额，须另一位运营经理确认或驳回后才能继续（ACT-3）。',
    en: '{by} decided on {got} ({currency}, minor units) for {number}, which is above the limit; another operations manager must confirm or reject that first (ACT-3).',
  },
  NO_DECISION_PENDING: {
    zh: '{number} 没有等待第二人确认的决定。',
    en: 'No decision on {number} awaits a second person.',
  },
  SECOND_PERSON: {
    zh: '这是您本人作出的决定，须由另一位运营经理确认（ACT-3）。',
    en: 'You made this decision on {number} yourself; another operations manager must confirm it (ACT-3).',
  },
} as const satisfies Record<string, Bilingual>;
