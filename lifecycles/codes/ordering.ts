import type { Bilingual } from '../roles.ts';

/** Ordering changes, trials and usage (ORD-3, MET-1). */
export const orderingCodes = {
  ONE_TRIAL: {
    zh: '每个账号只能试用一次，您已试用过（{number}）；请购买正式版，或将试用转正。',
    en: 'An account may try a product once, and you have ({number}). Buy it, or convert the trial.',
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
  NO_PERIOD: { zh: '{number} 没有有效期，无需延长。', en: '{number} has no period that could be extended.' },
  NOT_FROZEN_BY_OPERATOR: {
    zh: '{number} 不是由运营冻结的；到期的请续费，用完的请追加套餐包。',
    en: '{number} was not frozen by an operator: renew what has expired, refill what is used up.',
  },
} as const satisfies Record<string, Bilingual>;
