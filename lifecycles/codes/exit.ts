import type { Bilingual } from '../roles.ts';

/** Merchants, their products and their exit: MER-2, ORD-6, PRD-6, EXT-1 to EXT-3. */
export const exitCodes = {
  MERCHANT_FROZEN: {
    zh: '商家账户已{standing}，仅可查看；“{command}”不能进行。退款、申诉、工单、发票和结算照常（EXT-3）。',
    en: 'The merchant account is {standing} and can only read: "{command}" is not possible. Refunds, appeals, tickets, invoices and settlement go on (EXT-3).',
  },
  MERCHANT_EXITING: {
    zh: '商家 {merchant} 不在正常经营（已冻结、清退或正在退出），其商品不能上架（EXT-2、EXT-3）。',
    en: 'Merchant {merchant} does not trade (it is frozen, cleared out or about to leave), so nothing of it can go on sale (EXT-2, EXT-3).',
  },
  ACCOUNT_UNKNOWN: {
    zh: '没有商家账户 {account}，请核对账户。',
    en: 'There is no merchant account {account}; check the account.',
  },
  ONBOARDED_ALREADY: {
    zh: '账户 {account} 已入驻或已退出；退出的账户不能再次申请（EXT-2）。',
    en: 'Account {account} is a merchant already, or has left for good: an account that has left cannot apply again (EXT-2).',
  },
  FROZEN_BY_EXIT: {
    zh: '{number} 因退出 {exit} 冻结，退出不可恢复，不能解冻（EXT-2）。',
    en: '{number} is frozen by its exit {exit}, which is for good (EXT-2).',
  },
  EXIT_UNDER_WAY: {
    zh: '商家已有退出 {exit} 正在办理或已完成，退出只申请一次（EXT-2）。',
    en: 'The exit {exit} of this merchant is under way or done; an exit is applied for once (EXT-2).',
  },
  EXIT_ORDERS_RUNNING: {
    zh: '还有 {count} 个订单在履约中：{numbers}。请等其完成或取消；按需服务须先终止（endUse）（EXT-1）。',
    en: 'Expected no order being fulfilled, got {count}: {numbers}. Wait until they are completed or cancelled; end services sold by use with notice (endUse) (EXT-1).',
  },
  EXIT_UNSETTLED: {
    zh: '还有 {count} 个订单未结算：{numbers}。请等其账单付款（EXT-1）。',
    en: 'Expected no unsettled order, got {count}: {numbers}. Wait until their bills are paid (EXT-1).',
  },
  EXIT_UNINVOICED: {
    zh: '还有 {count} 个订单未开票：{numbers}。请开票，或上传客户无需发票的证明（EXT-1）。',
    en: 'Expected an invoice for each order, got {count} without: {numbers}. Issue them, or upload proof that the customer needs none (EXT-1).',
  },
  EXIT_PRODUCTS_LISTED: {
    zh: '还有 {count} 个商品在售：{numbers}。请先下架（EXT-1）。',
    en: 'Expected no product on sale, got {count}: {numbers}. Delist them first (EXT-1).',
  },
  EXIT_AFTER_SALE: {
    zh: '还有 {count} 项退款、申诉、发票或账单未办结：{numbers}。办结后才能清退（EXT-3）。',
    en: 'Expected all refunds, appeals, invoices and bills to be done, got {count} that go on: {numbers}. Clear out when they are done (EXT-3).',
  },
  ORDER_NOT_PAID: {
    zh: '订单 {number} 未支付，无需开票证明（EXT-1）。',
    en: 'Expected a paid order, got {number}: what is not paid needs no invoice (EXT-1).',
  },
  PRODUCT_UNKNOWN: {
    zh: '该商家没有商品 {product}，请核对商品与商家。',
    en: 'This merchant has no product {product}; check both.',
  },
  PRODUCT_LISTED_ALREADY: {
    zh: '商品 {product} 已上架过，请用“重新上架”。',
    en: 'Product {product} has been listed before; put it back on sale with relistProduct.',
  },
  PRODUCT_HIDDEN_ALREADY: {
    zh: '商品 {product} 已隐藏（ORD-6）。',
    en: 'Product {product} is hidden already (ORD-6).',
  },
  PRODUCT_SHOWN_ALREADY: {
    zh: '商品 {product} 未隐藏（ORD-6）。',
    en: 'Product {product} is not hidden (ORD-6).',
  },
  PRODUCT_RETIRED: {
    zh: '商品 {product} 已退市，无需再申请。',
    en: 'Product {product} is retired already.',
  },
  DEBUGGING_NEEDED: {
    zh: '商品 {product} 因接口失败停售（{since}），须先通过接口调试（PRD-6）。',
    en: 'Product {product} went off sale through its interface at {since}; expected passed debugging since (PRD-6).',
  },
} as const satisfies Record<string, Bilingual>;
