import type pg from 'pg';
import { type Question, refusalOf, whyNot } from '../lifecycles/ask.ts';
import { coreCommands } from '../lifecycles/core.ts';
import type { Command, Lifecycle } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { expectedField, type FieldProblem, invalid, oneOf, type Problem } from '../lifecycles/problem.ts';
import { commandNamed } from '../lifecycles/registry.ts';
import { retried } from '../lifecycles/repair.ts';
import { factsOf } from '../lifecycles/standing.ts';
import { type Step, step } from '../lifecycles/step.ts';
import { loadFacts } from './facts.ts';
import { type CommandRequest, fieldProblems } from './requests.ts';
import { storableJson } from './storable.ts';

export type Wish = Pick<CommandRequest, 'command' | 'input' | 'reason' | 'actor'>;

export type Decided = { ok: true; first: Step; question: Question } | { ok: false; problem: Problem };

/** One command put to one instance: refused, or its first step. The same for commit, which stores it, and what-if, which only tells. */
export async function decide(
  client: pg.PoolClient,
  { lifecycle, instance, wish, questionFor }: { lifecycle: Lifecycle; instance: Instance; wish: Wish; questionFor: (facts: Question['facts']) => Question },
): Promise<Decided> {
  const { command: name, actor } = wish;
  const declared = commandNamed(lifecycle, name);
  if (!declared || lifecycle.opening?.name === name) return { ok: false, problem: invalid([unknownCommand(lifecycle, name)]) };
  const parsed = declared.input.safeParse(wish.input);
  const question = questionFor(
    await loadFacts(client, factsOf({ lifecycle, command: declared, actor }), { actor, input: storableJson(parsed.data ?? {}), instance }),
  );
  return judge({ lifecycle, instance, wish, declared, parsed, question });
}

/** The same with all that it needs at hand: what an event of the log is put to again. */
export function judge({
  lifecycle,
  instance,
  wish,
  declared,
  parsed,
  question,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  wish: Wish;
  declared: Command;
  parsed: ReturnType<Command['input']['safeParse']>;
  question: Question;
}): Decided {
  const name = wish.command;
  const no = whyNot({ lifecycle, instance, name, question });
  if (no) return { ok: false, problem: no };
  const fields = fieldProblems({ declared, parsed, request: wish, question, instance });
  if (fields.length > 0) return { ok: false, problem: invalid(fields) };
  const broken = refusalOf({ lifecycle, instance, name, question, input: parsed.data ?? {} });
  if (broken) return { ok: false, problem: broken };
  const isCore = name in coreCommands;
  const happening = { kind: isCore ? ('core' as const) : ('command' as const), type: name, input: parsed.data ?? {}, reason: wish.reason };
  return { ok: true, question, first: isCore ? retried({ instance, happening, question }) : step({ lifecycle, instance, happening, question }) };
}

export function unknownCommand(lifecycle: Lifecycle, name: string): FieldProblem {
  return expectedField('command', oneOf(Object.keys({ ...lifecycle.commands, ...coreCommands })), name);
}
