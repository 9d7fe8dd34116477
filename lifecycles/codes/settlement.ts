import type { Bilingual } from '../roles.ts';

/** Why a bill, an invoice or a statement letter is not possible (BIL-1 to BIL-10). */
export const settlementCodes = {
  BILL_EXISTS: {
    zh: '该方 {period} 的账单 {number} 已存在；差异请通过工单进入下期账单（BIL-2）。',
    en: 'That party has bill {number} for {period} already; a difference goes by ticket into the next bill (BIL-2).',
  },
  COUNTERSIGN_BY_ANOTHER: {
    zh: '{number} 由 {sentBy} 发送，须由另一位运营经理会签（BIL-3、ACT-3）。',
    en: '{number} was sent by {sentBy}; another operations manager must countersign it (BIL-3, ACT-3).',
  },
  DIFFERENCE_OVER_SHARE: {
    zh: '订单 {order} 的差异为 {got} 分，超过{whose}现有的 {expected} 分；请驳回后重新登记（BIL-3）。',
    en: 'Expected a difference of order {order} of at most {expected}, which {whose} has of it now, got {got} (minor units); reject it and record it anew (BIL-3).',
  },
  ORDER_UNPAID: {
    zh: '订单 {number} 尚未支付，不能申请发票；请先支付（BIL-4）。',
    en: 'Order {number} is not paid, so there is nothing to invoice yet; pay it first (BIL-4).',
  },
  NOTHING_TO_INVOICE: {
    zh: '订单 {number} 至今没有已支付的款项，也没有已扣的用量费用，无需开票（BIL-4）。',
    en: 'Order {number} has cost nothing so far, neither when it was placed nor by its use, so there is nothing to invoice (BIL-4).',
  },
  INVOICE_AFTER_REFUND: {
    zh: '订单 {number} 的退订 {refund} 已于 {since} 同意，不能再开票（REF-2）。',
    en: 'Refund {refund} of order {number} was approved at {since}; it can no longer be invoiced (REF-2).',
  },
  INVOICE_ISSUED: {
    zh: '{number} 的发票 {invoice} 已于 {since} 开具，须先退票才能退款（REF-2、SUP-6）。',
    en: 'Invoice {invoice} of {number} was issued at {since}; it must be returned before money goes back (REF-2, SUP-6).',
  },
  INVOICE_EXISTS: {
    zh: '订单 {number} 已有发票 {invoice}，没有未开票的金额；退票、驳回、撤回后，或产生新的用量费用后才能再申请（BIL-4、BIL-5）。',
    en: 'Order {number} has invoice {invoice} already, and nothing is left to invoice; apply again once it is returned, rejected or taken back, or more was used (BIL-4, BIL-5).',
  },
  NOT_ISSUER: {
    zh: '{number} 由{issuer}开具，请等待其处理（BIL-4）。',
    en: '{number} is issued by {issuer}, who must do this (BIL-4).',
  },
  INVOICE_NOT_ISSUED: {
    zh: '发票 {number} 的状态为 {state}，只有已开具且未退票的发票可以申请说明函（BIL-5）。',
    en: 'Invoice {number} is {state}; a statement letter is about an invoice that is issued and not returned (BIL-5).',
  },
  NOT_BILLED: {
    zh: '订单 {order} 尚未出账：{why}；预计 {until} 出账后才能开票（BIL-9）。',
    en: 'Order {order} is not billed yet: {why}. It can be invoiced once it is billed, expected at {until} (BIL-9).',
  },
  BILL_NOT_AWAITING_INVOICE: {
    zh: '订单 {order} 所在账单 {number} 的状态为 {state}，只有“待开票”的账单可以开票（BIL-9）。',
    en: 'Order {order} is on bill {number}, which is {state}; only a bill that awaits its invoice can be invoiced (BIL-9).',
  },
  INVOICED_TO_BUYER: {
    zh: '订单 {order} 为 2018-11-01 起支付的通用商品，由商家向买家开票，不向平台开票（BIL-4）。',
    en: 'Order {order} is a general product paid for from 2018-11-01 on: the merchant invoices its buyer, not the marketplace (BIL-4).',
  },
} as const satisfies Record<string, Bilingual>;
