import { z } from 'zod';
import { commandOf, type Opening, type Requirement } from '../declaration.ts';
import type { Instance } from '../instance.ts';
import { isExiting } from '../standing.ts';

const input = z.object({
  /** The merchant's record. */
  merchant: z.uuid(),
  /** The product's id in the catalogue. */
  product: z.string().min(1).max(64),
  onSale: z.boolean().default(true),
  hidden: z.boolean().default(false),
});

const named = ({ opening }: { opening?: Record<string, unknown> }) => ({ product: String(opening?.product ?? '') });
const merchantOf = ({ joined }: { joined?: Readonly<Record<string, Instance>> }) => joined?.merchant;

const requires: Requirement[] = [
  {
    code: 'PRODUCT_UNKNOWN',
    met: ({ facts, ...given }) => facts.offering != null && facts.offering.merchant === merchantOf(given)?.parties.merchant,
    details: named,
  },
  { code: 'PRODUCT_LISTED_ALREADY', met: ({ facts }) => facts.offering?.listed === false, details: named },
  {
    code: 'MERCHANT_EXITING',
    met: (given) => {
      const merchant = merchantOf(given);
      return merchant !== undefined && merchant.lifecycle === 'merchant' && merchant.value === 'active' && !isExiting(merchant.context.exit);
    },
    details: (given) => ({ merchant: merchantOf(given)?.parties.merchant ?? null }),
  },
];

/** A product of the catalogue begins its life: on sale, or off sale until it is relisted. */
export const opening = {
  name: 'listProduct',
  command: commandOf()({
    label: { zh: '商品上架', en: 'List a product' },
    description: { zh: '目录中的商品开始销售。', en: 'A product of the catalogue goes on sale.' },
    by: ['operationsManager', 'system'],
    input,
    reason: 'optional',
    facts: ['offering'],
    requires,
    rules: ['CAT-1', 'ORD-6'],
  }),
  joins: ({ merchant }: z.output<typeof input>) => ({ merchant }),
  start: ({ input: given, facts, joined, now }) => {
    const { hidden, onSale } = given as z.output<typeof input>;
    const { offering } = facts;
    const merchant = joined?.merchant?.parties.merchant;
    if (!offering || !merchant) throw new Error('expected the facts of the product and its merchant’s record');
    return {
      input: {
        product: offering.id,
        productName: offering.name,
        merchant,
        hidden,
        tradeMode: offering.tradeMode,
        whitelist: offering.whitelist,
        creditMeans: offering.creditMeans,
        onSale,
        at: now,
      },
      parties: { buyer: '', merchant },
    };
  },
} satisfies Opening;
