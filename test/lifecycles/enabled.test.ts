import { describe, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import { explore, type Place } from '../../lifecycles/explore.ts';
import type { Product } from '../../lifecycles/facts.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { commandNamed, lifecycles } from '../../lifecycles/registry.ts';
import { type Actor, type Role, roleNames } from '../../lifecycles/roles.ts';
import { actorFor, cast, factsOfTheModel, products } from './cast.ts';
import { createModel } from './drive.ts';
import { remembering } from './remembering.ts';
import { validInput } from './stories.ts';

const calendar = remembering(shanghai);
const anyProduct = products[0] as Product;
/** What the instance changes together with; its own answer does not hang on it. */
const orderOf = ({ context, parties }: Instance) => {
  const model = createModel();
  model.command({ lifecycle: 'order', command: 'placeOrder', actor: { ...cast.buyer, party: parties.buyer }, input: { product: anyProduct.id } });
  model.command({
    lifecycle: 'order',
    instance: model.only('order')?.id ?? '',
    command: 'recordPayment',
    actor: cast.system,
    input: { amount: anyProduct.prices.once, means: 'balance', reference: 'P' },
  });
  const order = model.only('order') as Instance;
  const refund = context.refund ?? ('kind' in context ? { amount: context.amount } : null);
  const asked = { number: 'RF-1', amount: 1, askedAt: order.at, approvedAt: order.at, from: 'processing' };
  return { ...order, id: String(context.order), ...(refund ? { value: 'refunding', context: { ...order.context, refund: { ...asked, ...refund } } } : {}) };
};

/** The first place of a lifecycle in this state, as what a reference names. */
function standIn(of: string, state: string, id: string): Instance {
  const lifecycle = lifecycles.find(({ name }) => name === of) as Lifecycle;
  const place = explore({ lifecycle, calendar }).places.find(({ instance }) => instance.value === state) as Place;
  return { ...place.instance, id };
}

/** What an instance of a lifecycle tells by its references. */
const companions: Record<string, (here: Instance) => Instance[]> = {
  adminInvitation: () => [standIn('enterprise', 'active', 'the enterprise')],
  invoice: ({ value }) => [standIn('settlementBill', value === 'received' ? 'invoiceReceived' : 'invoiceSubmitted', 'the bill')],
  productRetirement: () => [standIn('product', 'listed', 'the product')],
  merchantExit: ({ value }) => [standIn('merchant', value === 'clearing' ? 'suspended' : 'active', 'the merchant')],
};

/** Places that a role, a state or a requirement can tell apart: timers and incidents answer no command. */
function seenApart(places: readonly Place[]): Place[] {
  const shapes = places.map((place) => {
    const { value, context, effects } = place.instance;
    const key = JSON.stringify([value, context, effects.map(({ name, status }) => [name, status])], (_, member) => (typeof member === 'number' ? 0 : member));
    return [key, place] as const;
  });
  return [...new Map(shapes).values()];
}

/** Those who may; and in one place of each state one who may not: the others get the same answer, for the same reason. */
const asked = (by: readonly Role[], strangersToo: boolean) => [...by, ...roleNames.filter((role) => strangersToo && !by.includes(role)).slice(0, 1)];

describe('a command is called possible exactly when it is then accepted, and by the same name refused', () => {
  for (const lifecycle of lifecycles)
    test(`${lifecycle.name}: in every place it can reach, every command by those who may, and in every state by one who may not`, () => {
      const places = seenApart(explore({ lifecycle, calendar }).places);
      const counts = { accepted: 0, refused: 0 };
      const states = new Set<string>();
      for (const { instance } of places) {
        const state = JSON.stringify(instance.value);
        const strangersToo = !states.has(state);
        states.add(state);
        const here: Instance = {
          ...instance,
          refs: {
            order: String(instance.context.order),
            product: 'the product',
            merchant: 'the merchant',
            enterprise: 'the enterprise',
            settlementBill: 'the bill',
          },
          parties: { buyer: 'buyer-a', merchant: 'merchant-a' },
        };
        const model = createModel({
          now: here.at,
          calendar,
          factsFor: (names, ask) => ({
            ...factsOfTheModel(names, ask),
            ...(names.includes('product') ? { product: anyProduct } : {}),
            ...(names.includes('billedOrder') ? { billedOrder: { order: 'the order' } } : {}),
          }),
        });
        if ('order' in here.context && lifecycle.name !== 'serviceInstance') model.put(orderOf(here));
        for (const other of companions[lifecycle.name]?.(here) ?? []) model.put(other);
        model.put(here);
        const known = new Map<string, string[]>();
        const knownTo = (actor: Actor) => {
          const person = `${actor.role} ${actor.id}`;
          const names = known.get(person) ?? model.allowed({ instance: here.id, actor });
          known.set(person, names);
          return names;
        };
        for (const name of Object.keys({ ...lifecycle.commands, ...coreCommands }))
          for (const role of asked(commandNamed(lifecycle, name)?.by ?? [], strangersToo)) {
            const tried = model.fork();
            const actor = actorFor(lifecycle.commands[name], role);
            const input = validInput(name, here);
            const foretold = tried.whyNot({ instance: here.id, command: name, actor, input })?.code ?? 'accepted';
            const answer = tried.command({ lifecycle: lifecycle.name, instance: here.id, command: name, actor, input, reason: 'because' });
            const got = answer.ok ? 'accepted' : answer.problem.code;
            if (got === 'NOT_FOUND') expect([role, knownTo(actor)]).toEqual([role, []]);
            else if (got !== foretold || knownTo(actor)?.includes(name) !== answer.ok)
              expect.fail(`${role} ${name} in ${JSON.stringify(here.value)}: expected ${foretold}, got ${got}; allowed ${knownTo(actor)}`);
            counts[answer.ok ? 'accepted' : 'refused'] += 1;
            if (!answer.ok && tried.instances.get(here.id) !== here) expect.fail(`the refused ${name} changed something`);
          }
      }
      expect(counts.accepted).toBeGreaterThan(0);
      console.log(`${lifecycle.name}: ${places.length} places, ${counts.accepted} accepted, ${counts.refused} refused`);
    });
});
