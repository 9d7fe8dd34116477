import { requirementProblem, whyNot } from '../lifecycles/ask.ts';
import type { Command, Lifecycle } from '../lifecycles/declaration.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Cause, World } from '../lifecycles/play.ts';
import { invalid, notFound, type Problem, refused } from '../lifecycles/problem.ts';
import { maySee } from '../lifecycles/roles.ts';
import { frozenReason } from '../lifecycles/standing.ts';
import { begin } from '../lifecycles/step.ts';
import type { Decided, Wish } from './decide.ts';
import { fieldProblems } from './requests.ts';

/** A command that opens an instance: refused, or the first step of what it opens. The same for commit and for a log that is put to the rules again. */
export function judgeOpening({
  lifecycle,
  wish,
  parsed,
  cause,
  world,
  family = new Map(),
}: {
  /** One with an opening. */
  lifecycle: Lifecycle;
  wish: Wish;
  parsed: ReturnType<Command['input']['safeParse']>;
  cause: Cause;
  world: World;
  /** Where the instances are that it joins. */
  family?: ReadonlyMap<string, Instance>;
}): Decided {
  const { name, version, opening } = lifecycle;
  if (!opening) throw new Error(`expected ${name} to have an opening command`);
  const { command: declared, start } = opening;
  const question = { ...cause, policies: world.policiesOf(name), calendar: world.calendar };
  const blank = { context: {}, parties: { buyer: '', merchant: '' }, effects: [], ...question };
  const no = (problem: Problem): Decided => ({ ok: false, problem });
  if (!declared.by.includes(cause.actor.role))
    return no(whyNot({ lifecycle, instance: nothingOf(lifecycle), name: opening.name, question }) ?? notFound(opening.name));
  const readOnly = frozenReason({ lifecycle, command: declared, actor: cause.actor, facts: cause.facts });
  if (readOnly) return no(refused(readOnly.code, readOnly.details()));
  const refs = (parsed.success && opening.joins?.(parsed.data as never)) || {};
  const joined: Record<string, Instance> = {};
  for (const [ref, joinedId] of Object.entries(refs)) {
    const instance = family.get(joinedId);
    if (!instance || !maySee(cause.actor, instance.parties, instance.lifecycle)) return no(notFound(joinedId));
    joined[ref] = instance;
  }
  const fields = fieldProblems({ declared, parsed, request: wish, question: { ...question, joined }, instance: null });
  if (fields.length > 0) return no(invalid(fields));
  const given = { ...blank, joined, opening: parsed.data ?? {} };
  const unmet = requirementProblem(declared.requires, given, null);
  if (unmet) return no(unmet);
  const broken = declared.refuse?.({ ...given, input: parsed.data as never });
  if (broken) return no(refused(broken.code, broken.details ?? {}, null));

  const { input, parties } = start({ ...given, input: parsed.data as never });
  const { id, number } = world.identityFor(lifecycle.prefix, cause.now);
  const first = begin({
    lifecycle,
    instance: { id, lifecycle: name, version, number, family: Object.values(joined)[0]?.family ?? id, refs, parties },
    input,
    happening: { kind: 'command', type: opening.name, input: parsed.data ?? {}, reason: wish.reason },
    question,
    policiesFor: (context) => world.policiesOf(name, version, context),
  });
  return { ok: true, first, question };
}

/** Something to ask of before anything exists. */
const nothingOf = ({ name, version, label }: Lifecycle): Instance => ({
  id: '',
  lifecycle: name,
  version,
  number: label.en,
  family: '',
  refs: {},
  parties: { buyer: '', merchant: '' },
  value: '',
  context: {},
  revision: 0,
  at: 0,
  deadlines: [],
  effects: [],
  recorded: [],
  incidents: [],
});
