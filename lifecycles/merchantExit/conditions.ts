import type { Code } from '../codes.ts';
import type { Given, Requirement } from '../declaration.ts';
import type { Bilingual } from '../roles.ts';

/**
 * EXT-1: what can stand in the way of an exit, by kind. `orders` are being fulfilled, or sold by use and not ended, `unsettled` are paid but not
 * settled, `uninvoiced` have cost more than is invoiced without proof that the customer needs no invoice, `listed` are products on sale,
 * `afterSale` are refunds, appeals, invoices and bills that still go on (EXT-3).
 */
export const kinds = {
  orders: { zh: '履约中的订单', en: 'Orders being fulfilled' },
  unsettled: { zh: '未结算的订单', en: 'Unsettled orders' },
  uninvoiced: { zh: '未开票且无免开票证明的订单', en: 'Orders without an invoice, or proof that none is needed' },
  listed: { zh: '仍在售的商品', en: 'Products still on sale' },
  afterSale: { zh: '未办结的退款、申诉、发票与账单', en: 'Refunds, appeals, invoices and bills that still go on' },
} as const satisfies Record<string, Bilingual>;

export type ObstacleKind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as ObstacleKind[];

/** Per kind: how many there are, and the numbers of the first. */
export type Obstacles = Record<ObstacleKind, { count: number; first: string[] }>;

export const nothingInTheWay = Object.fromEntries(kindNames.map((kind) => [kind, { count: 0, first: [] }])) as unknown as Obstacles;

/** Which step each stops: EXT-1's application, the freeze, the clearing out. */
export const stops = {
  apply: ['orders', 'unsettled', 'uninvoiced'],
  freeze: ['orders', 'unsettled', 'uninvoiced', 'listed'],
  clear: ['orders', 'unsettled', 'uninvoiced', 'listed', 'afterSale'],
} as const satisfies Record<string, readonly ObstacleKind[]>;

const codes = {
  orders: 'EXIT_ORDERS_RUNNING',
  unsettled: 'EXIT_UNSETTLED',
  uninvoiced: 'EXIT_UNINVOICED',
  listed: 'EXIT_PRODUCTS_LISTED',
  afterSale: 'EXIT_AFTER_SALE',
} as const satisfies Record<ObstacleKind, Code>;

const detailsOf =
  (kind: ObstacleKind) =>
  ({ facts: { obstacles } }: Given) => {
    const { count = 0, first = [] } = obstacles?.[kind] ?? {};
    return { count, numbers: first.join(', ') + (count > first.length ? ' …' : '') };
  };

/** The conditions of one step as requirements, each with a code of its own and the numbers of what is in the way. */
export const conditionsOf = (step: keyof typeof stops): Requirement[] =>
  stops[step].map((kind) => ({ code: codes[kind], met: ({ facts }) => (facts.obstacles?.[kind].count ?? 0) === 0, details: detailsOf(kind) }));
