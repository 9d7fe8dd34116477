import { z } from 'zod';
import type { Opening } from '../declaration.ts';
import { wayOf } from '../supervision/ways.ts';
import { command, period, scenario } from './context.ts';

export const placeOrder = command({
  label: { zh: '下单', en: 'Place an order' },
  description: { zh: '购买在售商品，24 小时内支付。', en: 'Buy a product on sale; pay within 24 hours.' },
  by: ['buyer'],
  input: z.object({
    product: z.string().min(1).max(64),
    quantity: z.number().int().min(1).max(1_000).default(1),
    period: period.optional(),
    scenario: scenario.default('none'),
  }),
  reason: 'optional',
  facts: ['product'],
  check: ({ input, facts: { product } }) =>
    !product || product.prices[input.period?.unit ?? 'once'] !== undefined
      ? []
      : [
          {
            path: 'period',
            message: `expected one of ${Object.keys(product.prices).join(', ')}, which ${product.name} is sold by, got ${input.period?.unit ?? 'once'}`,
          },
        ],
  requires: [
    { code: 'PRODUCT_NOT_ON_SALE', met: ({ facts }) => facts.product != null, details: ({ opening }) => ({ product: String(opening?.product ?? '') }) },
    {
      code: 'WHITELIST_ONLY',
      met: ({ facts, actor }) => facts.product?.whitelist == null || facts.product.whitelist.includes(actor.party ?? ''),
      details: ({ facts }) => ({ product: facts.product?.name ?? null }),
    },
    {
      code: 'NO_DELIVERY_WAY',
      met: ({ facts }) => !facts.product?.supervised || wayOf(facts.product) !== null,
      details: ({ facts }) => ({ product: facts.product?.name ?? null, accessType: facts.product?.accessType ?? null }),
    },
  ],
  rules: ['ORD-1', 'ORD-4', 'ORD-6'],
});

export const opening: Opening = {
  name: 'placeOrder',
  command: placeOrder,
  start: ({ input, facts, actor, now }) => {
    const { product: id, quantity, period: chosen, scenario: of } = input as z.output<(typeof placeOrder)['input']>;
    const product = facts.product;
    if (!product || !actor.party) throw new Error(`expected the facts of product ${id} and a buyer's party`);
    return {
      input: {
        product: id,
        productName: product.name,
        accessType: product.accessType,
        tradeMode: product.tradeMode,
        supervised: product.supervised,
        way: product.supervised ? wayOf(product) : null,
        scenario: of,
        quantity,
        period: chosen ?? null,
        amount: (product.prices[chosen?.unit ?? 'once'] ?? 0) * quantity * (chosen?.count ?? 1),
        currency: product.currency,
        placedAt: now,
      },
      parties: { buyer: actor.party, merchant: product.merchant },
    };
  },
};
