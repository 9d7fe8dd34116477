import type { Bilingual } from '../lifecycles/roles.ts';
import { frozenRefusal } from '../lifecycles/standing.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Problems, ShownProblem } from './problem.ts';

/** What a change of the installation's settings is answered with once it is made. */
export type Changed = { kind: 'Set'; version: number; replayed: boolean };

/** The result of a mutation that sets something for all: what was set, or a problem. */
export const settingResult = (builder: Builder, { name, changed, problems }: { name: string; changed: unknown; problems: Problems }) =>
  builder.unionType(name, {
    types: [changed, ...Object.values(problems.types)] as never,
    resolveType: ((value: Changed | ShownProblem) => (value.kind === 'Set' ? changed : value.kind)) as never,
  });

/** EXT-3: a merchant who is frozen only reads; null for everyone else. */
export const whyFrozen = async (what: Bilingual, { actor, reads }: Context) =>
  actor.role === 'merchant' ? frozenRefusal(what, await reads.standings.load(actor.party ?? '')) : null;
