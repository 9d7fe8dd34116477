import { type KeyObject, sign } from 'node:crypto';
import { sha256 } from '../db/chain.ts';
import { keyIdOf } from '../db/heads.ts';
import { canonical } from '../lifecycles/canonical.ts';
import { beijing, beijingDay, escaped, factsOf, money, pageEnd, pageStart } from './html.ts';

/** What a statement letter says (BIL-5): an invoice that is issued, and what for. */
export type Letter = {
  number: string;
  invoice: string;
  invoiceCode: string | null;
  invoiceNumber: string;
  /** The order or bill that is invoiced. */
  about: string;
  amount: number;
  currency: string;
  title: string | null;
  issuedAt: number | null;
  requestedAt: number;
};

/** A letter and its seal: the marketplace's Ed25519 signature of the statement that the page shows, in one text that never differs. */
export function letterOf(letter: Letter, key: KeyObject): string {
  const statement = canonical(letter);
  const { number, invoice, invoiceCode, invoiceNumber, about, amount, currency, title, issuedAt, requestedAt } = letter;
  return [
    pageStart('开票说明函 Statement letter'),
    `<p>兹说明：下述发票已就云商店业务 ${escaped(about)} 开具，金额与内容属实。<br>This states that the invoice below was issued for ${escaped(about)} of the marketplace.</p>\n`,
    factsOf({
      '说明函编号 Letter': number,
      '发票 Invoice': invoice,
      '发票代码 Code': invoiceCode,
      '发票号码 Number': invoiceNumber,
      '抬头 Title': title,
      '价税合计 Amount with tax': `${currency} ${money(amount)}`,
      '开票日期 Issued on': issuedAt === null ? null : beijingDay(issuedAt),
      '申请时间 Requested at': `${beijing(requestedAt)}（北京时间 Beijing）`,
    }),
    '<div class="seal"><strong>电子签章 Electronic seal (Ed25519)</strong><br>',
    `密钥 Key: ${keyIdOf(key)}<br>签名 Signature: ${sign(null, Buffer.from(statement), key).toString('base64')}<br>`,
    `SHA-256: ${sha256(statement)}<pre id="statement">${escaped(statement)}</pre></div>\n`,
    pageEnd,
  ].join('');
}
