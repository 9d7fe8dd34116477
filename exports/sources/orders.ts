import { order } from '../../lifecycles/order.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import type { Source } from '../source.ts';

const states: Record<string, Bilingual> = order.states;
const instant = (name: string) => `(i.context ->> '${name}')::bigint as "${name}"`;
const at = (value: unknown) => ({ at: value as number | null });
const money = (value: unknown) => ({ minorUnits: value as number | null });

/** BIL-6: orders, by their placement. */
export const orders: Source = {
  header: [
    { zh: '订单号', en: 'Order' },
    { zh: '状态', en: 'State' },
    { zh: '商品', en: 'Product' },
    { zh: '买家', en: 'Buyer' },
    { zh: '商家', en: 'Merchant' },
    { zh: '数量', en: 'Quantity' },
    { zh: '金额', en: 'Amount' },
    { zh: '已支付', en: 'Paid' },
    { zh: '已退款', en: 'Refunded' },
    { zh: '币种', en: 'Currency' },
    { zh: '下单时间（北京）', en: 'Placed (Beijing)' },
    { zh: '支付时间（北京）', en: 'Paid at (Beijing)' },
    { zh: '完成时间（北京）', en: 'Completed (Beijing)' },
  ],
  from: 'instances i left join order_balances b on b.order_id = i.id',
  where: ["i.lifecycle = 'order'"],
  at: 'i.created_at',
  key: [
    ['i.created_at', 'timestamptz'],
    ['i.id', 'uuid'],
  ],
  columns: `i.number, i.state, i.buyer, i.merchant, i.context ->> 'productName' as product, (i.context ->> 'quantity')::int as quantity,
    (i.context ->> 'amount')::bigint as amount, i.context ->> 'currency' as currency, b.paid, b.refunded, ${instant('placedAt')}, ${instant('paidAt')}, ${instant('completedAt')}`,
  cells: (row, language) => [
    row.number as string,
    states[row.state as string]?.[language] ?? (row.state as string),
    row.product as string,
    row.buyer as string,
    row.merchant as string,
    row.quantity as number,
    money(row.amount),
    money(row.paid),
    money(row.refunded),
    row.currency as string,
    at(row.placedAt),
    at(row.paidAt),
    at(row.completedAt),
  ],
};
