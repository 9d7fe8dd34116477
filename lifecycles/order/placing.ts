import { z } from 'zod';
import type { Opening } from '../declaration.ts';
import type { Product } from '../facts.ts';
import { expectedField, type FieldProblem, fieldProblem, unwantedField } from '../problem.ts';
import { wayOf, ways } from '../supervision/ways.ts';
import { command, period, scenario } from './context.ts';
import { isChange, kindNames, kindOf, type OrderKind } from './kinds.ts';
import { ownedOf, priced } from './pricing.ts';

/** MET-2: what a unit costs that is used beyond any package; null where nothing is sold by use. */
const unitPriceOf = (kind: OrderKind, product: Product): number | null => (kindOf(kind).byUse ? (product.offers.unitPrice ?? null) : null);
const isChargedByUse = (opening: Record<string, unknown> | undefined, product: Product | null | undefined): boolean =>
  product != null && unitPriceOf(opening?.kind as OrderKind, product) !== null;

/** SUP-2: a scenario asks for a review, so it is taken only where the product's way of delivery has one. */
function scenarioProblems(asked: z.output<typeof scenario>, product: Product): FieldProblem[] {
  const way = product.supervised ? wayOf(product) : null;
  if (asked === 'none' || way === null || ways[way].reviewed) return [];
  return [fieldProblem('scenario', 'SCENARIO_WITHOUT_REVIEW', { product: product.name, way: ways[way], steps: ways[way].steps, got: asked })];
}

export const placeOrder = command({
  label: { zh: '下单', en: 'Place an order' },
  description: { zh: '购买在售商品，须在支付时限内支付。', en: 'Buy a product on sale; it is cancelled when it is not paid in time.' },
  by: ['buyer'],
  input: z.object({
    kind: z.enum(kindNames).default('newPurchase'),
    product: z.string().min(1).max(64),
    quantity: z.number().int().min(1).max(1_000).default(1),
    period: period.optional(),
    scenario: scenario.default('none'),
    /** ORD-3: the service instance that a renewal, an upgrade or another change is for. */
    instance: z.uuid().optional(),
    sku: z.string().min(1).max(64).optional(),
    package: z.string().min(1).max(64).optional(),
  }),
  reason: 'optional',
  facts: ['product', 'trials', 'prepaid'],
  check: ({ input, facts: { product }, joined, now }) => {
    // one of another product is refused for that
    if (!product || (joined?.serviceInstance && joined.serviceInstance.context.product !== product.id)) return [];
    const { label } = kindOf(input.kind);
    if (isChange(input) && input.instance === undefined)
      return [expectedField('instance', { zh: `“${label.zh}”所针对的实例`, en: `the instance that the ${input.kind} is for` })];
    if (!isChange(input) && input.instance !== undefined)
      return [unwantedField('instance', { zh: `“${label.zh}”不针对已有实例`, en: `a ${input.kind} is for no instance` }, input.instance)];
    const found = priced(product, input, ownedOf(joined?.serviceInstance), now);
    return [...('problem' in found ? [found.problem] : []), ...scenarioProblems(input.scenario, product)];
  },
  requires: [
    { code: 'PRODUCT_NOT_ON_SALE', met: ({ facts }) => facts.product != null, details: ({ opening }) => ({ product: String(opening?.product ?? '') }) },
    {
      code: 'WHITELIST_ONLY',
      met: ({ facts, actor }) => facts.product?.whitelist == null || facts.product.whitelist.includes(actor.party ?? ''),
      details: ({ facts }) => ({ product: facts.product?.name ?? null }),
    },
    {
      code: 'ONE_TRIAL',
      met: ({ facts, opening }) => opening?.kind !== 'trial' || !facts.trials?.length,
      details: ({ facts }) => ({ number: facts.trials?.[0] ?? null }),
    },
    {
      code: 'OTHER_PRODUCT',
      met: ({ joined, facts }) => !joined?.serviceInstance || joined.serviceInstance.context.product === facts.product?.id,
      details: ({ joined, facts }) => ({ number: joined?.serviceInstance?.number ?? null, product: facts.product?.name ?? null }),
    },
    {
      code: 'INSTANCE_NOT_CHANGEABLE',
      met: ({ joined, opening }) =>
        !joined?.serviceInstance || (kindOf(opening?.kind as OrderKind).of ?? []).includes(joined.serviceInstance.value as 'active'),
      details: ({ joined, opening }) => ({ number: joined?.serviceInstance?.number ?? null, kind: kindOf(opening?.kind as OrderKind).label }),
    },
    {
      code: 'CHANGE_UNDER_WAY',
      met: ({ joined }) => !joined?.serviceInstance?.context.openChange,
      details: ({ joined }) => ({ number: joined?.serviceInstance?.number ?? null, order: String(joined?.serviceInstance?.context.openChange) }),
    },
    {
      code: 'SERVICE_ENDS',
      met: ({ joined }) => joined?.serviceInstance?.context.endsAt == null,
      details: ({ joined }) => ({
        number: joined?.serviceInstance?.number ?? null,
        until: new Date(Number(joined?.serviceInstance?.context.endsAt)).toISOString(),
      }),
    },
    {
      code: 'TRIAL_ONLY',
      met: ({ joined, opening }) => opening?.kind !== 'trialToPaid' || joined?.serviceInstance?.context.trial === true,
      details: ({ joined }) => ({ number: joined?.serviceInstance?.number ?? null }),
    },
    {
      code: 'BUYER_ACCOUNT_NEEDED',
      met: ({ facts, opening }) => !isChargedByUse(opening, facts.product) || facts.prepaid != null,
      details: ({ facts }) => ({ product: facts.product?.name ?? null, currency: facts.product?.currency ?? null }),
    },
    {
      code: 'IN_ARREARS',
      met: ({ facts, opening }) => !isChargedByUse(opening, facts.product) || facts.prepaid?.covers === true,
      details: ({ facts }) => ({ number: facts.prepaid?.number ?? null }),
    },
    {
      code: 'NO_DELIVERY_WAY',
      met: ({ facts }) => !facts.product?.supervised || wayOf(facts.product) !== null,
      details: ({ facts }) => ({ product: facts.product?.name ?? null, accessType: facts.product?.accessType ?? null }),
    },
  ],
  rules: ['ORD-1', 'ORD-4', 'ORD-6', 'SUP-2', 'MET-2'],
});

