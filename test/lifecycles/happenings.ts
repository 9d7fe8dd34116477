import fc from 'fast-check';
import type { Answer } from '../../db/requests.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import { nextDue } from '../../lifecycles/deadlines.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { commandNamed, lifecycles } from '../../lifecycles/registry.ts';
import { type Role, roleNames } from '../../lifecycles/roles.ts';
import { actorFor, cast, day, hour, minute, missingFile } from './cast.ts';
import type { Model } from './drive.ts';
import { validInput } from './stories.ts';
import { results } from './ways.ts';

const kinds = ['valid', 'other', 'wrong', 'noReason'] as const;
/** One thing that the world does to a family of instances; plain data, so that a counterexample can be read. */
export type Happening =
  | { do: 'command'; name: string; role: Role; input: (typeof kinds)[number] }
  /** The n-th of the commands that are possible now, by whoever may. */
  | { do: 'possible'; n: number; input: 'valid' | 'other' }
  | { do: 'wait'; ms: number }
  /** Waits until the next deadline is due, or `by` ms beside it. */
  | { do: 'waitUntilDue'; by: number }
  /** The clock runs and nothing fires, as in an outage. */
  | { do: 'sleepOver'; ms: number }
  | { do: 'effect'; how: 'succeeds' | 'succeedsTwice' | 'isUnreadable' | 'givesUp' };

/** What came of it: for a command, what was foretold and what was answered. */
export type Outcome = { answer: Answer; foretold: string | null; valid: boolean; instance: string } | null;

const owners = new Map(lifecycles.flatMap(({ name, commands }) => Object.keys(commands).map((command) => [command, name] as const)));
const names = [...owners.keys(), 'retryEffect'];
const spans = [0, 1, 10 * minute, 30 * minute, hour, 3 * hour, day, 4 * day, 31 * day];

export const happenings = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('possible' as const), n: fc.nat(15), input: fc.constantFrom('valid' as const, 'other' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      name: fc.constantFrom(...names),
      role: fc.constantFrom(...roleNames),
      input: fc.constantFrom(...kinds),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(...spans) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('waitUntilDue' as const), by: fc.constantFrom(-1, 0, 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sleepOver' as const), ms: fc.constantFrom(...spans) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('effect' as const),
      how: fc.constantFrom('succeeds' as const, 'succeeds' as const, 'succeedsTwice' as const, 'isUnreadable' as const, 'givesUp' as const),
    }),
  },
);

/** Lets it happen to the model. */
export function happen(model: Model, happening: Happening): Outcome {
  switch (happening.do) {
    case 'wait':
      model.advance(happening.ms);
      return null;
    case 'waitUntilDue': {
      const due = nextDue([...model.instances.values()].flatMap((instance) => instance.deadlines));
      if (due) model.advance(Math.max(0, due.dueAt + happening.by - model.now));
      return null;
    }
    case 'sleepOver':
      model.moveTo(model.now + happening.ms);
      return null;
    case 'effect':
      return effect(model, happening.how);
    case 'possible': {
      const possible = possibleNow(model);
      const chosen = possible[happening.n % Math.max(1, possible.length)];
      return chosen ? commanded(model, { ...chosen, input: happening.input }) : null;
    }
    case 'command':
      return commanded(model, happening);
  }
}

function effect(model: Model, how: 'succeeds' | 'succeedsTwice' | 'isUnreadable' | 'givesUp'): null {
  for (const instance of [...model.instances.values()])
    for (const { key, name } of instance.effects) {
      if (how === 'givesUp') model.effectGaveUp({ instance: instance.id, key });
      else model.effectResult({ instance: instance.id, key, result: how === 'isUnreadable' ? { receipt: '' } : results[name] });
      if (how === 'succeedsTwice') model.effectResult({ instance: instance.id, key, result: results[name] });
    }
  return null;
}

function possibleNow(model: Model): { name: string; role: Role }[] {
  return [...model.instances.values()].flatMap(({ id, lifecycle }) =>
    [...(actingIn.get(lifecycle) ?? []), ...secondPersons(model, id)].flatMap(({ role, actor }) =>
      model.allowed({ instance: id, actor }).map((name) => ({ name, role })),
    ),
  );
}

/** The roles that have a command at all; the others are asked by `command`. */
const actingIn = new Map(
  lifecycles.map(({ name, commands }) => {
    const acting = [...new Set(Object.values({ ...commands, ...coreCommands }).flatMap(({ by }) => by))];
    return [name, acting.map((role) => ({ role, actor: cast[role] }))] as const;
  }),
);

/** Somebody else in the role of the one whose decision awaits a second person. */
const secondPersons = (model: Model, id: string) =>
  model.instances.get(id)?.context.pendingDecision
    ? [{ role: 'operationsManager' as const, actor: actorFor({ anotherPerson: true }, 'operationsManager') }]
    : [];

function ownerOf(model: Model, name: string): Instance | undefined {
  if (!(name in coreCommands)) return model.only(owners.get(name) ?? '');
  return model.only('supervision') ?? model.only('order');
}

function commanded(model: Model, { name, role, input: kind }: { name: string; role: Role; input: (typeof kinds)[number] }): Outcome {
  const instance = ownerOf(model, name);
  if (!instance) return null;
  const declared = commandNamed(model.registry.of(instance.lifecycle), name);
  const input = kind === 'wrong' ? wrong : kind === 'other' ? otherInput(name, instance, model.log.length) : validInput(name, instance);
  const actor = actorFor(declared, role);
  const foretold = model.whyNot({ instance: instance.id, command: name, actor, input })?.code ?? null;
  const answer = model.command({
    lifecycle: instance.lifecycle,
    instance: instance.id,
    command: name,
    actor,
    input,
    reason: kind === 'noReason' ? null : 'because',
  });
  const takesInput = Object.keys(declared?.input.shape ?? {}).length > 0;
  return { answer, foretold, valid: !(kind === 'wrong' && takesInput) && !(kind === 'noReason' && declared?.reason === 'required'), instance: instance.id };
}

/** Wrong for every command that reads any of it. */
export const wrong = {
  ...{ files: [missingFile], sow: [missingFile], openedAt: '2040-01-01T00:00:00Z', comment: '\u0007', text: '', systemCode: '%' },
  ...{ amount: -1, decision: 'perhaps', from: 'reviewer', months: 0, effect: 'none such' },
};

/** Valid as well, and another branch where there is one. `n` chooses among several. */
export function otherInput(name: string, instance: Instance, n: number): Record<string, unknown> {
  const openedAt = new Date((instance.context.paidAt as number) ?? 0).toISOString();
  if (name === 'decideAppeal') return otherDecision(instance, n);
  if (['uploadAcceptance', 'uploadImplementation', 'deliverLicence', 'confirmOfflineDelivery', 'uploadProof', 'reportDeployment'].includes(name))
    return { ...validInput(name, instance), openedAt, comment: '已开通 👍' };
  if (name === 'renewInstance') return { months: 12 };
  return validInput(name, instance);
}

/** One of the decisions that the record allows (SUP-6). */
export function otherDecision({ context }: Pick<Instance, 'context'>, n: number): Record<string, unknown> {
  if (context.refund) return { decision: 'dismiss' };
  const possible = [
    { decision: 'complete' },
    { decision: 'terminate', refundAmount: n % 2 === 0 ? context.paidAmount : 1 },
    ...((context.rounds as unknown[]).length > 0 ? [{ decision: 'redeliver' }] : []),
  ];
  return possible[n % possible.length] ?? {};
}
