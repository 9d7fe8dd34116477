import type { Bilingual } from '../roles.ts';

/** Ordering changes, trials and usage (ORD-3, MET-1). */
export const orderingCodes = {
  ONE_TRIAL: {
    zh: '每个账号只能试用一次，您已试用过（{number}）；请购买正式版，或将试用转正。',
    en: 'An account may try a product once, and you have ({number}). Buy it, or convert the trial.',
  },
  SCENARIO_WITHOUT_REVIEW: {
    zh: '“{product}”按“{way}”交付（{steps}），没有华为云复核，不适用场景 {got}；请改为 none（SUP-2）。',
    en: '{product} is delivered by {way} ({steps}), which has no review, so it takes no scenario: expected none, got {got} (SUP-2).',
  },
  OTHER_PRODUCT: {
    zh: '实例 {number} 不是“{product}”的实例；请选择该商品自己的实例。',
    en: 'Instance {number} is not one of {product}; choose an instance of that product.',
  },
  INSTANCE_NOT_CHANGEABLE: {
    zh: '实例 {number} 当前状态不能办理“{kind}”：已释放的实例不能变更，停用的实例只能续费、转正或追加套餐包。',
    en: 'Instance {number} cannot take "{kind}" in its present state: a released one cannot be changed, a suspended one only be renewed, converted or refilled.',
  },
  CHANGE_UNDER_WAY: {
    zh: '实例 {number} 已有进行中的变更订单 {order}；请等其完成，或先取消未支付的订单。',
    en: 'Instance {number} is being changed by order {order} already. Wait until that is done, or cancel it while it is unpaid.',
  },
  TRIAL_ONLY: { zh: '实例 {number} 不是试用实例，无需转正；请续费。', en: 'Instance {number} is no trial, so there is nothing to convert; renew it.' },
  NOT_METERED: {
    zh: '{number} 不按用量计费，没有套餐包，也没有按需单价，不接收话单（MET-3）。',
    en: '{number} is not metered: it has neither a package nor a price by the unit, so it takes no usage records (MET-3).',
  },
  WHITELIST_ACCOUNT_UNKNOWN: {
    zh: '没有 ID 为 {account}、名称为“{name}”的买家账户；请核对两者（ORD-6）。',
    en: 'There is no buyer’s account {account} named "{name}"; check both (ORD-6).',
  },
  WHITELIST_FULL: {
    zh: '商品 {product} 的白名单已有 {most} 个账户；请先移出不再需要的。',
    en: 'The whitelist of {product} has {most} accounts already; take off those that are no longer needed.',
  },
  WHITELIST_EMPTY: { zh: '商品 {product} 的白名单已空，无账户可移出。', en: 'The whitelist of {product} is empty; there is no account to take off.' },
  NOT_ON_WHITELIST: { zh: '账户 {account} 不在白名单中。', en: 'Account {account} is not on the whitelist.' },
  NO_WHITELIST: { zh: '商品 {product} 没有白名单，所有账户均可购买。', en: 'Product {product} has no whitelist; any account can buy it.' },
  BUYER_ACCOUNT_NEEDED: {
    zh: '“{product}”按用量从账户余额扣费，需要一个 {currency} 账户；请先开通账户（openBuyerAccount）并充值（MET-2）。',
    en: 'The use of {product} is taken from an account balance in {currency}; open an account first (openBuyerAccount) and top it up (MET-2).',
  },
  IN_ARREARS: {
    zh: '账户 {number} 余额不足；请先充值（MET-2）。',
    en: 'Account {number} does not cover what was used; top it up first (MET-2).',
  },
  NOT_IN_ARREARS: { zh: '{number} 没有欠费，无需结清。', en: '{number} is not in arrears, so there is nothing to settle.' },
  ACCOUNT_OPEN_ALREADY: {
    zh: '您已有 {currency} 账户（{number}）；每种货币一个。',
    en: 'You have an account in {currency} already ({number}); there is one per currency.',
  },
  TOP_UP_KNOWN: {
    zh: '流水号为 {reference} 的充值已于 {at} 入账，无需重复。',
    en: 'The top-up with reference {reference} was booked at {at}; it counts once. Do not send it again.',
  },
  BALANCE_TOO_LOW: {
    zh: '扣减 {got} 分超过账户余额 {expected} 分；更正不能使账户欠费。',
    en: 'A deduction of {got} is more than the balance of {expected} (minor units); a correction leaves no arrears.',
  },
  NOT_BY_USE: {
    zh: '{number} 不是无期限的按需服务，到期自动停用，无需终止（MET-2）。',
    en: '{number} is not sold by use without a period: it stops when its period ends, or by a refund, and needs no end of its own (MET-2).',
  },
  SERVICE_ENDS: {
    zh: '{number} 将于 {until} 终止，不再接受变更或续购；请另行购买。',
    en: '{number} ends at {until} and takes no further order; buy another one.',
  },
  USE_ENDED: {
    zh: '{number} 已于 {until} 终止，上报时限过后释放，无需再次终止（MET-2）。',
    en: '{number} ended at {until} already and is released once its last use may have been reported; there is nothing left to end (MET-2).',
  },
  USE_AFTER_END: {
    zh: '{number} 于 {until} 终止，该话单的用量至 {got}；请用新的 meteringId 只上报终止前的用量（MET-2、MET-3）。',
    en: '{number} ends at {until}, and this record is of use until {got}; report what was used until the end alone, under a new meteringId (MET-2, MET-3).',
  },
  USE_ENDS_ALREADY: {
    zh: '{number} 已通知买家，将于 {until} 终止；只有买家可以提前终止。',
    en: 'The end of {number} is announced for {until} already; only its buyer can end it earlier.',
  },
  PACKAGE_LEFT: {
    zh: '{number} 的套餐包还有余量，买家已付费，不能由商家终止；请等其用完或由买家终止。',
    en: 'Something is left of what was paid for with the packages of {number}; wait until it is used, or for its buyer to end it.',
  },
  NO_INTERFACE: {
    zh: '{number} 的商家没有生产接口，登录信息由商家另行提供。',
    en: 'The merchant of {number} has no production interface; it hands over the credentials itself.',
  },
  NO_PERIOD: { zh: '{number} 没有有效期，无需延长。', en: '{number} has no period that could be extended.' },
  NOT_FROZEN_BY_OPERATOR: {
    zh: '{number} 不是由运营冻结的；到期的请续费，用完的请追加套餐包。',
    en: '{number} was not frozen by an operator: renew what has expired, refill what is used up.',
  },
} as const satisfies Record<string, Bilingual>;
