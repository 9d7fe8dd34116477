import type { Bilingual } from '../../lifecycles/roles.ts';
import { settlementBill } from '../../lifecycles/settlementBill.ts';
import type { Source } from '../source.ts';

const states: Record<string, Bilingual> = settlementBill.states;

/** BIL-6: settlement bills, by when they were made. */
export const bills: Source = {
  header: [
    { zh: '账单号', en: 'Bill' },
    { zh: '状态', en: 'State' },
    { zh: '账期', en: 'Period' },
    { zh: '收款方', en: 'Receiver' },
    { zh: '明细数', en: 'Lines' },
    { zh: '应开票金额', en: 'To invoice' },
    { zh: '币种', en: 'Currency' },
    { zh: '生成时间（北京）', en: 'Made (Beijing)' },
  ],
  from: 'instances i',
  where: ["i.lifecycle = 'settlementBill'"],
  at: 'i.created_at',
  key: [
    ['i.created_at', 'timestamptz'],
    ['i.id', 'uuid'],
  ],
  columns: `i.number, i.state, i.buyer, i.merchant, i.context ->> 'period' as period, i.context ->> 'currency' as currency, (i.context ->> 'lines')::int as lines,
    (i.context ->> 'toInvoice')::bigint as "toInvoice", (extract(epoch from i.created_at) * 1000)::bigint as made`,
  cells: (row, language) => [
    row.number as string,
    states[row.state as string]?.[language] ?? (row.state as string),
    row.period as string,
    row.merchant as string,
    row.lines as number | null,
    { minorUnits: row.toInvoice as number | null },
    row.currency as string,
    { at: row.made as number },
  ],
};
