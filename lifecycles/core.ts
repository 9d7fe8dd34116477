import { z } from 'zod';
import { type Command, commandOf } from './declaration.ts';
import type { OpenEffect } from './instance.ts';

/** Commands that every lifecycle has because every lifecycle may have effects. */
export const coreCommands: Record<string, Command> = {
  retryEffect: commandOf()({
    label: { zh: '立即重试', en: 'Retry now' },
    description: {
      zh: '马上再试一次未成功的任务，不等下一次自动重试；正在进行的尝试不会重复。',
      en: 'Try an effect again at once instead of waiting; a try that is running is never doubled.',
    },
    by: ['operationsManager'],
    input: z.object({ effect: z.string().min(1).max(200) }),
    reason: 'required',
    requires: [{ code: 'NOTHING_TO_RETRY', met: ({ effects }) => effects.some(isRetryable) }],
    check: ({ input, effects }) =>
      effects.some((effect) => effect.key === input.effect && isRetryable(effect))
        ? []
        : [
            {
              path: 'effect',
              message: `expected one of ${effects
                .filter(isRetryable)
                .map((effect) => effect.key)
                .join(', ')}, got ${input.effect}`,
            },
          ],
    rules: ['PRD-5'],
  }) as Command,
};

const isRetryable = (effect: OpenEffect) => effect.status === 'open' || effect.status === 'failed';