type Wanted = z.output<(typeof placeOrder)['input']>;

export const opening: Opening = {
  name: 'placeOrder',
  command: placeOrder,
  joins: ({ instance }: Wanted): Record<string, string> => (instance ? { serviceInstance: instance } : {}),
  start: ({ input, facts, actor, now, joined }) => {
    const wanted = input as Wanted;
    const { product } = facts;
    if (!product || !actor.party) throw new Error(`expected the facts of product ${wanted.product} and a buyer's party`);
    const owned = ownedOf(joined?.serviceInstance);
    const found = priced(product, wanted, owned, now);
    if ('problem' in found) throw new Error(`expected a checked order, got: ${found.problem.message}`);
    // a change of what was delivered once is not delivered under supervision again
    const supervised = product.supervised && wanted.kind === 'newPurchase';
    const chosen = product.offers.packages?.[wanted.package ?? ''];
    return {
      input: {
        kind: wanted.kind,
        product: product.id,
        productName: product.name,
        accessType: product.accessType,
        tradeMode: product.tradeMode,
        supervised,
        way: supervised ? wayOf(product) : null,
        scenario: wanted.scenario,
        quantity: owned && wanted.kind !== 'expansion' ? owned.quantity : wanted.quantity,
        sku: wanted.sku ?? owned?.sku ?? null,
        package: wanted.package ?? null,
        units: (chosen?.units ?? 0) * wanted.quantity,
        unitPrice: unitPriceOf(wanted.kind, product),
        trialDays: wanted.kind === 'trial' ? (product.offers.trialDays ?? null) : null,
        hasInterface: product.hasInterface,
        merchantInstance: (joined?.serviceInstance?.context.merchantInstance as string | undefined) ?? null,
        ownedUntil: owned?.validUntil ?? null,
        period: wanted.period ?? owned?.period ?? null,
        amount: found.amount,
        currency: product.currency,
        // nothing is paid that could fix it later
        merchantShareBp: wanted.kind === 'onDemand' ? product.merchantShareBp : null,
        placedAt: now,
      },
      parties: { buyer: actor.party, merchant: product.merchant },
    };
  },
};
