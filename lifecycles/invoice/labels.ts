/** What each state of an invoice is called, and who must act in it. */
export const labels = {
  applied: {
    zh: '已申请',
    en: 'Applied for',
    waitsFor: ['merchant'],
    description: { zh: '买家已申请，等待商家开具。', en: 'The buyer has applied; the merchant issues it.' },
  },
  appliedToMarketplace: {
    zh: '已向平台申请',
    en: 'Applied for at the marketplace',
    waitsFor: ['operationsManager'],
    description: { zh: '买家已申请，等待平台开具。', en: 'The buyer has applied; the marketplace issues it.' },
  },
  issued: {
    zh: '已开具',
    en: 'Issued',
    waitsFor: ['merchant'],
    description: { zh: '商家已开具，等待寄出或发送到邮箱。', en: 'Issued by the merchant, and to be sent.' },
  },
  issuedByMarketplace: {
    zh: '平台已开具',
    en: 'Issued by the marketplace',
    waitsFor: ['operationsManager'],
    description: { zh: '平台已开具，等待寄出或发送到邮箱。', en: 'Issued by the marketplace, and to be sent.' },
  },
  sent: { zh: '已发送', en: 'Sent', waitsFor: [], description: { zh: '已寄出或发送到邮箱。', en: 'On its way by courier, or sent by mail.' } },
  returned: {
    zh: '已退票',
    en: 'Returned',
    waitsFor: [],
    description: { zh: '发票已退回作废，可重新申请。', en: 'Returned and void; another may be applied for.' },
  },
  rejected: {
    zh: '已驳回',
    en: 'Rejected',
    waitsFor: [],
    description: { zh: '申请被驳回，可更正后重新申请。', en: 'The application was rejected; correct it and apply again.' },
  },
  cancelled: { zh: '已撤回', en: 'Taken back', waitsFor: [], description: { zh: '买家撤回了申请。', en: 'The buyer took the application back.' } },
  lapsed: {
    zh: '因退订失效',
    en: 'Lapsed',
    waitsFor: [],
    description: { zh: '订单的退订已同意，申请随之失效。', en: 'A refund of the order was approved, and with it the application lapsed.' },
  },
  toReverse: {
    zh: '待红冲',
    en: 'To be reversed',
    waitsFor: ['merchant'],
    description: {
      zh: '开票后订单已退款，商家须红冲并登记退票。',
      en: 'The order was refunded after it was issued; the merchant reverses it and records its return.',
    },
  },
  toReverseByMarketplace: {
    zh: '待平台红冲',
    en: 'To be reversed by the marketplace',
    waitsFor: ['operationsManager'],
    description: {
      zh: '开票后订单已退款，平台须红冲并登记退票。',
      en: 'The order was refunded after it was issued; the marketplace reverses it and records its return.',
    },
  },
  submitted: {
    zh: '待收票',
    en: 'On its way',
    waitsFor: ['operationsManager'],
    description: { zh: '收单方已开具，等待平台收到。', en: 'Issued by the bill’s receiver; the marketplace waits for it.' },
  },
  received: {
    zh: '待核验',
    en: 'Received',
    waitsFor: ['operationsManager'],
    description: { zh: '已收到，等待核验。', en: 'Here, and to be verified.' },
  },
  verified: { zh: '核验通过', en: 'Verified', waitsFor: [], description: { zh: '与账单一致。', en: 'It agrees with its bill.' } },
  refused: { zh: '核验未通过', en: 'Refused', waitsFor: [], description: { zh: '有误，收单方重新开具。', en: 'Wrong; the bill’s receiver issues another.' } },
} as const;
