import { judge } from '../db/decide.ts';
import { judgeOpening } from '../db/opening.ts';
import type { Question } from '../lifecycles/ask.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { EventKind, Instance } from '../lifecycles/instance.ts';
import { migrated } from '../lifecycles/migrate.ts';
import { deadlinePassed } from '../lifecycles/outcome.ts';
import type { World } from '../lifecycles/play.ts';
import { messageOf } from '../lifecycles/problem.ts';
import { commandNamed } from '../lifecycles/registry.ts';
import { gaveUp } from '../lifecycles/repair.ts';
import { type Bilingual, maySee } from '../lifecycles/roles.ts';
import { type Step, step } from '../lifecycles/step.ts';
import type { Stood } from './execute.ts';
import type { EventLine } from './shapes.ts';

/** An event that has its cause outside the family, put to the instance as it was before. */
export type Put = {
  event: EventLine;
  lifecycle: Lifecycle;
  instance: Instance;
  question: Question;
  world: World;
  live: ReadonlyMap<string, Stood>;
  exactDays: boolean;
};
/** The steps that may follow, nearly always one; or why the rules take no such event. */
export type Caused = { steps: Step[] } | { why: Bilingual };

const no = (zh: string, en: string): Caused => ({ why: { zh, en } });

/** How each kind of event comes about. `null`: only ever as a consequence of another. */
export const causes = {
  command,
  core: (put) => (put.event.type === 'effectGaveUp' ? givenUp(put) : command(put)),
  deadline,
  effect: result,
  migrated: migration,
  created: null,
  told: null,
} satisfies Record<EventKind, ((put: Put) => Caused) | null>;

function command({ event, lifecycle, instance, question }: Put): Caused {
  const { type, input, reason, expected_revision } = event;
  const declared = commandNamed(lifecycle, type);
  if (!declared || lifecycle.opening?.name === type) return no('没有这个操作', 'there is no such command');
  if (!maySee(question.actor, instance.parties, lifecycle.name) && !declared.proof?.(question.facts))
    return no('操作人无权查看该实例', 'the actor may not see this record');
  if (expected_revision !== null && expected_revision !== instance.revision)
    return no(`基于第 ${expected_revision} 版`, `it was decided on revision ${expected_revision}, not ${instance.revision}`);
  const wish = { command: type, input, reason, actor: question.actor };
  const decided = judge({ lifecycle, instance, wish, declared, parsed: declared.input.safeParse(input), question });
  return decided.ok ? { steps: [decided.first] } : { why: messageOf(decided.problem) };
}

/** The command that opens the family: nothing exists before it. */
export function opening({ event, lifecycle, question: { actor, facts, now }, world, live }: Omit<Put, 'instance'>): Caused {
  const { type: name, input, reason } = event;
  if (lifecycle.opening?.name !== name) return no('该操作不能开始一个实例', 'this command opens nothing');
  const parsed = lifecycle.opening.command.input.safeParse(input);
  const family = new Map([...live].map(([id, { instance }]) => [id, instance]));
  const decided = judgeOpening({ lifecycle, wish: { command: name, input, reason, actor }, parsed, cause: { actor, facts, now }, world, family });
  return decided.ok ? { steps: [decided.first] } : { why: messageOf(decided.problem) };
}

function deadline({ event: { type }, lifecycle, instance, question, exactDays }: Put): Caused {
  const armed = instance.deadlines.find(({ name }) => name === type);
  if (!armed || armed.dueAt === null) return no('该期限没有在计时', 'this deadline was not running');
  if (armed.dueAt > question.now && exactDays)
    return no(`该期限到 ${iso(armed.dueAt)} 才到期`, `this deadline was due at ${iso(armed.dueAt)}, not at ${iso(question.now)}`);
  return { steps: [deadlinePassed({ lifecycle, instance, question, name: type })] };
}

/** The outcome of an effect that was wanted: its success, or an exit that it declares. */
function result({ event: { type, input }, lifecycle, instance, question }: Put): Caused {
  const steps = instance.effects.flatMap((effect) => {
    const declared = lifecycle.effects[effect.name];
    if (!declared) return [];
    const happened = (given: Record<string, unknown>) =>
      step({ lifecycle, instance, happening: { kind: 'effect', type, input: given, reason: null, effect }, question });
    const parsed = declared.succeeded === type ? declared.result.safeParse(input) : null;
    if (parsed?.success) return [happened(parsed.data)];
    const isExit = [declared.failed, declared.exhausted].some((exit) => exit !== 'incident' && exit.event === type);
    return isExit ? [happened(input)] : [];
  });
  return steps.length > 0 ? { steps } : no('没有等待此结果的任务', 'no effect was waiting for this outcome');
}

function givenUp({ event: { input }, instance, question }: Put): Caused {
  const effect = instance.effects.find(({ key }) => key === input.effect);
  const error = input.error as { code: string; message: string };
  return effect ? { steps: [gaveUp({ instance, effect, error, question })] } : no('没有这个任务', 'there was no such effect');
}

function migration({ event: { input }, instance, question, world }: Put): Caused {
  const to = world.registry.of(instance.lifecycle, Number(input.to));
  const policies = world.policiesOf(to.name, to.version, instance.context);
  const moved = migrated({ from: world.registry.of(instance.lifecycle, instance.version), to, instance, question: { ...question, policies } });
  if ('step' in moved) return { steps: [moved.step] };
  return no(moved.problems.join('；'), moved.problems.join('; '));
}

const iso = (ms: number) => new Date(ms).toISOString();
