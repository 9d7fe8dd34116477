import { isSupposed, type Supposed, type WhatIf } from '../db/whatIf.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { DeadlineChange, Difference, EffectChange } from '../lifecycles/difference.ts';
import type { Incident, Instance, OpenEffect } from '../lifecycles/instance.ts';
import type { Message } from '../lifecycles/notice.ts';
import { isFrozen, isOver, stateOf } from '../lifecycles/registry.ts';
import type { Builder } from './builder.ts';
import type { ShownDeadline } from './deadline.ts';
import { toId } from './ids.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems, ShownProblem } from './problem.ts';
import { shownTo } from './shown.ts';

type In<Part> = Part & { whole: WhatIf };
type OfInstance<Part> = In<Part> & { instance: Instance };

const idOf = ({ id, lifecycle }: Instance) => (isSupposed(id) ? null : toId(lifecycle, id));
const declarationOf = ({ instance, whole }: OfInstance<unknown>) => whole.world.registry.of(instance.lifecycle, instance.version);
const stateLabel = (parent: OfInstance<unknown>) => {
  const state = stateOf(parent.instance.value);
  return declarationOf(parent).states[state] ?? { zh: state, en: state };
};
const shownDeadline = (parent: OfInstance<unknown>, armed: Instance['deadlines'][number], now: number): ShownDeadline => ({
  armed,
  declared: declarationOf(parent).deadlines[armed.name],
  now,
  provisional: false,
});

