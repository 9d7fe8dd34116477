import { z } from 'zod';
import { loadFacts } from '../db/facts.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import { ask, givenOf, type Question } from '../lifecycles/ask.ts';
import type { Code } from '../lifecycles/codes.ts';
import { coreCommands } from '../lifecycles/core.ts';
import type { Command, Lifecycle } from '../lifecycles/declaration.ts';
import type { FactName } from '../lifecycles/facts.ts';
import { messageOf, type Problem } from '../lifecycles/problem.ts';
import { factsOf } from '../lifecycles/standing.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { Problems, ShownProblem } from './problem.ts';

/** A command as one caller meets it on one instance; null instance: a command that opens one. */
export type AvailableCommand = {
  name: string;
  command: Command;
  why: () => WhyNot | null;
  enabled: () => boolean;
  needsSecondPerson: () => boolean;
};

/** Most callers ask for the code alone: the problem with its words is made when it is asked for. */
type WhyNot = { code: Code; problem: () => ShownProblem };

type Asked = ReturnType<typeof ask>;

/**
 * The rules asked once without facts, and the facts that requirements reached for before one of them said no: where there
 * are none, what was said stands. Evidence is about the input's files, which no requirement looks at.
 */
function askedWithoutFacts(lifecycle: Lifecycle, { instance }: InstanceRow, question: Omit<Question, 'facts'>): { asked: Asked; needed: FactName[] } {
  const reachedFor = new Set<FactName>();
  const facts: Question['facts'] = new Proxy({}, { get: (_none, name) => void reachedFor.add(name as FactName) });
  const asked = ask({ lifecycle, instance, question: { ...question, facts } });
  for (const name of Object.keys(lifecycle.commands)) {
    try {
      asked.isAllowed(name);
    } catch {
      // a requirement that cannot do without the fact it has just reached for
    }
  }
  if (reachedFor.size === 0) return { asked, needed: [] };
  const named = Object.values(lifecycle.commands).flatMap((command) => factsOf({ lifecycle, command, actor: question.actor }));
  return { asked, needed: [...reachedFor].filter((name) => name !== 'evidence' && named.includes(name)) };
}

/** The same question that commit asks: the caller, the family's clock, the policies in force. Waits only where facts are needed. */
export function availableCommandsOf(row: InstanceRow, context: Context): AvailableCommand[] | Promise<AvailableCommand[]> {
  const { actor, core, reads } = context;
  const lifecycle = core.registry.of(row.instance.lifecycle, row.instance.version);
  const question = { actor, now: row.now, policies: row.settings.policiesOf(lifecycle, row.instance.context), calendar: row.settings.calendar };
  const { asked, needed } = askedWithoutFacts(lifecycle, row, question);
  if (needed.length === 0) return commandsOf(row, lifecycle, { ...question, facts: {} }, asked);
  // a page's rows are of few merchants, and the caller's own are of one
  const others = needed.filter((name) => name !== 'standing');
  const standing = needed.includes('standing') ? reads.standings.load(row.instance.parties.merchant) : null;
  const loaded = others.length > 0 ? reads.reader.read((client) => loadFacts(client, others, { actor, input: {}, instance: row.instance })) : {};
  return Promise.all([standing, loaded]).then(([stands, facts]) =>
    commandsOf(row, lifecycle, { ...question, facts: stands ? { ...facts, standing: stands } : facts }),
  );
}

function commandsOf(
  { instance }: InstanceRow,
  lifecycle: Lifecycle,
  question: Question,
  { whyNot, codeAgainst, isAllowed }: Asked = ask({ lifecycle, instance, question }),
): AvailableCommand[] {
  return Object.entries({ ...lifecycle.commands, ...coreCommands }).map(([name, command]) => ({
    name,
    command,
    enabled: () => isAllowed(name),
    needsSecondPerson: () => command.secondPerson?.(givenOf(instance, question)) ?? false,
    why: () => {
      const code = codeAgainst(name);
      let told: ShownProblem | undefined;
      return code && { code, problem: () => (told ??= { ...(whyNot(name) as Problem), about: instance.id }) };
    },
  }));
}

const schemas = new WeakMap<Command, unknown>();
function inputSchemaOf(command: Command): unknown {
  const known = schemas.get(command) ?? z.toJSONSchema(command.input, { io: 'input' });
  schemas.set(command, known);
  return known;
}

export function addAvailableCommand(builder: Builder, { text }: Texts, { problem, code }: Problems) {
  const whyNotType = builder.objectRef<WhyNot>('WhyNot').implement({
    description: 'Why a command is not possible now.',
    fields: (t) => ({
      code: t.field({ type: code, resolve: (parent) => parent.code }),
      message: t.string(text<WhyNot>((parent) => messageOf(parent.problem()))),
      becomesPossibleAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When waiting alone makes it possible.',
        resolve: (parent) => {
          const told = parent.problem();
          return told.kind === 'Refused' ? told.possibleAt : null;
        },
      }),
      problem: t.field({ type: problem, description: 'The same answer that the command would give.', resolve: (parent) => parent.problem() }),
    }),
  });
  return builder.objectRef<AvailableCommand>('AvailableCommand').implement({
    description: 'A command of this lifecycle for the caller: enabled exactly when it would be accepted, its input aside.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Also the name of the mutation.' }),
      label: t.string(text<AvailableCommand>(({ command }) => command.label)),
      description: t.string(text<AvailableCommand>(({ command }) => command.description)),
      enabled: t.boolean({ resolve: ({ enabled }) => enabled() }),
      whyNot: t.field({ type: whyNotType, nullable: true, resolve: ({ why }) => why() }),
      inputSchema: t.field({ type: 'JSON', description: 'JSON Schema of the command’s own input.', resolve: ({ command }) => inputSchemaOf(command) }),
      reasonRequired: t.boolean({ resolve: ({ command }) => command.reason === 'required' }),
      destructive: t.boolean({ description: 'It cannot be taken back; ask before.', resolve: ({ command }) => command.destructive ?? false }),
      needsSecondPerson: t.boolean({
        description: 'A second person must confirm it here, at least with some input: a refund above a limit (ACT-3).',
        resolve: ({ needsSecondPerson }) => needsSecondPerson(),
      }),
      rules: t.stringList({ resolve: ({ command }) => [...command.rules] }),
    }),
  });
}
