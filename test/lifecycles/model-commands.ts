import { judgeOpening } from '../../db/opening.ts';
import { type Answer, type CommandRequest, fieldProblems, stale } from '../../db/requests.ts';
import { refusalOf, whyNot } from '../../lifecycles/ask.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { invalid, notFound, type Problem } from '../../lifecycles/problem.ts';
import { commandNamed } from '../../lifecycles/registry.ts';
import { retried } from '../../lifecycles/repair.ts';
import { maySee } from '../../lifecycles/roles.ts';
import { step } from '../../lifecycles/step.ts';
import type { Inside } from './drive.ts';

/** A command without what only a transport knows: no key, no door. */
export type ModelCommand = Pick<CommandRequest, 'lifecycle' | 'command' | 'actor'> &
  Partial<Pick<CommandRequest, 'instance' | 'input' | 'reason' | 'expectedRevision'>>;

/** What db/commands.ts does with a command, without locks, keys and rows: the same answers in the same precedence. */
export function commandsOf({ world, factsFor, now, lastActor, instances, questionOf, store }: Inside) {
  const { registry } = world;
  return { command };

  /** Asks, then plays; a refusal changes nothing. */
  function command(request: ModelCommand): Answer {
    const { lifecycle: name, command: commandName, actor, instance: id = null, reason = null } = request;
    if (id === null) return open(request);
    const instance = instances.get(id);
    if (instance?.lifecycle !== name || !maySee(actor, instance.parties, name)) return no(notFound(id));
    const expected = request.expectedRevision ?? null;
    if (expected !== null && expected !== instance.revision) return no(staleFor(instance, expected));

    const lifecycle = registry.of(name, instance.version);
    const declared = commandNamed(lifecycle, commandName);
    if (!declared) throw new Error(`expected a command of ${name}, got "${commandName}"`);
    const parsed = declared.input.safeParse(request.input ?? {});
    const question = questionOf(instance, actor, factsFor(declared.facts ?? [], { actor, input: parsed.data ?? {}, instance }));
    const problem = whyNot({ lifecycle, instance, name: commandName, question });
    if (problem) return no(problem);
    const fields = fieldProblems({ declared, parsed, request: complete(request), question, instance });
    if (fields.length > 0) return no(invalid(fields));
    const broken = refusalOf({ lifecycle, instance, name: commandName, question, input: parsed.data ?? {} });
    if (broken) return no(broken);

    const isCore = commandName in coreCommands;
    const happening = { kind: isCore ? ('core' as const) : ('command' as const), type: commandName, input: parsed.data ?? {}, reason };
    const first = isCore ? retried({ instance, happening, question }) : step({ lifecycle, instance, happening, question });
    store(first, question);
    return { ok: true, instance: id, revision: first.instance.revision, replayed: false };
  }

  function open(request: ModelCommand): Answer {
    const { actor } = request;
    const lifecycle = registry.of(request.lifecycle);
    const { opening } = lifecycle;
    if (opening?.name !== request.command) throw new Error(`expected the opening command of ${lifecycle.name}, got "${request.command}"`);
    const parsed = opening.command.input.safeParse(request.input ?? {});
    const facts = factsFor(opening.command.facts ?? [], { actor, input: parsed.data ?? {}, instance: null });
    const decided = judgeOpening({ lifecycle, wish: complete(request), parsed, cause: { actor, facts, now: now() }, world, family: instances });
    if (!decided.ok) return no(decided.problem);
    const { first, question } = decided;
    const { id } = first.instance;
    store(first, question);
    return { ok: true, instance: id, revision: first.instance.revision, replayed: false };
  }

  function staleFor(instance: Instance, expected: number): Problem {
    return stale({ instance, lastActor: lastActor(instance.id) }, expected);
  }
}

const no = (problem: Problem): Answer => ({ ok: false, problem });

const complete = (request: ModelCommand): CommandRequest => ({
  instance: null,
  input: {},
  reason: null,
  expectedRevision: null,
  idempotencyKey: 'model',
  via: 'api',
  ...request,
});