/** What a what-if answers with: its steps, what each would change, and the records in the end. */
export function addSupposed({
  builder,
  lifecycles,
  problems,
  texts: { text },
}: {
  builder: Builder;
  lifecycles: Lifecycles;
  problems: Problems;
  texts: Texts;
}) {
  const effect = builder.objectRef<OfInstance<{ effect: OpenEffect }>>('SupposedEffect').implement({
    description: 'Work on the outside world that would be asked for; nothing is sent.',
    fields: (t) => ({
      name: t.string({ resolve: (parent) => parent.effect.name }),
      label: t.string(text<OfInstance<{ effect: OpenEffect }>>((parent) => labelOf(declarationOf(parent), parent.effect.name))),
      status: t.string({ description: 'open, parked (frozen) or failed (gave up).', resolve: (parent) => parent.effect.status }),
      params: t.field({ type: 'JSON', resolve: (parent) => parent.effect.params }),
      at: t.field({ type: 'DateTime', description: 'When it would be asked for.', resolve: (parent) => parent.effect.openedAt }),
    }),
  });
  const effectChange = builder.objectRef<OfInstance<EffectChange>>('SupposedEffectChange').implement({
    fields: (t) => ({
      what: t.exposeString('what', { description: 'opened (it would be sent), parked, reopened (sent again), failed, done or cancelled.' }),
      effect: t.field({ type: effect, resolve: (parent) => parent }),
    }),
  });
  const deadlineChange = builder.objectRef<OfInstance<DeadlineChange> & { at: number }>('SupposedDeadlineChange').implement({
    fields: (t) => ({
      what: t.exposeString('what', { description: 'armed, fired, cancelled, frozen (it keeps what was left) or resumed.' }),
      deadline: t.field({ type: lifecycles.deadline, resolve: (parent) => shownDeadline(parent, parent.deadline, parent.at) }),
    }),
  });
  const incident = builder.objectRef<OfInstance<{ incident: Incident }>>('SupposedIncident').implement({
    description: 'What an operator would have to look at.',
    fields: (t) => ({
      name: t.string({ resolve: (parent) => parent.incident.name }),
      label: t.string(text<OfInstance<{ incident: Incident }>>((parent) => labelOf(declarationOf(parent), parent.incident.name))),
      code: t.string({ resolve: (parent) => parent.incident.code }),
    }),
  });
  const change = builder.objectRef<In<Difference>>('SupposedChange').implement({
    description: 'What one step would make of one record.',
    fields: (t) => ({
      id: t.id({ nullable: true, description: 'Null for a record that would only then exist.', resolve: ({ instance }) => idOf(instance) }),
      number: t.string({ resolve: ({ instance }) => instance.number }),
      lifecycle: t.string({ resolve: ({ instance }) => instance.lifecycle }),
      from: t.string({ nullable: true, resolve: ({ before }) => (before === null ? null : stateOf(before.value)) }),
      to: t.string({ resolve: ({ instance }) => stateOf(instance.value) }),
      toLabel: t.string(text<In<Difference>>(stateLabel)),
      frozen: t.boolean({ resolve: ({ instance }) => isFrozen(instance.value) }),
      revision: t.int({ resolve: ({ instance }) => instance.revision }),
      deadlines: t.field({
        type: [deadlineChange],
        resolve: ({ instance, whole, deadlines }) => deadlines.map((one) => ({ ...one, instance, whole, at: instance.at })),
      }),
      effects: t.field({ type: [effectChange], resolve: ({ instance, whole, effects }) => effects.map((one) => ({ ...one, instance, whole })) }),
      incidents: t.field({
        type: [incident],
        description: 'Those that it would open.',
        resolve: ({ instance, whole, incidents }) => incidents.map((one) => ({ incident: one, instance, whole })),
      }),
    }),
  });
  const message = builder.objectRef<Message>('SupposedMessage').implement({
    description: 'A message that would go out.',
    fields: (t) => ({
      to: t.field({ type: [lifecycles.people.role], resolve: (parent) => [...parent.to] }),
      event: t.exposeString('event'),
      topic: t.exposeString('topic'),
      text: t.string(text<Message>((parent) => parent.text)),
    }),
  });
  const of = ({ instance, whole }: In<Supposed>) => ({ instance: whole.instances.get(instance) as Instance, whole });
  const step = builder.objectRef<In<Supposed>>('SupposedStep').implement({
    description: 'A command that was asked about, a deadline that would pass meanwhile, or an effect that is taken to succeed.',
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'command, deadline or effect.' }),
      name: t.exposeString('name'),
      label: t.string(text<In<Supposed>>((parent) => labelOf(declarationOf(of(parent)), parent.name))),
      id: t.id({ nullable: true, resolve: (parent) => idOf(of(parent).instance) }),
      number: t.string({ resolve: (parent) => of(parent).instance.number }),
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.at }),
      problem: t.field({
        type: problems.problem,
        nullable: true,
        description: 'Why the command would be refused; what follows goes on without it.',
        resolve: (parent) => parent.problem as ShownProblem | null,
      }),
      changes: t.field({ type: [change], resolve: ({ taken, whole }) => (taken?.differences ?? []).map((one) => ({ ...one, whole })) }),
      messages: t.field({ type: [message], resolve: ({ taken }) => taken?.played.messages ?? [] }),
    }),
  });
  const record = builder.objectRef<OfInstance<unknown>>('SupposedRecord').implement({
    description: 'A record as it would be in the end.',
    fields: (t) => ({
      id: t.id({ nullable: true, resolve: ({ instance }) => idOf(instance) }),
      number: t.string({ resolve: ({ instance }) => instance.number }),
      lifecycle: t.string({ resolve: ({ instance }) => instance.lifecycle }),
      stateName: t.string({ resolve: ({ instance }) => stateOf(instance.value) }),
      stateLabel: t.string(text<OfInstance<unknown>>(stateLabel)),
      frozen: t.boolean({ resolve: ({ instance }) => isFrozen(instance.value) }),
      final: t.boolean({ resolve: (parent) => isOver(declarationOf(parent), parent.instance.value) }),
      revision: t.int({ resolve: ({ instance }) => instance.revision }),
      context: t.field({ type: 'JSON', resolve: (parent, _args, { actor }) => shownTo(actor, declarationOf(parent), parent.instance.context) }),
      deadlines: t.field({
        type: [lifecycles.deadline],
        resolve: (parent) => parent.instance.deadlines.map((armed) => shownDeadline(parent, armed, parent.whole.now)),
      }),
      effects: t.field({ type: [effect], resolve: ({ instance, whole }) => instance.effects.map((one) => ({ effect: one, instance, whole })) }),
    }),
  });
  return builder.objectRef<WhatIf & { kind: 'Supposed' }>('Supposed').implement({
    description: 'What would happen, if nothing else did.',
    fields: (t) => ({
      now: t.field({ type: 'DateTime', description: 'The clock of the records in the end.', resolve: ({ now }) => now }),
      truncated: t.exposeBoolean('truncated', { description: 'More would happen by itself: the first 1,000 steps are told, up to `now`.' }),
      steps: t.field({ type: [step], resolve: (whole) => whole.steps.map((one) => ({ ...one, whole })) }),
      records: t.field({
        type: [record],
        description: 'The record and its family.',
        resolve: (whole) => [...whole.instances.values()].map((instance) => ({ instance, whole })),
      }),
    }),
  });
}
