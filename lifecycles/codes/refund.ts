import type { Bilingual } from '../roles.ts';

/** Why a refund is not possible (REF-1 to REF-5): what decided it, and since when. */
export const refundCodes = {
  NOT_AN_ORDER: {
    zh: '{number} 不是订单；请按订单申请退订。',
    en: '{number} is no order; ask for the refund of an order.',
  },
  ORDER_NOT_PAID: {
    zh: '订单 {number} 尚未支付，无可退订；不需要时请取消订单（ORD-4）。',
    en: 'Order {number} is not paid, so nothing can be refunded; cancel it when you do not want it (ORD-4).',
  },
  CHANGE_NOT_REFUNDED: {
    zh: '{kind}订单 {number} 已即时生效，不能单独退订；请退订原订单（REF-1）。',
    en: 'Order {number} ({kind}) took effect at once and is not refunded by itself; ask for the refund of the purchase (REF-1).',
  },
  NOTHING_PAID: {
    zh: '订单 {number} 的应付金额为 0，无款可退。',
    en: 'Order {number} cost nothing, so there is nothing to pay back.',
  },
  ORDER_REFUNDED: {
    zh: '订单 {number} 已于 {since} 退款并结束（REF-5）。',
    en: 'Order {number} was refunded at {since} and has ended (REF-5).',
  },
  REFUND_UNDER_WAY: {
    zh: '订单 {number} 的退订 {refund} 自 {since} 起正在进行；请等待结果或先撤回（REF-2）。',
    en: 'Refund {refund} of order {number} is under way since {since}; wait for it, or withdraw it first (REF-2).',
  },
  SUPERVISION_FINISHED: {
    zh: '订单 {number} 的服务监管已于 {since} 完成，担保期结束，不能再退订；请提交售后工单（REF-2、SUP-10）。',
    en: 'The supervision of order {number} was finished at {since}, and with it the guarantee period; raise a support ticket (REF-2, SUP-10).',
  },
  REFUND_AFTER_ACCEPTANCE: {
    zh: '订单 {number} 已于 {since} 验收，验收后不能再退订；监管完成前可以申诉（SUP-4、SUP-5）。',
    en: 'Order {number} was accepted at {since}; from then on no refund is possible. Until supervision finishes you may appeal (SUP-4, SUP-5).',
  },
  REFUND_FROZEN: {
    zh: '订单 {number} 的监管自 {since} 起因申诉冻结；请等待裁决或撤回申诉后再申请退订（REF-2）。',
    en: 'The supervision of order {number} is frozen by an appeal since {since}; ask again after the decision or the withdrawal (REF-2).',
  },
  LICENCE_CODE_CLAIMED: {
    zh: '订单 {number} 的授权码已于 {since} 领取，不能再协商退订；有争议请申诉（SUP-2、REF-2）。',
    en: 'The authorisation code of order {number} was claimed at {since}, so a refund can no longer be negotiated; appeal if you disagree (SUP-2, REF-2).',
  },
  ORDER_NOT_OPENED: {
    zh: '订单 {number} 正在开通（{since} 支付），开通成功后才能退订；开通失败会自动全额退款（ORD-4）。',
    en: 'Order {number}, paid at {since}, is being opened; ask again once it is open. An opening that fails is refunded in full by itself (ORD-4).',
  },
  ORDER_EXPIRED: {
    zh: '订单 {number} 的有效期已于 {since} 结束，不能退订（REF-2）。',
    en: 'The validity of order {number} ended at {since}; it can no longer be refunded (REF-2).',
  },
  RENEWAL_IN_EFFECT: {
    zh: '续费订单 {number} 已于 {since} 生效，不能退订；未生效的续费才能全额退订（REF-1）。',
    en: 'Renewal {number} is in effect since {since}; only a renewal that is not yet in effect is refunded, in full (REF-1).',
  },
  RENEWED_AGAIN: {
    zh: '续费订单 {number} 之后，实例 {instance} 的有效期已再次变更（现至 {until}）；请先退订较晚的续费，如为无订单的延期请联系运营经理（REF-1）。',
    en: 'The period of {instance} was moved again after {number} (now until {until}); ask for the refund of a later renewal first, or turn to an operations manager if it was extended without an order (REF-1).',
  },
  NO_REFUND_OF_TYPE: {
    zh: '订单 {number} 的商品（{accessType}，无服务监管）没有退订期：只有无监管的 SaaS 和镜像支持 {within}无理由退订（REF-1a）。',
    en: 'The product of order {number} ({accessType}, unsupervised) has no time for refunds: only unsupervised SaaS and images have {within} (REF-1a).',
  },
  NO_GUARANTEE_PERIOD: {
    zh: '订单 {number} 的 {within}无理由退订期已于 {until} 结束（开通于 {since}）（REF-1a）。',
    en: 'The {within} in which order {number}, open since {since}, could be refunded without a reason ended at {until} (REF-1a).',
  },
  REFUND_LIMIT: {
    zh: '您的账户本年度（北京时间）已使用 {used} 次无理由退订，上限 {expected} 次；{until} 起可再次使用（REF-1a）。',
    en: 'Your account had {used} refunds without a reason this calendar year (Beijing time) of {expected}; again from {until} on (REF-1a).',
  },
  REFUND_OVER_LEFT: {
    zh: '退款金额应为 1 到 {expected}（{currency}，分），即已付款中尚未退还的部分，收到的是 {got}（REF-2）。',
    en: 'Expected a refund from 1 to {expected} ({currency}, minor units), what is left of the sum paid, got {got} (REF-2).',
  },
  REFUND_IN_FULL: {
    zh: '订单 {number} 只能全额退订：应为 {expected}（{currency}，分）或不填，收到的是 {got}（REF-1）。',
    en: 'Order {number} is refunded in full: expected {expected} ({currency}, minor units) or no amount, got {got} (REF-1).',
  },
  REFUND_PENDING: {
    zh: '{number} 正在协商退订（{refund}，自 {since} 起），期间“{command}”暂停；请先处理或撤回退订（REF-3）。',
    en: 'Refund {refund} of {number} is negotiated since {since}; "{command}" waits until it is decided or withdrawn (REF-3).',
  },
  PROOF_REQUIRED: {
    zh: '{accessType} 的退订须上传沟通记录作为同意的证明（REF-3）。',
    en: 'Approving a refund of {accessType} takes proof of the agreement: upload the record of what was agreed (REF-3).',
  },
  PAYOUT_NOT_REFUSED: {
    zh: '{number} 的退款仍在支付或重试中；支付渠道最终拒绝后才能这样处理，以免重复付款（REF-5）。',
    en: 'The payout of {number} is still being tried; this is possible only after the payment provider refused it for good, so that nothing is paid twice (REF-5).',
  },
  PAYOUT_OWED: {
    zh: '{number} 由裁决或规则直接产生，退款必须支付，不能作废；请重试或登记其他方式的付款（REF-5）。',
    en: 'Refund {number} was decided or is due by the rules, so its money is owed and it cannot be called off; try again, or record a payment made another way (REF-5).',
  },
} as const satisfies Record<string, Bilingual>;
