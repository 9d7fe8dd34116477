import type { BillLineRow } from '../db/read/bills.ts';
import { beijing, beijingDay, escaped, factsOf, money, pageEnd, pageStart } from './html.ts';

export type ListedBill = {
  number: string;
  /** The receiver, by name. */
  receiver: string;
  period: string;
  currency: string;
  /** What is invoiced to the marketplace, in minor units (分), with tax. */
  toInvoice: number;
  sentAt: number | null;
};

/**
 * The invoicing list 开票清单 of a bill (BIL-10): printed, it goes with the paper invoice to the address that it shows. Only the lines that
 * are invoiced to the marketplace (BIL-4); read as they come, so that 100,000 of them take no memory.
 * @param address where paper invoices are sent; null: none is set
 */
export async function* invoicingListOf(bill: ListedBill, lines: AsyncIterable<readonly BillLineRow[]>, address: string | null): AsyncGenerator<string> {
  const { number, receiver, period, currency, toInvoice, sentAt } = bill;
  yield pageStart(`开票清单 Invoicing list ${escaped(number)}`);
  yield factsOf({
    '账单 Bill': number,
    '开票方 Invoiced by': receiver,
    '账期 Period': period,
    '发送时间 Sent at': sentAt === null ? null : `${beijing(sentAt)}（北京时间 Beijing）`,
    '开票金额（价税合计） To invoice, with tax': `${currency} ${money(toInvoice)}`,
    '发票邮寄地址 Send the paper invoice to': address ?? '未设置，请联系运营经理 Not set: ask the operations manager',
  });
  yield '<table><thead><tr><th>行 Line</th><th>订单 Order</th><th>商品 Product</th><th>日期 Date</th><th>已付 Paid</th><th>已退 Refunded</th><th>开票金额 To invoice</th></tr></thead><tbody>\n';
  let sum = 0;
  for await (const page of lines) {
    const listed = page.filter(({ invoiceTo }) => invoiceTo === 'marketplace');
    sum += listed.reduce((so, { net }) => so + net, 0);
    yield listed.map(rowOf).join('');
  }
  yield `</tbody><tfoot><tr><th colspan="6">合计 Total</th><td class="money">${money(sum)}</td></tr></tfoot></table>\n`;
  yield pageEnd;
}

const rowOf = ({ no, orderNumber, product, effectiveAt, paid, refunded, net }: BillLineRow): string =>
  `<tr><td>${no}</td><td>${escaped(orderNumber)}</td><td>${escaped(product)}</td><td>${beijingDay(effectiveAt)}</td>${[paid, refunded, net]
    .map((amount) => `<td class="money">${money(amount)}</td>`)
    .join('')}</tr>\n`;
