import type { Bilingual } from '../roles.ts';

/** Production calls and where they go: PRD-5, PRD-7, PRD-8. */
export const productionCodes = {
  NO_CALLS_CHOSEN: {
    zh: '没有符合条件的生产接口调用，或您无权查看；请先用 previewCallsAgain 预览（PRD-5）。',
    en: 'Expected production calls that fit the choice and are yours to see, got none; look with previewCallsAgain first (PRD-5).',
  },
  TOO_MANY_CALLS: {
    zh: '一次最多重新调用 {most} 个，选中的更多；请缩小范围（PRD-5）。',
    en: 'Expected at most {most} calls in one bulk, got more; narrow the choice (PRD-5).',
  },
} as const satisfies Record<string, Bilingual>;
