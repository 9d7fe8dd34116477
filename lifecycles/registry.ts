import type { StateNode } from 'xstate';
import { adminInvitation } from './adminInvitation.ts';
import { appBinding } from './appBinding.ts';
import { billExport } from './billExport.ts';
import { buyerAccount } from './buyerAccount.ts';
import { callBatch } from './callBatch.ts';
import { callFailure } from './callFailure.ts';
import { coreCommandOf } from './core.ts';
import type { Command, Lifecycle } from './declaration.ts';
import { enterprise } from './enterprise.ts';
import type { Instance, StateValue } from './instance.ts';
import { invoice } from './invoice.ts';
import { invoiceWaiver } from './invoiceWaiver.ts';
import { merchant } from './merchant.ts';
import { merchantExit } from './merchantExit.ts';
import { order } from './order.ts';
import { product } from './product.ts';
import { productionCall } from './productionCall.ts';
import { productRetirement } from './productRetirement.ts';
import { refund } from './refund.ts';
import { serviceInstance } from './serviceInstance.ts';
import { settlementBill } from './settlementBill.ts';
import { statementLetter } from './statementLetter.ts';
import { supervision } from './supervision.ts';

/** Every lifecycle, in every version that still has live instances; the highest version of a name is current. */
export const lifecycles: readonly Lifecycle[] = [
  order,
  supervision,
  serviceInstance,
  productionCall,
  refund,
  enterprise,
  appBinding,
  adminInvitation,
  settlementBill,
  invoice,
  statementLetter,
  merchant,
  product,
  productRetirement,
  merchantExit,
  invoiceWaiver,
  billExport,
  callFailure,
  buyerAccount,
  callBatch,
];

export type Registry = {
  all: readonly Lifecycle[];
  /** The current version of each. */
  current: readonly Lifecycle[];
  of(name: string, version?: number): Lifecycle;
};

/** @throws when two lifecycles share a name and version, or a command's or state's name is taken twice. */
export function createRegistry(all: readonly Lifecycle[] = lifecycles): Registry {
  const byKey = new Map<string, Lifecycle>();
  const current = new Map<string, Lifecycle>();
  for (const lifecycle of all) {
    const key = `${lifecycle.name}@${lifecycle.version}`;
    if (byKey.has(key)) throw new Error(`expected one lifecycle ${key}, got two`);
    byKey.set(key, lifecycle);
    const known = current.get(lifecycle.name);
    if (!known || known.version < lifecycle.version) current.set(lifecycle.name, lifecycle);
  }
  const owners = new Map<string, string>();
  for (const lifecycle of current.values())
    for (const name of commandNames(lifecycle)) {
      const owner = owners.get(name);
      if (owner) throw new Error(`expected command "${name}" in one lifecycle, got ${owner} and ${lifecycle.name}`);
      owners.set(name, lifecycle.name);
    }
  return {
    all,
    current: [...current.values()],
    of(name, version) {
      const found = version === undefined ? current.get(name) : byKey.get(`${name}@${version}`);
      if (!found) throw new Error(`expected a declared lifecycle, got "${name}"${version === undefined ? '' : ` version ${version}`}`);
      return found;
    },
  };
}

export const commandNames = (lifecycle: Lifecycle) => [...(lifecycle.opening ? [lifecycle.opening.name] : []), ...Object.keys(lifecycle.commands)];

export function commandNamed(lifecycle: Lifecycle, name: string): Command | undefined {
  if (lifecycle.opening?.name === name) return lifecycle.opening.command;
  if (Object.hasOwn(lifecycle.commands, name)) return lifecycle.commands[name];
  return coreCommandOf(lifecycle, name);
}

/** A machine's main region: the machine itself, or the parallel region named `progress`. */
function mainRegion(lifecycle: Lifecycle): StateNode {
  const root = lifecycle.machine.root as unknown as StateNode;
  if (root.type !== 'parallel') return root;
  const progress = root.states.progress;
  if (!progress) throw new Error(`expected a region "progress" in ${lifecycle.name}, got ${Object.keys(root.states).join(', ')}`);
  return progress;
}

/** A region's states in the chart's order, without one that is left as soon as it is entered. */
export const restingIn = (region: StateNode): StateNode[] => Object.values(region.states).filter((node) => !node.always?.length);

/** Where a region begins; by the fact that must hold, when it begins in different states. */
export function beginningsOf(region: StateNode): { state: string; guard: string | null }[] {
  const initial = region.initial.target[0] as StateNode;
  if (!initial.always?.length) return [{ state: initial.key, guard: null }];
  return initial.always.flatMap(({ target, guard }) => (target ?? []).map((node) => ({ state: node.key, guard: guard ? nameOf(guard) : null })));
}

/** The name of a guard or an action, however the chart refers to it. */
export const nameOf = (named: unknown): string => (typeof named === 'string' ? named : ((named as { type?: string }).type ?? 'unnamed'));

/** The states that the business speaks of, in the chart's order. */
export const statesOf = (lifecycle: Lifecycle): string[] => restingIn(mainRegion(lifecycle)).map((node) => node.key);

export function finalStatesOf(lifecycle: Lifecycle): readonly string[] {
  const known = finals.get(lifecycle.machine);
  if (known) return known;
  const found = Object.entries(mainRegion(lifecycle).states).flatMap(([name, node]) => (node.type === 'final' ? [name] : []));
  finals.set(lifecycle.machine, found);
  return found;
}
const finals = new WeakMap<Lifecycle['machine'], readonly string[]>();

/** The main region's state: what the state column, the API and people call "the state". */
export function stateOf(value: StateValue): string {
  return typeof value === 'string' ? value : (value.progress ?? '');
}

/** Every active state of every region. */
export const activeStates = (value: StateValue): string[] => (typeof value === 'string' ? [value] : Object.values(value));

/** SUP-5: a region in its state `frozen` freezes the instance. */
export const isFrozen = (value: StateValue): boolean => activeStates(value).includes('frozen');

/** Nothing can change it any more. */
export const isFinal = (lifecycle: Lifecycle, value: StateValue): boolean => finalStatesOf(lifecycle).includes(stateOf(value));

/** Final, or at rest: nothing is owed, though a later event may still come. */
export const isOver = (lifecycle: Lifecycle, value: StateValue): boolean => isFinal(lifecycle, value) || (lifecycle.rests?.includes(stateOf(value)) ?? false);

/** One that is over is settled when no effect of it is still to be finished. */
export const isSettled = (lifecycle: Lifecycle, instance: Instance): boolean =>
  isOver(lifecycle, instance.value) && instance.effects.every((effect) => effect.status === 'failed');
