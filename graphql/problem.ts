import { type Code, codes } from '../lifecycles/codes.ts';
import { type FieldProblem, messageOf, type Problem } from '../lifecycles/problem.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Texts } from './language.ts';

export type Kind = Problem['kind'];
/** `about`: the record that refused, when the caller may see it. */
export type ShownProblem = Problem & { about?: string };
type Of<Name extends Kind> = Extract<ShownProblem, { kind: Name }>;

/** The label that the rules refused with: two lifecycles may name different states alike. */
function labelOfState({ state, details: { state: label } }: Of<'Refused'>): Bilingual {
  return label && typeof label === 'object' && 'zh' in label ? (label as Bilingual) : { zh: state ?? '', en: state ?? '' };
}

/** The problems as types, each with its sentence; a command's result is one of these or the change. */
export function addProblems(builder: Builder, { text }: Texts) {
  const code = builder.enumType('ProblemCode', {
    description: 'Stable; a later version may add members. `message` says the same as a sentence.',
    values: Object.fromEntries(Object.entries(codes).map(([name, { en }]) => [name, { description: en }])) as Record<Code, { description: string }>,
  });
  const problem = builder.interfaceRef<ShownProblem>('Problem').implement({
    description: 'Why nothing was changed: what was expected, what came, what to do.',
    resolveType: ({ kind }) => kind,
    fields: (t) => ({
      code: t.field({ type: code, resolve: (parent) => parent.code }),
      message: t.string(text<ShownProblem>(messageOf)),
    }),
  });
  const field = builder.objectRef<FieldProblem>('FieldProblem').implement({
    fields: (t) => ({
      path: t.exposeString('path'),
      message: t.string(text<FieldProblem>((parent) => parent.text)),
    }),
  });

  const types = {
    Refused: builder.objectRef<Of<'Refused'>>('Refused').implement({
      description: 'A rule said no.',
      interfaces: [problem],
      fields: (t) => ({
        state: t.exposeString('state', { nullable: true }),
        stateLabel: t.string({ ...text<Of<'Refused'>>(labelOfState), nullable: true }),
        allowed: t.exposeStringList('allowed', { description: 'The commands of the caller that are possible now.' }),
        since: t.field({
          type: 'DateTime',
          nullable: true,
          description: 'Since when the record is in this state.',
          resolve: ({ about }, _args, { reads }) => (about ? reads.since.load(about) : null),
        }),
        possibleAt: t.field({
          type: 'DateTime',
          nullable: true,
          description: 'When waiting alone makes it possible.',
          resolve: ({ possibleAt }) => possibleAt,
        }),
      }),
    }),
    Stale: builder.objectRef<Of<'Stale'>>('Stale').implement({
      description: 'The caller decided on a revision that is no longer the current one.',
      interfaces: [problem],
      fields: (t) => ({
        currentRevision: t.exposeInt('currentRevision'),
        currentState: t.exposeString('currentState'),
        changedBy: t.exposeString('changedBy'),
        changedAt: t.field({ type: 'DateTime', resolve: ({ changedAt }) => changedAt }),
      }),
    }),
    Invalid: builder.objectRef<Of<'Invalid'>>('Invalid').implement({
      description: 'The input itself is wrong.',
      interfaces: [problem],
      fields: (t) => ({ fields: t.field({ type: [field], resolve: ({ fields }) => fields }) }),
    }),
    KeyReused: builder.objectRef<Of<'KeyReused'>>('KeyReused').implement({
      description: 'The idempotency key belongs to a different request.',
      interfaces: [problem],
      fields: () => ({}),
    }),
    NotFound: builder.objectRef<Of<'NotFound'>>('NotFound').implement({
      description: 'There is no such record, or the caller may not see it: the answer is the same.',
      interfaces: [problem],
      fields: () => ({}),
    }),
    Unavailable: builder.objectRef<Of<'Unavailable'>>('Unavailable').implement({
      description: 'Not now: send the same request with the same key again; what was done is not done twice.',
      interfaces: [problem],
      fields: (t) => ({ retryAfter: t.exposeInt('retryAfter', { description: 'Seconds.' }) }),
    }),
  } satisfies { [Name in Kind]: unknown };
  return { code, problem, types, members: Object.values(types) };
}

export type Problems = ReturnType<typeof addProblems>;
