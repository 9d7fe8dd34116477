import { z } from 'zod';
import { type InstanceRow, instanceByNumber, instancesByFamily } from '../db/read/instances.ts';
import type { Reader } from '../db/read/reader.ts';
import { clausesOf, wrongField } from '../lifecycles/problem.ts';
import { stateOf } from '../lifecycles/registry.ts';
import type { Caller } from './authenticate.ts';
import { text } from './fields.ts';
import { InboundRefused } from './problems.ts';
import { compactUtc } from './times.ts';

const query = z.object({ orderId: text(100), orderLineId: text(100).optional() });

/** What of an order its merchant is told; an order without a kind was a purchase. */
const order = z.object({
  kind: z.string().default('newPurchase'),
  product: z.string(),
  productName: z.string().default(''),
  sku: z.string().nullish(),
  quantity: z.number().default(1),
  amount: z.number(),
  currency: z.string(),
  period: z.object({ unit: z.enum(['month', 'year']), count: z.number() }).nullish(),
  validUntil: z.number().nullish(),
  newExpiry: z.number().nullish(),
  merchantInstance: z.string().nullish(),
});

/** The interface's words for our order kinds (ORD-3); what is not here is NEW, and charged once or by its period. */
const orderTypes: Record<string, string> = {
  trial: 'TRIAL',
  trialToPaid: 'TRIAL_TO_FORMAL',
  renewal: 'RENEW',
  upgrade: 'CHANGE',
  expansion: 'CHANGE',
  refill: 'CHANGE',
};
const chargingModes: Record<string, string> = { onDemand: 'ON_DEMAND', onDemandPackage: 'ON_DEMAND_PKG', stopWhenUsedUp: 'ON_DEMAND_PKG' };

/** order/query (V2): the order's data, which newInstance and refreshInstance only refer to. */
export function createOrderQuery({ readerFor }: { readerFor: (caller: Caller) => Reader }) {
  return async function orderQuery(caller: Caller, given: unknown): Promise<Record<string, unknown>> {
    const read = query.safeParse(given);
    if (!read.success)
      throw new InboundRefused('BODY_INVALID', { got: clausesOf([wrongField('orderId', { zh: '应为订单号', en: 'expected the order’s number' })]) });
    const { orderId, orderLineId } = read.data;
    const reader = readerFor(caller);
    const row = await instanceByNumber(reader, orderId);
    if (row?.instance.lifecycle !== 'order') throw new InboundRefused('NOT_FOUND', { got: `order ${orderId}` });
    const family = await instancesByFamily(reader, [row.instance.family]);
    return { orderInfo: shown(row, family, orderLineId ?? orderId) };
  };
}

function shown(
  { instance: { number, context, value, parties }, createdAt }: InstanceRow,
  family: readonly InstanceRow[],
  orderLineId: string,
): Record<string, unknown> {
  const given = order.parse(context);
  const bought = family.find(({ instance }) => instance.lifecycle === 'serviceInstance')?.instance.context as { validUntil?: number | null } | undefined;
  const until = given.newExpiry ?? given.validUntil ?? bought?.validUntil;
  return {
    orderId: number,
    orderType: orderTypes[given.kind] ?? 'NEW',
    orderState: stateOf(value),
    createTime: compactUtc(createdAt),
    customerId: parties.buyer,
    orderLine: [
      {
        orderLineId,
        chargingMode: chargingModes[given.kind] ?? (given.period ? 'PERIOD' : 'ONE_TIME'),
        ...(given.period ? { periodType: given.period.unit, periodNumber: given.period.count } : {}),
        ...(until ? { expireTime: compactUtc(until) } : {}),
        ...(given.merchantInstance ? { instanceId: given.merchantInstance } : {}),
        productInfo: [{ productId: given.product, productName: given.productName, skuCode: given.sku ?? '', linearValue: given.quantity }],
        // yuan with two decimals, as the interface has it; ours are 分
        currency: given.currency,
        orderAmount: (given.amount / 100).toFixed(2),
      },
    ],
  };
}
