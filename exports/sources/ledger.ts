import { ledgerRule } from '../../db/read/ledger.ts';
import type { Account } from '../../lifecycles/ledger.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import type { Source } from '../source.ts';

const accounts: Record<Account, Bilingual> = {
  buyer: { zh: '买家', en: 'Buyer' },
  bank: { zh: '银行', en: 'Bank' },
  held: { zh: '担保款', en: 'Held' },
  reserved: { zh: '退款准备', en: 'Reserved for a refund' },
  merchant: { zh: '商家应得', en: 'Merchant' },
  platform: { zh: '平台佣金', en: 'Platform' },
  balance: { zh: '账户余额', en: 'Prepaid balance' },
};

/** REF-5, BIL-8: every movement of money, by its instant. */
export const ledger: Source = {
  header: [
    { zh: '时间（北京）', en: 'Time (Beijing)' },
    { zh: '订单号', en: 'Order' },
    { zh: '从', en: 'From' },
    { zh: '到', en: 'To' },
    { zh: '金额', en: 'Amount' },
    { zh: '币种', en: 'Currency' },
    { zh: '买家', en: 'Buyer' },
    { zh: '商家', en: 'Merchant' },
  ],
  from: 'ledger l join instances i on i.id = l.order_id',
  where: [],
  rule: ledgerRule,
  at: 'l.at',
  key: [
    ['l.at', 'timestamptz'],
    ['l.instance_id', 'uuid'],
    ['l.revision', 'int'],
    ['l.no', 'int'],
  ],
  columns: `(extract(epoch from l.at) * 1000)::bigint as at, i.number, l.from_account as "from", l.to_account as "to", l.amount, l.currency, i.buyer, i.merchant`,
  cells: (row, language) => [
    { at: row.at as number },
    row.number as string,
    accounts[row.from as Account][language],
    accounts[row.to as Account][language],
    { minorUnits: row.amount as number },
    row.currency as string,
    row.buyer as string,
    row.merchant as string,
  ],
};
