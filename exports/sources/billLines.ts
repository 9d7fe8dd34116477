import type { ChargeKind } from '../../db/schema/bills.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import type { Source } from '../source.ts';

const kinds: Record<ChargeKind, Bilingual> = {
  earned: { zh: '结算', en: 'Earned' },
  refunded: { zh: '退订', en: 'Refunded' },
  difference: { zh: '差异', en: 'Difference' },
  carriedForward: { zh: '结转', en: 'Carried forward' },
};

/** BIL-6: the lines of bills 账单明细, by the instant that says which month each belongs to. */
export const billLines: Source = {
  header: [
    { zh: '账单号', en: 'Bill' },
    { zh: '行号', en: 'Line' },
    { zh: '订单号', en: 'Order' },
    { zh: '商品', en: 'Product' },
    { zh: '类型', en: 'Kind' },
    { zh: '已支付', en: 'Paid' },
    { zh: '已退款', en: 'Refunded' },
    { zh: '分成（万分比）', en: 'Share (basis points)' },
    { zh: '应得', en: 'Net' },
    { zh: '币种', en: 'Currency' },
    { zh: '归属时间（北京）', en: 'Effective (Beijing)' },
  ],
  from: 'bill_lines l join instances i on i.id = l.bill_id',
  where: [],
  at: 'l.effective_at',
  key: [
    ['l.bill_id', 'uuid'],
    ['l.no', 'int'],
  ],
  columns: `i.number, i.buyer, i.merchant, l.no, l.order_number as "orderNumber", l.product, l.kind, l.paid, l.refunded, l.share_bp as "shareBp", l.net, l.currency,
    (extract(epoch from l.effective_at) * 1000)::bigint as "effectiveAt"`,
  cells: (row, language) => [
    row.number as string,
    row.no as number,
    row.orderNumber as string,
    row.product as string,
    kinds[row.kind as ChargeKind][language],
    { minorUnits: row.paid as number },
    { minorUnits: row.refunded as number },
    row.shareBp as number | null,
    { minorUnits: row.net as number },
    row.currency as string,
    { at: row.effectiveAt as number },
  ],
};
