import type { AnyStateMachine, StateNode } from 'xstate';
import { labelOf } from '../lifecycles/core.ts';
import type { Lifecycle, StateLabel } from '../lifecycles/declaration.ts';
import { beginningsOf, restingIn } from '../lifecycles/registry.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Texts } from './language.ts';
import type { People } from './people.ts';

type State = { name: string; region: string | null; initial: boolean; final: boolean; label: StateLabel | undefined };
type Transition = { from: string; to: string; event: string; kind: string; guard: string | null; label: Bilingual };

/** The states of every region and the ways between them, for a diagram. */
export function chartOf(lifecycle: Lifecycle): { states: State[]; transitions: Transition[] } {
  const root = (lifecycle.machine as AnyStateMachine).root as unknown as StateNode;
  const regions = root.type === 'parallel' ? Object.values(root.states) : [root];
  const nodes = regions.flatMap((region) => restingIn(region).map((node) => ({ node, region })));
  const states = nodes.map(({ node, region }) => ({
    name: node.key,
    region: region === root ? null : region.key,
    initial: beginningsOf(region).some(({ state }) => state === node.key),
    final: node.type === 'final',
    label: lifecycle.states[node.key],
  }));
  const transitions = nodes.flatMap(({ node }) =>
    [...node.transitions].flatMap(([event, ways]) =>
      ways.map((way) => ({
        from: node.key,
        to: way.target?.[0]?.key ?? node.key,
        event,
        kind: kindOf(lifecycle, event),
        guard: way.guard ? guardName(way.guard) : null,
        label: labelOf(lifecycle, event),
      })),
    ),
  );
  return { states, transitions };
}

const guardName = (guard: unknown) => (typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'guarded'));

function kindOf(lifecycle: Lifecycle, event: string): string {
  if (lifecycle.commands[event]) return 'command';
  return lifecycle.deadlines[event] ? 'deadline' : 'event';
}

export function addMachine(builder: Builder, { text }: Texts, { role }: People) {
  const state = builder.objectRef<State>('MachineState').implement({
    fields: (t) => ({
      name: t.exposeString('name'),
      label: t.string(text<State>(({ name, label }) => label ?? { zh: name, en: name })),
      description: t.string(text<State>(({ name, label }) => label?.description ?? { zh: name, en: name })),
      region: t.exposeString('region', { nullable: true, description: 'The parallel region it belongs to.' }),
      initial: t.exposeBoolean('initial'),
      final: t.exposeBoolean('final'),
      waitsFor: t.field({ type: [role], resolve: ({ label }) => [...(label?.waitsFor ?? [])] }),
    }),
  });
  const transition = builder.objectRef<Transition>('MachineTransition').implement({
    fields: (t) => ({
      from: t.exposeString('from'),
      to: t.exposeString('to'),
      event: t.exposeString('event'),
      kind: t.exposeString('kind', { description: 'command, deadline or event.' }),
      label: t.string(text<Transition>((way) => way.label)),
      guard: t.exposeString('guard', { nullable: true, description: 'The fact that must hold for this way.' }),
    }),
  });
  return builder.objectRef<Lifecycle>('Machine').implement({
    description: 'The declared machine, for a diagram.',
    fields: (t) => ({
      name: t.exposeString('name'),
      version: t.exposeInt('version'),
      label: t.string(text<Lifecycle>((lifecycle) => lifecycle.label)),
      states: t.field({ type: [state], resolve: (lifecycle) => chartOf(lifecycle).states }),
      transitions: t.field({ type: [transition], resolve: (lifecycle) => chartOf(lifecycle).transitions }),
      rules: t.stringList({ resolve: (lifecycle) => [...lifecycle.rules] }),
    }),
  });
}
