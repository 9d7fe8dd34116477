import { z } from 'zod';
import { type Command, commandOf, type Given, type Lifecycle, type Requirement } from './declaration.ts';
import type { OpenEffect } from './instance.ts';
import { expectedField, oneOf } from './problem.ts';
import type { Bilingual } from './roles.ts';

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
        : [expectedField('effect', oneOf(effects.filter(isRetryable).map((effect) => effect.key)), input.effect)],
    rules: ['PRD-5'],
  }) as Command,
};

const isRetryable = (effect: OpenEffect) => effect.status === 'open' || effect.status === 'failed';

/** A core command as one lifecycle has it: an effect that declares when it may be retried by hand is retried only then. */
export function coreCommandOf(lifecycle: Lifecycle, name: string): Command | undefined {
  if (!Object.hasOwn(coreCommands, name)) return undefined;
  const known = narrowed.get(lifecycle) ?? { ...coreCommands, retryEffect: retryOf(lifecycle) };
  narrowed.set(lifecycle, known);
  return known[name];
}
const narrowed = new WeakMap<Lifecycle, Record<string, Command | undefined>>();

function retryOf({ effects: declared }: Lifecycle): Command {
  const command = coreCommands.retryEffect as Command;
  const restricted = Object.entries(declared).flatMap(([name, { byHand = [] }]) => byHand.map((requirement) => ({ name, requirement })));
  if (restricted.length === 0) return command;
  const against = (effect: OpenEffect, given: Given) => declared[effect.name]?.byHand?.find(({ met }) => !met(given));
  const isFree = (given: Given) => (effect: OpenEffect) => isRetryable(effect) && !against(effect, given);
  // while another one may be retried the command is possible, and what is named decides
  const unlessAnother = ({ name, requirement }: { name: string; requirement: Requirement }): Requirement => ({
    ...requirement,
    met: (given) => requirement.met(given) || given.effects.some(isFree(given)) || !given.effects.some((effect) => effect.name === name && isRetryable(effect)),
  });
  return {
    ...command,
    requires: [...(command.requires ?? []), ...restricted.map(unlessAnother)],
    refuse: ({ input, ...given }) => {
      const named = given.effects.find(({ key }) => key === input.effect);
      const no = named && against(named, given);
      return no ? { code: no.code, details: no.details?.(given) ?? {} } : null;
    },
  };
}

/** What happens to an instance of any lifecycle without being a command of a person. */
export const coreEvents: Record<string, Bilingual> = {
  effectGaveUp: { zh: '任务未成功，等待处理', en: 'An effect gave up and waits for an operator' },
  machineMigrated: { zh: '迁移到新版本规则', en: 'Moved to a newer version of the rules' },
};

/** What a line of the log is called: a command, a deadline, an effect, a word from another instance. */
export function labelOf(lifecycle: Lifecycle, type: string): Bilingual {
  const { name, label, opening, commands, deadlines, effects, events } = lifecycle;
  if (type === `${name}Created`) return { zh: `${label.zh}开始`, en: `${label.en} begins` };
  if (type === opening?.name) return opening.command.label;
  return (commands[type] ?? coreCommands[type] ?? deadlines[type] ?? effects[type])?.label ?? events[type] ?? coreEvents[type] ?? { zh: type, en: type };
}
